// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/measure.h"

#include <array>

#include "sim/base/math.h"

namespace takt {
namespace {

/// 18 places are what read_decimal() allows; three more come with femtojoules.
constexpr unsigned kPlacesMax = 21;

const std::array<const Dimension*, 8>& dimensions() {
  static const std::array<const Dimension*, 8> kAll{
      &size_dimension(),   &bandwidth_dimension(), &frequency_dimension(),   &duration_dimension(),
      &cycles_dimension(), &energy_dimension(),    &byte_energy_dimension(), &power_dimension()};
  return kAll;
}

/// `digits` / 10^places without zeros at the end, if it fits.
std::optional<Measure> settled(const Dimension* dimension, uint128 digits, unsigned places) {
  while (places > 0 && digits % 10 == 0) {
    digits /= 10;
    --places;
  }
  if (digits > INT64_MAX || places > kPlacesMax) return std::nullopt;
  return Measure{dimension, static_cast<std::uint64_t>(digits), places};
}

/// The digits of `measure` at that many places, which are no fewer than its own; none: too many.
std::optional<uint128> digits_at(const Measure& measure, unsigned places) {
  constexpr uint128 kMost = static_cast<uint128>(1) << 120U;
  uint128 digits = measure.digits;
  for (unsigned i = measure.places; i < places; ++i) {
    digits *= 10;
    if (digits > kMost) return std::nullopt;
  }
  return digits;
}

}  // namespace

std::optional<KnownUnit> unit_at_start(std::string_view text) {
  KnownUnit best;
  for (const Dimension* dimension : dimensions()) {
    for (const UnitName& unit : dimension->units) {
      if (text.substr(0, unit.name.size()) != unit.name) continue;
      if (best.unit == nullptr || best.unit->name.size() < unit.name.size()) {
        best = {dimension, &unit};
      }
    }
  }
  if (best.unit == nullptr) return std::nullopt;
  return best;
}

std::optional<Measure> measure_from(std::string_view text) {
  const SplitQuantity split = split_quantity(text);
  Decimal number;
  if (read_decimal(split.number, number) != NumberFault::kNone || number.negative) {
    return std::nullopt;
  }
  if (split.unit.empty()) return settled(nullptr, number.digits, number.places);
  const std::optional<KnownUnit> known = unit_at_start(split.unit);
  if (!known || known->unit->name != split.unit) return std::nullopt;
  unsigned places = number.places;
  for (std::uint64_t d = known->unit->denominator; d > 1; d /= 10) ++places;  // 1 or 1000
  return settled(known->dimension, static_cast<uint128>(number.digits) * known->unit->numerator,
                 places);
}

std::string base_digits(const Measure& measure) {
  std::string text = std::to_string(measure.digits);
  if (measure.places == 0) return text;
  if (text.size() <= measure.places) text.insert(0, measure.places + 1 - text.size(), '0');
  return text.insert(text.size() - measure.places, 1, '.');
}

std::string text_of(const Measure& measure) {
  if (measure.dimension == nullptr) return base_digits(measure);
  if (measure.places == 0) return format_base(measure.digits, *measure.dimension);
  for (const UnitName& unit : measure.dimension->units) {
    if (unit.numerator == 1 && unit.denominator == 1) {
      return base_digits(measure) + " " + std::string(unit.name);
    }
  }
  return base_digits(measure);
}

int compare(const Measure& a, const Measure& b) {
  const unsigned places = std::max(a.places, b.places);
  const std::optional<uint128> left = digits_at(a, places), right = digits_at(b, places);
  // What is too long for the other's places has at least that many more digits before the point.
  if (!left || !right) return left ? -1 : right ? 1 : 0;
  return *left < *right ? -1 : *left > *right ? 1 : 0;
}

std::optional<Measure> sum(const Measure& a, const Measure& b) {
  const unsigned places = std::max(a.places, b.places);
  const std::optional<uint128> left = digits_at(a, places), right = digits_at(b, places);
  if (!left || !right) return std::nullopt;
  return settled(a.dimension, *left + *right, places);
}

std::optional<Measure> product(const Measure& a, const Measure& factor) {
  return settled(a.dimension, static_cast<uint128>(a.digits) * factor.digits,
                 a.places + factor.places);
}

}  // namespace takt
