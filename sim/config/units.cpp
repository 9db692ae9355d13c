// SPDX-License-Identifier: Apache-2.0
#include "sim/config/units.h"

#include <charconv>
#include <cmath>

#include "sim/base/check.h"
#include "sim/base/math.h"

namespace takt {
namespace {

constexpr std::uint64_t kKi = 1024;
constexpr std::uint64_t kK = 1000;
constexpr std::uint64_t kValueMax = INT64_MAX;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// 10^places fits 64 bits: read_decimal allows 18 places.
std::uint64_t power_of_ten(unsigned places) {
  std::uint64_t power = 1;
  for (unsigned i = 0; i < places; ++i) power *= 10;
  return power;
}

/// value / factor in decimal if that ends within 12 places.
std::optional<std::string> exact_quotient(std::uint64_t value, const UnitName& unit) {
  const uint128 scaled = static_cast<uint128>(value) * unit.denominator;
  const uint128 whole = scaled / unit.numerator;
  uint128 rest = scaled % unit.numerator;
  std::string text = std::to_string(static_cast<std::uint64_t>(whole));
  if (rest == 0) return text;
  text += '.';
  for (int i = 0; i < 12 && rest != 0; ++i) {
    rest *= 10;
    text += static_cast<char>('0' + static_cast<int>(rest / unit.numerator));
    rest %= unit.numerator;
  }
  if (rest != 0) return std::nullopt;
  return text;
}

}  // namespace

const Dimension& size_dimension() {
  static const Dimension dimension{"a size",
                                   "bytes",
                                   "24 MiB",
                                   {{"B", 1, 1},
                                    {"kB", kK, 1},
                                    {"KiB", kKi, 1},
                                    {"MB", kK * kK, 1},
                                    {"MiB", kKi * kKi, 1},
                                    {"GB", kK * kK * kK, 1},
                                    {"GiB", kKi * kKi * kKi, 1},
                                    {"TiB", kKi * kKi * kKi * kKi, 1}}};
  return dimension;
}

const Dimension& bandwidth_dimension() {
  static const Dimension dimension{"a bandwidth",
                                   "bytes per second",
                                   "34 GB/s",
                                   {{"B/s", 1, 1},
                                    {"kB/s", kK, 1},
                                    {"MB/s", kK * kK, 1},
                                    {"MiB/s", kKi * kKi, 1},
                                    {"GB/s", kK * kK * kK, 1},
                                    {"GiB/s", kKi * kKi * kKi, 1},
                                    {"TB/s", kK * kK * kK * kK, 1}}};
  return dimension;
}

const Dimension& frequency_dimension() {
  static const Dimension dimension{
      "a frequency",
      "hertz",
      "1.4 GHz",
      {{"Hz", 1, 1}, {"kHz", kK, 1}, {"MHz", kK * kK, 1}, {"GHz", kK * kK * kK, 1}}};
  return dimension;
}

const Dimension& duration_dimension() {
  static const Dimension dimension{"a time",
                                   "femtoseconds",
                                   "100 ns",
                                   {{"fs", 1, 1},
                                    {"ps", kK, 1},
                                    {"ns", kK * kK, 1},
                                    {"us", kK * kK * kK, 1},
                                    {"ms", kK * kK * kK * kK, 1},
                                    {"s", kK * kK * kK * kK * kK, 1}}};
  return dimension;
}

const Dimension& cycles_dimension() {
  static const Dimension dimension{
      "a number of cycles", "cycles", "8 cycles", {{"cycle", 1, 1}, {"cycles", 1, 1}}};
  return dimension;
}

const Dimension& energy_dimension() {
  static const Dimension dimension{
      "an energy",
      "picojoules",
      "0.2 pJ",
      {{"fJ", 1, kK}, {"pJ", 1, 1}, {"nJ", kK, 1}, {"uJ", kK * kK, 1}}};
  return dimension;
}

const Dimension& byte_energy_dimension() {
  static const Dimension dimension{
      "an energy per byte",
      "picojoules per byte",
      "1.2 pJ/B",
      {{"fJ/B", 1, kK}, {"pJ/B", 1, 1}, {"pJ/bit", 8, 1}, {"nJ/B", kK, 1}}};
  return dimension;
}

const Dimension& power_dimension() {
  static const Dimension dimension{
      "a power", "watts", "40 W", {{"uW", 1, kK * kK}, {"mW", 1, kK}, {"W", 1, 1}, {"kW", kK, 1}}};
  return dimension;
}

const Dimension& area_dimension() {
  static const Dimension dimension{
      "an area", "square millimetres", "1.5 mm2", {{"um2", 1, kK * kK}, {"mm2", 1, 1}}};
  return dimension;
}

const Dimension& size_area_dimension() {
  static const Dimension dimension{
      "an area per size", "square millimetres per MiB", "1.5 mm2/MiB", {{"mm2/MiB", 1, 1}}};
  return dimension;
}

const Dimension& power_area_dimension() {
  static const Dimension dimension{"a power per area",
                                   "watts per square millimetre",
                                   "0.1 W/mm2",
                                   {{"mW/mm2", 1, kK}, {"W/mm2", 1, 1}}};
  return dimension;
}

NumberFault read_decimal(std::string_view text, Decimal& out) {
  out = Decimal{};
  std::size_t i = 0;
  if (i < text.size() && text[i] == '-') {
    out.negative = true;
    ++i;
  }
  const std::size_t first = i;
  bool too_large = false;
  const auto take = [&] {
    while (i < text.size() && is_digit(text[i])) {
      const auto digit = static_cast<std::uint64_t>(text[i] - '0');
      if (__builtin_mul_overflow(out.digits, std::uint64_t{10}, &out.digits) ||
          __builtin_add_overflow(out.digits, digit, &out.digits)) {
        too_large = true;
      }
      ++i;
    }
  };
  take();
  if (i == first) return NumberFault::kNotANumber;
  if (text[first] == '0' && i > first + 1) return NumberFault::kNotANumber;
  if (i < text.size() && text[i] == '.') {
    const std::size_t point = i++;
    take();
    const std::size_t places = i - point - 1;
    if (places == 0) return NumberFault::kNotANumber;
    if (places > 18) too_large = true;
    out.places = static_cast<unsigned>(places);
  }
  if (i != text.size()) return NumberFault::kNotANumber;
  return too_large ? NumberFault::kTooLarge : NumberFault::kNone;
}

SplitQuantity split_quantity(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.' ||
                               (end == 0 && (text[end] == '-' || text[end] == '+')))) {
    ++end;
  }
  std::size_t unit = end;
  while (unit < text.size() && text[unit] == ' ') ++unit;
  return {text.substr(0, end), text.substr(unit)};
}

ScaleFault to_base(const Decimal& number, const UnitName& unit, std::uint64_t& out) {
  // digits < 2^64 and numerator <= 10^15 < 2^50: the product fits 128 bits.
  const uint128 scaled = static_cast<uint128>(number.digits) * unit.numerator;
  const uint128 divisor = static_cast<uint128>(power_of_ten(number.places)) * unit.denominator;
  if (scaled / divisor > kValueMax) return ScaleFault::kTooLarge;
  if (scaled % divisor != 0) return ScaleFault::kNotWhole;
  out = static_cast<std::uint64_t>(scaled / divisor);
  return ScaleFault::kNone;
}

double to_base_real(const Decimal& number, const UnitName& unit) {
  // One rounding for the digits, one for the division: values of a few digits are exact to an ulp.
  const double scaled = static_cast<double>(number.digits) * static_cast<double>(unit.numerator);
  const double divisor =
      static_cast<double>(power_of_ten(number.places)) * static_cast<double>(unit.denominator);
  return scaled / divisor;
}

std::string format_base(std::uint64_t value, const Dimension& dimension) {
  const std::vector<UnitName>& units = dimension.units;
  // A whole number of a binary unit reads best ("24 MiB", not "25.165824 MB").
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
    const bool binary = unit->name.find('i') == 1;
    if (binary && value != 0 && value % unit->numerator == 0) {
      return std::to_string(value / unit->numerator) + " " + std::string(unit->name);
    }
  }
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
    const bool binary = unit->name.find('i') == 1;
    if (binary || unit->numerator > value * unit->denominator) continue;
    const std::optional<std::string> text = exact_quotient(value, *unit);
    if (text) return *text + " " + std::string(unit->name);
  }
  return std::to_string(value) + " " + std::string(units.front().name);
}

std::string format_real(double value, std::string_view unit) {
  // "0." + 300 digits is the longest fixed form of a double.
  char buffer[400];
  const auto result =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  CHECK(result.ec == std::errc()) << "a double has at most 330 digits";
  std::string text(buffer, result.ptr);
  if (!unit.empty()) text += " " + std::string(unit);
  return text;
}

}  // namespace takt
