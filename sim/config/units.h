// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers with units, as text: "24 MiB", "1.4 GHz", "0.2 pJ". Exact: nothing passes through a
// double that must be a whole number of base units.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takt {

/// One unit: `factor_numerator / factor_denominator` base units.
struct UnitName {
  std::string_view name;
  std::uint64_t numerator;
  std::uint64_t denominator;
};

/// What is measured; the base unit is the one of the value that comes out.
struct Dimension {
  std::string_view what;        ///< "a size", for messages
  std::string_view base;        ///< "bytes"
  std::string_view example;     ///< "24 MiB"
  std::vector<UnitName> units;  ///< ascending; the first is shown for zero
};

const Dimension& size_dimension();         ///< bytes
const Dimension& bandwidth_dimension();    ///< bytes a second
const Dimension& frequency_dimension();    ///< hertz
const Dimension& duration_dimension();     ///< femtoseconds
const Dimension& cycles_dimension();       ///< cycles of the unit's own clock
const Dimension& energy_dimension();       ///< picojoules
const Dimension& byte_energy_dimension();  ///< picojoules a byte
const Dimension& power_dimension();        ///< watts
const Dimension& area_dimension();         ///< square millimetres
const Dimension& size_area_dimension();    ///< square millimetres a MiB
const Dimension& power_area_dimension();   ///< watts a square millimetre

/// A decimal as written: digits / 10^places. Refuses exponents, leading zeros, `.5`, `+5`.
struct Decimal {
  bool negative = false;
  std::uint64_t digits = 0;
  unsigned places = 0;
};
enum class NumberFault { kNone, kNotANumber, kTooLarge };
NumberFault read_decimal(std::string_view text, Decimal& out);

/// "24 MiB" in two: "24" and "MiB". The unit is empty if there is none.
struct SplitQuantity {
  std::string_view number;
  std::string_view unit;
};
SplitQuantity split_quantity(std::string_view text);

/// In base units, if it is a whole number of them below 2^63.
enum class ScaleFault { kNone, kNotWhole, kTooLarge };
ScaleFault to_base(const Decimal& number, const UnitName& unit, std::uint64_t& out);
/// In base units, rounded to a double.
double to_base_real(const Decimal& number, const UnitName& unit);

/// The shortest exact text, in the largest unit not above the value: "24 MiB", "1.4 GHz".
std::string format_base(std::uint64_t value, const Dimension& dimension);
/// Of a real number of base units: shortest text that reads back, without exponent.
std::string format_real(double value, std::string_view unit);

}  // namespace takt
