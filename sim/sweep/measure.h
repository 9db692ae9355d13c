// SPDX-License-Identifier: Apache-2.0
#pragma once
// A number with or without a unit, as a sweep file writes it, kept exactly: what ranges count in,
// what constraints compare, and what result columns hold.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/config/units.h"

namespace takt {

/// digits / 10^places base units of its dimension; not negative.
struct Measure {
  const Dimension* dimension = nullptr;  ///< null = a plain number
  std::uint64_t digits = 0;
  unsigned places = 0;  ///< the last digit is not 0 if there are any
};

/// "64 KiB", "1.4 GHz", "0.5", "8 cycles". Nothing if the text is no such number, is negative, or
/// does not fit.
std::optional<Measure> measure_from(std::string_view text);

/// The longest unit that `text` begins with, and what it measures.
struct KnownUnit {
  const Dimension* dimension = nullptr;
  const UnitName* unit = nullptr;
};
std::optional<KnownUnit> unit_at_start(std::string_view text);

/// As machine files write it: "64 KiB", "0.5", "200 MHz". Reads back to the same.
std::string text_of(const Measure& measure);
/// Digits alone, in base units: "65536", "0.5".
std::string base_digits(const Measure& measure);

/// Below 0, 0 or above 0, as a - b is. Of one dimension.
int compare(const Measure& a, const Measure& b);
/// Of one dimension; nothing if it does not fit.
std::optional<Measure> sum(const Measure& a, const Measure& b);
/// `factor` is a plain number; nothing if it does not fit.
std::optional<Measure> product(const Measure& a, const Measure& factor);

}  // namespace takt
