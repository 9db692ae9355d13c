// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "sim/functional/semantics_state.h"

namespace takt {

double Semantics::Evaluation::unary(std::int64_t index) {
  const auto& attrs = std::get<UnaryAttrs>(op_.attributes);
  const double x = walked(0, index);
  if (!quantised_) return rounded(out_type_, takt::unary(attrs, x));
  // Relu, the identity and the like are exact by the table as well.
  return p_
      .table[static_cast<std::size_t>(static_cast<std::int64_t>(x) + largest_of(out_type_) + 1)];
}

double Semantics::Evaluation::clip(std::int64_t index) {
  const auto& attrs = std::get<ClipAttrs>(op_.attributes);
  const double x = walked(0, index);
  if (!quantised_) return rounded(out_type_, std::clamp(x, attrs.low, attrs.high));
  const auto bound = [&](double value) {
    const double q =
        std::nearbyint(std::clamp(value, -1e6, 1e6) * static_cast<double>(unit_of(out_type_)));
    return static_cast<double>(saturate(static_cast<std::int64_t>(q), out_type_));
  };
  return std::clamp(x, bound(attrs.low), bound(attrs.high));
}

double Semantics::Evaluation::cast(std::int64_t index) {
  const double x = walked(0, index);
  const bool from_quantised = s_.quantised(op_.inputs[0]);
  if (from_quantised == quantised_) {
    const bool cuts = !info(out_type_).is_float && out_type_ != DType::kBool;
    return rounded(out_type_, cuts ? std::trunc(x) : x);
  }
  if (quantised_) {
    const double q =
        std::nearbyint(std::clamp(x, -1e6, 1e6) * static_cast<double>(unit_of(out_type_)));
    return static_cast<double>(saturate(static_cast<std::int64_t>(q), out_type_));
  }
  const double real = x / static_cast<double>(unit_of(s_.dtype(op_.inputs[0])));
  if (out_type_ == DType::kBool) return x != 0;
  return rounded(out_type_, info(out_type_).is_float ? real : std::trunc(real));
}

double Semantics::Evaluation::binary(std::int64_t index) {
  const BinaryKind kind = std::get<BinaryAttrs>(op_.attributes).kind;
  const double a = walked(0, index), b = walked(1, index);
  if (quantised_) {
    return binary_quantised(kind, static_cast<std::int64_t>(a), static_cast<std::int64_t>(b));
  }
  const bool floats = info(s_.dtype(op_.inputs[0])).is_float;
  const double y =
      floats ? binary_float(kind, a, b)
             : binary_whole(kind, static_cast<std::int64_t>(a), static_cast<std::int64_t>(b));
  return rounded(out_type_, y);
}

double Semantics::Evaluation::binary_quantised(BinaryKind kind, std::int64_t a,
                                               std::int64_t b) const {
  const std::int64_t unit = unit_of(out_type_);
  switch (kind) {
    case BinaryKind::kAdd: return static_cast<double>(a + b);
    case BinaryKind::kSub: return static_cast<double>(a - b);
    case BinaryKind::kMul: return static_cast<double>(a * b);
    case BinaryKind::kDiv:
      return static_cast<double>(a * (largest_of(out_type_) + 1) / (b == 0 ? 1 : b));
    case BinaryKind::kPow: {
      if (b == 2 * unit) return static_cast<double>(a * a);
      if (b == 3 * unit) return static_cast<double>(a * a * a);
      const double y = std::pow(static_cast<double>(std::abs(a)) / static_cast<double>(unit),
                                static_cast<double>(b) / static_cast<double>(unit));
      return std::nearbyint(std::min(y, 1e6) * static_cast<double>(unit));
    }
    case BinaryKind::kPRelu:
      return static_cast<double>(a >= 0 ? a : saturate(round_div(a * b, unit), out_type_));
    default: return binary_whole(kind, a, b);
  }
}

double Semantics::Evaluation::binary_whole(BinaryKind kind, std::int64_t a, std::int64_t b) const {
  switch (kind) {
    case BinaryKind::kDiv: return b == 0 ? 0 : static_cast<double>(a / b);
    case BinaryKind::kMod: return b == 0 ? 0 : static_cast<double>(a - floor_div(a, b) * b);
    case BinaryKind::kAnd: return a != 0 && b != 0;
    case BinaryKind::kOr: return a != 0 || b != 0;
    case BinaryKind::kXor: return (a != 0) != (b != 0);
    default: return binary_float(kind, static_cast<double>(a), static_cast<double>(b));
  }
}

double Semantics::Evaluation::binary_float(BinaryKind kind, double a, double b) const {
  switch (kind) {
    case BinaryKind::kAdd: return a + b;
    case BinaryKind::kSub: return a - b;
    case BinaryKind::kMul: return a * b;
    case BinaryKind::kDiv: return a / b;
    case BinaryKind::kMod: return std::fmod(a, b);
    case BinaryKind::kPow: return std::pow(a, b);
    case BinaryKind::kMax: return std::max(a, b);
    case BinaryKind::kMin: return std::min(a, b);
    case BinaryKind::kEqual: return a == b;
    case BinaryKind::kLess: return a < b;
    case BinaryKind::kLessEqual: return a <= b;
    case BinaryKind::kGreater: return a > b;
    case BinaryKind::kGreaterEqual: return a >= b;
    case BinaryKind::kAnd: return a != 0 && b != 0;
    case BinaryKind::kOr: return a != 0 || b != 0;
    case BinaryKind::kXor: return (a != 0) != (b != 0);
    case BinaryKind::kPRelu: return a >= 0 ? a : a * b;
  }
  return 0;
}

double Semantics::Evaluation::sum(std::int64_t index) {
  double total = 0;
  for (std::size_t i = 0; i < op_.inputs.size(); ++i) {
    if (has(i)) total += walked(i, index);
  }
  return quantised_ ? total : rounded(out_type_, total);
}

}  // namespace takt
