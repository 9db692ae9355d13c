// SPDX-License-Identifier: Apache-2.0
// The types of types.h that are numbers, with and without units.
#include "sim/config/types.h"

#include <algorithm>
#include <numeric>

namespace takt {
namespace {

std::string got(const Field& field) { return ", got " + quoted_for_message(field.node.text); }

/// Why a text is not taken as a number, when that is not plain to see.
std::string number_hint(std::string_view text) {
  const SplitQuantity split = split_quantity(text);
  if (!split.unit.empty() && (split.unit[0] == 'e' || split.unit[0] == 'E')) {
    return "write the number out, without an exponent";
  }
  const std::string_view number = split.number;
  if (number.size() > 1 && number[0] == '0' && number[1] != '.') {
    return "leave out the leading zero: some programs read such numbers as octal";
  }
  return "";
}

/// A decimal without unit, or an error that says that `expected` was.
std::optional<Decimal> read_number(const Field& field, const std::string& expected) {
  if (!field.expect_scalar(expected)) return std::nullopt;
  if (field.node.quoted) {
    field.error("E-not-a-number", "expected " + expected + ", got " + field.node.describe(),
                "remove the quotes");
    return std::nullopt;
  }
  Decimal number;
  switch (read_decimal(field.node.text, number)) {
    case NumberFault::kNone: return number;
    case NumberFault::kTooLarge:
      field.error("E-out-of-range", "too large a number" + got(field));
      return std::nullopt;
    case NumberFault::kNotANumber: break;
  }
  field.error("E-not-a-number", "expected " + expected + got(field), number_hint(field.node.text));
  return std::nullopt;
}

std::string list_units(const Dimension& dimension) {
  std::string text;
  for (const UnitName& unit : dimension.units) {
    text += (text.empty() ? "" : ", ") + std::string(unit.name);
  }
  return text;
}

struct Measured {
  Decimal number;
  const UnitName* unit = nullptr;
};

/// Number and unit, or an error. Sign and zero are checked here for all quantities.
std::optional<Measured> read_measured(const Field& field, const Dimension& dimension, Zero zero) {
  const std::string what(dimension.what);
  const std::string example = "'" + std::string(dimension.example) + "'";
  if (!field.expect_scalar(what + " such as " + example)) return std::nullopt;
  const SplitQuantity split = split_quantity(field.node.text);
  Measured measured;
  const NumberFault fault = read_decimal(split.number, measured.number);
  if (fault == NumberFault::kNotANumber) {
    field.error("E-not-a-number", "expected " + what + " such as " + example + got(field),
                number_hint(field.node.text));
    return std::nullopt;
  }
  if (split.unit.empty()) {
    field.error("E-missing-unit", "needs a unit" + got(field),
                "units of " + what + ": " + list_units(dimension) + "; for example " + example);
    return std::nullopt;
  }
  for (const UnitName& unit : dimension.units) {
    if (unit.name == split.unit) measured.unit = &unit;
  }
  if (measured.unit == nullptr) {
    const std::string hint = number_hint(field.node.text);
    field.error("E-wrong-unit",
                quoted_for_message(split.unit) + " is not a unit of " + what + got(field),
                hint.empty() ? "units of " + what + ": " + list_units(dimension) : hint);
    return std::nullopt;
  }
  if (measured.number.negative || (measured.number.digits == 0 && zero == Zero::kRefused)) {
    field.error(
        "E-out-of-range",
        (zero == Zero::kRefused ? "must be more than 0" : "must not be negative") + got(field));
    return std::nullopt;
  }
  if (fault == NumberFault::kTooLarge) {
    field.error("E-out-of-range", "too large or too long a number" + got(field));
    return std::nullopt;
  }
  return measured;
}

template <class Number>
bool in_range(const Field& field, Number value, Number min, Number max, const std::string& low,
              const std::string& high) {
  if (value < min) {
    field.error("E-out-of-range", "must be at least " + low + got(field));
    return false;
  }
  if (value > max) {
    field.error("E-out-of-range", "must be at most " + high + got(field));
    return false;
  }
  return true;
}

std::optional<std::uint64_t> within(const Field& field, std::optional<std::uint64_t> value,
                                    std::uint64_t min, std::uint64_t max, const std::string& low,
                                    const std::string& high) {
  if (value && !in_range(field, *value, min, max, low, high)) return std::nullopt;
  return value;
}

template <class Value, class Base>
std::optional<Value> wrap(std::optional<Base> base) {
  if (!base) return std::nullopt;
  return Value(*base);
}

}  // namespace

std::optional<std::int64_t> Signed::read(const Field& field) const {
  const std::optional<Decimal> number = read_number(field, "a whole number");
  if (!number) return std::nullopt;
  if (number->places != 0) {
    field.error("E-not-a-number", "expected a whole number" + got(field));
    return std::nullopt;
  }
  if (number->digits > static_cast<std::uint64_t>(INT64_MAX)) {
    field.error("E-out-of-range", "too large a number" + got(field));
    return std::nullopt;
  }
  const auto magnitude = static_cast<std::int64_t>(number->digits);
  const std::int64_t value = number->negative ? -magnitude : magnitude;
  if (!in_range(field, value, min, max, std::to_string(min), std::to_string(max))) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> Whole::read(const Field& field) const {
  const auto high = static_cast<std::int64_t>(std::min<std::uint64_t>(max, INT64_MAX));
  const std::optional<std::int64_t> value =
      Signed{static_cast<std::int64_t>(min), high}.read(field);
  if (!value) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::optional<std::uint64_t> PowerOfTwo::read(const Field& field) const {
  const std::optional<std::uint64_t> value = Whole{min, max}.read(field);
  if (value && (*value & (*value - 1)) != 0) {
    field.error("E-out-of-range", "must be a power of two" + got(field));
    return std::nullopt;
  }
  return value;
}

std::optional<double> Real::read(const Field& field) const {
  const std::optional<Decimal> number = read_number(field, "a number");
  if (!number) return std::nullopt;
  const double magnitude = to_base_real(*number, UnitName{"", 1, 1});
  const double value = number->negative ? -magnitude : magnitude;
  if (!in_range(field, value, min, max, format_real(min, ""), format_real(max, ""))) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> BaseQuantity::read_base(const Field& field) const {
  const std::optional<Measured> measured = read_measured(field, dimension, zero);
  if (!measured) return std::nullopt;
  std::uint64_t value = 0;
  switch (to_base(measured->number, *measured->unit, value)) {
    case ScaleFault::kNone: return value;
    case ScaleFault::kTooLarge:
      field.error("E-out-of-range", "too large a number" + got(field));
      return std::nullopt;
    case ScaleFault::kNotWhole: break;
  }
  field.error("E-not-a-number",
              "expected a whole number of " + std::string(dimension.base) + got(field));
  return std::nullopt;
}

std::optional<double> RealQuantity::read_real(const Field& field) const {
  const std::optional<Measured> measured = read_measured(field, dimension, zero);
  if (!measured) return std::nullopt;
  return to_base_real(measured->number, *measured->unit);
}

std::optional<Bytes> Size::read(const Field& field) const {
  return wrap<Bytes>(BaseQuantity{size_dimension(), zero}.read_base(field));
}

std::optional<Bytes> PowerOfTwoSize::read(const Field& field) const {
  const std::optional<Bytes> size = Size{}.read(field);
  if (!size) return std::nullopt;
  if ((size->value() & (size->value() - 1)) != 0) {
    field.error("E-out-of-range", "must be a power of two" + got(field));
    return std::nullopt;
  }
  if (!in_range(field, size->value(), min_bytes, max_bytes, format(Bytes(min_bytes)),
                format(Bytes(max_bytes)))) {
    return std::nullopt;
  }
  return size;
}

std::optional<std::uint64_t> Bandwidth::read(const Field& field) const {
  constexpr std::uint64_t kMax = 1'000'000'000'000'000;  // twice as much, times bytes, still fits
  return within(field, BaseQuantity{bandwidth_dimension()}.read_base(field), 1, kMax, "1 B/s",
                format(kMax));
}

std::optional<std::uint64_t> Frequency::read(const Field& field) const {
  return within(field, BaseQuantity{frequency_dimension()}.read_base(field), 1, max_hz, "1 Hz",
                format(max_hz));
}

std::optional<Femtoseconds> Duration::read(const Field& field) const {
  // A second: longer than any wait in a machine, and sums of some thousands of them still fit.
  constexpr Femtoseconds kMax{1'000'000'000'000'000};
  return wrap<Femtoseconds>(within(field, BaseQuantity{duration_dimension(), zero}.read_base(field),
                                   0, kMax.value(), "0", format(kMax)));
}

std::optional<Cycles> CycleCount::read(const Field& field) const {
  return wrap<Cycles>(within(field,
                             BaseQuantity{cycles_dimension(), Zero::kAllowed}.read_base(field), 0,
                             max, "0", format(Cycles(max))));
}

std::optional<Picojoules> Energy::read(const Field& field) const {
  return wrap<Picojoules>(RealQuantity{energy_dimension(), zero}.read_real(field));
}

std::optional<Picojoules> ByteEnergy::read(const Field& field) const {
  return wrap<Picojoules>(RealQuantity{byte_energy_dimension(), zero}.read_real(field));
}

std::optional<double> Power::read(const Field& field) const {
  return RealQuantity{power_dimension(), zero}.read_real(field);
}

std::optional<double> RealOf::read(const Field& field) const {
  return RealQuantity{dimension, Zero::kRefused}.read_real(field);
}

std::optional<Fraction::value_type> Fraction::read(const Field& field) const {
  const std::string expected = "a number such as '0.5', '2' or '1/3'";
  if (!field.expect_scalar(expected)) return std::nullopt;
  const std::string_view text = field.node.text;
  const std::size_t slash = text.find('/');
  Decimal top, bottom;
  NumberFault fault = read_decimal(text.substr(0, slash), top);
  std::uint64_t denominator = 1;
  if (fault == NumberFault::kNone && slash != std::string_view::npos) {
    fault = read_decimal(text.substr(slash + 1), bottom);
    // A fraction of fractions is a slip of the pen.
    if (top.places != 0 || bottom.places != 0) fault = NumberFault::kNotANumber;
    denominator = bottom.digits;
  }
  if (fault == NumberFault::kNotANumber) {
    field.error("E-not-a-number", "expected " + expected + got(field), number_hint(text));
    return std::nullopt;
  }
  if (denominator == 0) {
    field.error("E-out-of-range", "must not divide by 0" + got(field));
    return std::nullopt;
  }
  if (top.negative || bottom.negative || top.digits == 0) {
    field.error("E-out-of-range", "must be more than 0" + got(field));
    return std::nullopt;
  }
  for (unsigned i = 0; i < top.places && fault == NumberFault::kNone; ++i) denominator *= 10;
  const std::uint64_t divisor = std::gcd(top.digits, denominator);
  if (fault == NumberFault::kTooLarge || top.digits / divisor > kDenominatorMax ||
      denominator / divisor > kDenominatorMax) {
    field.error("E-out-of-range", "must be a fraction of numbers up to " +
                                      std::to_string(kDenominatorMax) + got(field));
    return std::nullopt;
  }
  return value_type{static_cast<std::uint32_t>(top.digits / divisor),
                    static_cast<std::uint32_t>(denominator / divisor)};
}

std::string Fraction::format(value_type value) const {
  std::string text = std::to_string(value.numerator);
  if (value.denominator != 1) text += "/" + std::to_string(value.denominator);
  return text;
}

}  // namespace takt
