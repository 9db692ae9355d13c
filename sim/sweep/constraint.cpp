// SPDX-License-Identifier: Apache-2.0
// Evaluation of constraints.
#include "sim/sweep/constraint.h"

#include <algorithm>
#include <cmath>

#include "sim/config/suggest.h"

namespace takt {
namespace {

struct Scale {
  const Dimension* dimension;
  Dimensions dimensions;
  int exponent;  ///< of ten, from the dimension's base unit to bytes, seconds and joules
};

/// Femtoseconds are 10^-15 s, picojoules 10^-12 J.
Scale scale_of(const Dimension* dimension) {
  const Scale scales[] = {
      {&size_dimension(), {1, 0, 0}, 0},       {&bandwidth_dimension(), {1, -1, 0}, 0},
      {&frequency_dimension(), {0, -1, 0}, 0}, {&duration_dimension(), {0, 1, 0}, -15},
      {&energy_dimension(), {0, 0, 1}, -12},   {&byte_energy_dimension(), {-1, 0, 1}, -12},
      {&power_dimension(), {0, -1, 1}, 0},
  };
  for (const Scale& scale : scales) {
    if (scale.dimension == dimension) return scale;
  }
  return {dimension, {}, 0};
}

double power_of_ten(int exponent) { return std::pow(10.0, exponent); }

/// Both at the smaller exponent: that one's number stays as it is, and the other's grows by a power
/// of ten, so that whole numbers stay whole.
void align(Scalar& a, Scalar& b) {
  const int exponent = std::min(a.exponent, b.exponent);
  for (Scalar* q : {&a, &b}) {
    q->number *= power_of_ten(q->exponent - exponent);
    q->exponent = exponent;
  }
}

std::string name_of(const Dimensions& dimensions) {
  std::string text;
  const auto add = [&text](int exponent, const char* name) {
    if (exponent == 0) return;
    text += (text.empty() ? "" : " ") + std::string(name);
    if (exponent != 1) text += "^" + std::to_string(exponent);
  };
  add(dimensions.bytes, "byte");
  add(dimensions.seconds, "second");
  add(dimensions.joules, "joule");
  return text.empty() ? "a plain number" : "in " + text;
}

/// The errors about names that people will try.
Diagnostic unknown_key(Diagnostic d, const std::string& key, const KeyValues& values) {
  const std::vector<std::string> names = values.names();
  const std::optional<std::string> near = suggest(key, names);
  if (key == "area_mm2") {
    d.kind = ErrorKind::kUnsupported;
    d.name = "E-unsupported-feature";
    d.message = "the machine's energy table has no areas, so nothing can be held against area_mm2";
    d.hint = "add `area` to the table, as in configs/parts/energy/7nm.yaml, or constrain sizes";
    return d;
  }
  d.message = "'" + key + "' is not a number of the machine, nor a parameter";
  d.hint = near ? "did you mean '" + *near + "'?"
                : "`takt run -a ARCH -w X --dump machine` prints all keys and values";
  return d;
}

}  // namespace

Diagnostic Constraint::error(std::size_t at, std::string message, std::string hint) const {
  Diagnostic d = error_at(node_, path_, "E-constraint", std::move(message), std::move(hint));
  const std::size_t begin =
      static_cast<std::size_t>(std::max(node_.column - 1, 0)) + (node_.quoted ? 1 : 0);
  // Escapes and folded lines would shift the column: then the text as a whole is shown.
  if (node_.line > 0 && begin <= d.source_line.size() &&
      d.source_line.compare(begin, node_.text.size(), node_.text) == 0) {
    d.place.column = static_cast<int>(begin + at) + 1;
  }
  return d;
}

/// Values of the steps, one after the other.
class ConstraintEvaluation {
 public:
  ConstraintEvaluation(const Constraint& constraint, const KeyValues& values, Diagnostics& errors)
      : constraint_(constraint), keys_(values), errors_(errors) {}

  std::optional<bool> run() {
    const std::size_t errors_before = errors_.size();
    for (const Constraint::Step& step : constraint_.steps_) values_.push_back(value_of(step));
    Scalar left = values_[constraint_.left_], right = values_[constraint_.right_];
    if (errors_.size() > errors_before) return std::nullopt;
    match(left, right, constraint_.comparison_at_, "compares");
    if (!std::isfinite(left.number) || !std::isfinite(right.number)) {
      fail(constraint_.comparison_at_, "divides by zero, or is too large a number");
    }
    if (errors_.size() > errors_before) return std::nullopt;
    align(left, right);
    switch (constraint_.comparison_) {
      case Constraint::Comparison::kLess: return left.number < right.number;
      case Constraint::Comparison::kLessEqual: return left.number <= right.number;
      case Constraint::Comparison::kGreater: return left.number > right.number;
      case Constraint::Comparison::kGreaterEqual: return left.number >= right.number;
      case Constraint::Comparison::kEqual: return left.number == right.number;
      case Constraint::Comparison::kNotEqual: return left.number != right.number;
    }
    return std::nullopt;
  }

 private:
  using Operator = Constraint::Operator;

  void fail(std::size_t at, std::string message, std::string hint = "") {
    errors_.push_back(constraint_.error(at, std::move(message), std::move(hint)));
  }

  void match(const Scalar& left, const Scalar& right, std::size_t at, const char* verb) {
    if (broken_ || left.dimensions == right.dimensions) return;
    broken_ = true;
    fail(at,
         std::string(verb) + " what is " + name_of(left.dimensions) + " with what is " +
             name_of(right.dimensions),
         "give numbers their unit, such as 64 KiB");
  }

  Scalar key(const Constraint::Step& step) {
    const std::optional<Measure> found = keys_.find(step.key);
    if (!found) {
      broken_ = true;
      errors_.push_back(unknown_key(constraint_.error(step.at, ""), step.key, keys_));
      return {};
    }
    return scalar_of(*found);
  }

  Scalar value_of(const Constraint::Step& step) {
    if (step.op == Operator::kNumber) return step.number;
    if (step.op == Operator::kKey) return key(step);
    Scalar left = values_[step.left], right = values_[step.right];
    Scalar out = left;
    switch (step.op) {
      case Operator::kAdd:
      case Operator::kSubtract:
        match(left, right, step.at, step.op == Operator::kAdd ? "adds" : "subtracts");
        align(left, right);
        out = left;
        out.number += step.op == Operator::kAdd ? right.number : -right.number;
        break;
      case Operator::kMultiply:
        out.number *= right.number;
        out.exponent += right.exponent;
        out.dimensions = {left.dimensions.bytes + right.dimensions.bytes,
                          left.dimensions.seconds + right.dimensions.seconds,
                          left.dimensions.joules + right.dimensions.joules};
        break;
      case Operator::kDivide:
        out.number /= right.number;
        out.exponent -= right.exponent;
        out.dimensions = {left.dimensions.bytes - right.dimensions.bytes,
                          left.dimensions.seconds - right.dimensions.seconds,
                          left.dimensions.joules - right.dimensions.joules};
        break;
      case Operator::kNegate: out.number = -out.number; break;
      case Operator::kNumber:
      case Operator::kKey: break;
    }
    return out;
  }

  const Constraint& constraint_;
  const KeyValues& keys_;
  Diagnostics& errors_;
  std::vector<Scalar> values_;
  bool broken_ = false;  ///< said once: what follows from it is not
};

Scalar scalar_of(const Measure& measure) {
  const Scale scale = scale_of(measure.dimension);
  return {static_cast<double>(measure.digits), scale.exponent - static_cast<int>(measure.places),
          scale.dimensions};
}

std::optional<bool> Constraint::holds(const KeyValues& values, Diagnostics& errors) const {
  return ConstraintEvaluation(*this, values, errors).run();
}

}  // namespace takt
