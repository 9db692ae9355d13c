// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/range.h"

#include <cmath>

#include "sim/config/reader.h"

namespace takt {
namespace {

/// A number with or without unit; what it must measure is the machine's to say.
struct AnyMeasure {
  using value_type = Measure;
  static constexpr bool kNumber = true;
  std::optional<Measure> read(const Field& field) const {
    if (!field.expect_scalar("a number")) return std::nullopt;
    const std::optional<Measure> measure =
        field.node.quoted ? std::nullopt : measure_from(field.node.text);
    if (!measure) {
      field.error("E-not-a-number",
                  "expected a number such as 8 or 64 KiB, got " + field.node.describe());
    }
    return measure;
  }
  std::string format(const Measure& measure) const { return text_of(measure); }
};

std::string what_of(const Measure& measure) {
  return measure.dimension == nullptr ? "a plain number" : std::string(measure.dimension->what);
}

long double about_of(const Measure& measure) {
  return static_cast<long double>(measure.digits) / std::pow(10.0L, measure.places);
}

/// The rules that need more than one key.
bool sound(Reader& range, const Measure& from, const Measure& to,
           const std::optional<Measure>& step, const std::optional<Measure>& factor) {
  const std::size_t before = range.errors().size();
  if (step.has_value() == factor.has_value()) {
    range.error_here("E-range", "needs either 'step' or 'factor'",
                     "{from: 8, to: 64, step: 8} or {from: 8, to: 64, factor: 2}");
  }
  if (to.dimension != from.dimension) {
    range.error("to", "E-range", "is " + what_of(to) + " where 'from' is " + what_of(from));
  } else if (compare(to, from) < 0) {
    range.error("to", "E-range", "must not be less than 'from'");
  }
  if (step && step->dimension != from.dimension) {
    range.error("step", "E-range", "is " + what_of(*step) + " where 'from' is " + what_of(from));
  } else if (step && step->digits == 0) {
    range.error("step", "E-range", "must be more than 0");
  }
  if (factor && factor->dimension != nullptr) {
    range.error("factor", "E-range", "takes no unit");
  } else if (factor && compare(*factor, Measure{nullptr, 1, 0}) <= 0) {
    range.error("factor", "E-range", "must be more than 1");
  }
  if (factor && from.digits == 0) {
    range.error("from", "E-range", "must be more than 0 where a factor follows");
  }
  return range.errors().size() == before;
}

}  // namespace

std::vector<Measure> range_values(const Node& node, const std::string& path, Diagnostics& errors) {
  const std::size_t before = errors.size();
  Reader range(node, errors, nullptr, path);
  const Measure from = range.required("from", AnyMeasure{});
  const Measure to = range.required("to", AnyMeasure{});
  const bool stepped = range.has("step"), multiplied = range.has("factor");
  const std::optional<Measure> step = range.maybe("step", AnyMeasure{});
  const std::optional<Measure> factor = range.maybe("factor", AnyMeasure{});
  range.finish();
  if (errors.size() > before && (stepped || multiplied)) return {};
  if (!sound(range, from, to, step, factor) || errors.size() > before) return {};
  std::vector<Measure> values;
  for (Measure value = from; compare(value, to) <= 0;) {
    if (values.size() == kParameterValuesMax) {
      range.error_here("E-range",
                       "has more than " + std::to_string(kParameterValuesMax) + " values");
      return {};
    }
    values.push_back(value);
    const std::optional<Measure> next = step ? sum(value, *step) : product(value, *factor);
    if (next) {
      value = *next;
      continue;
    }
    // It has too many digits: before the point it is past `to`, behind it nobody could say it.
    const long double about =
        step ? about_of(value) + about_of(*step) : about_of(value) * about_of(*factor);
    if (about > about_of(to)) break;
    range.error_here("E-range", "the value after " + text_of(value) + " has too many digits",
                     "nothing is rounded: give a list of the values that are meant");
    return {};
  }
  return values;
}

}  // namespace takt
