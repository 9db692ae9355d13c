// SPDX-License-Identifier: Apache-2.0
// Operators that make each element of the operands' elements at the same place.
#include <algorithm>
#include <cmath>

#include "sim/reference/cpu_node.h"

namespace takt::cpu {
namespace {

std::int64_t integer(double x) { return static_cast<std::int64_t>(x); }

std::vector<double> unary(const Node& node) {
  const auto& function = node.attributes<UnaryAttrs>();
  std::vector<double> x = node.input(0).x;
  if (!node.quantised()) {
    for (double& v : x) v = function_of(function, v);
    return x;
  }
  const Steps steps(node.out_type());
  for (double& q : x) q = steps.of_real(function_of(function, q / static_cast<double>(steps.unit)));
  return x;
}

std::vector<double> clip(const Node& node) {
  const auto& limits = node.attributes<ClipAttrs>();
  const Steps steps(node.out_type());
  const bool q = node.quantised();
  const double low = q ? steps.of_real(limits.low) : limits.low;
  const double high = q ? steps.of_real(limits.high) : limits.high;
  std::vector<double> x = node.input(0).x;
  for (double& v : x) v = v < low ? low : high < v ? high : v;
  return x;
}

std::vector<double> cast(const Node& node) {
  std::vector<double> x = node.input(0).x;
  const Steps from(node.type(0)), to(node.out_type());
  const bool quantised = node.quantised(), was = node.quantised(0);
  const bool cuts = node.whole() && node.out_type() != DType::kBool;
  for (double& v : x) {
    if (node.out_type() == DType::kBool) {
      v = v != 0 ? 1 : 0;
    } else if (quantised && !was) {
      v = to.of_real(v);
    } else if (was && !quantised) {
      v /= static_cast<double>(from.unit);
    }
    if (cuts) v = std::trunc(v);
  }
  return x;
}

bool compares(BinaryKind kind, double a, double b) {
  switch (kind) {
    case BinaryKind::kEqual: return a == b;
    case BinaryKind::kLess: return a < b;
    case BinaryKind::kLessEqual: return a <= b;
    case BinaryKind::kGreater: return a > b;
    case BinaryKind::kGreaterEqual: return a >= b;
    case BinaryKind::kAnd: return a != 0 && b != 0;
    case BinaryKind::kOr: return a != 0 || b != 0;
    default: return (a != 0) != (b != 0);
  }
}

double of_reals(BinaryKind kind, double a, double b) {
  switch (kind) {
    case BinaryKind::kAdd: return a + b;
    case BinaryKind::kSub: return a - b;
    case BinaryKind::kMul: return a * b;
    case BinaryKind::kDiv: return a / b;
    case BinaryKind::kMod: return std::fmod(a, b);
    case BinaryKind::kPow: return std::pow(a, b);
    case BinaryKind::kMax: return a < b ? b : a;
    case BinaryKind::kMin: return b < a ? b : a;
    case BinaryKind::kPRelu: return a < 0 ? a * b : a;
    default: return compares(kind, a, b) ? 1 : 0;
  }
}

double of_wholes(BinaryKind kind, double a, double b) {
  if (kind == BinaryKind::kDiv) return b == 0 ? 0 : std::trunc(a / b);
  if (kind == BinaryKind::kMod) return b == 0 ? 0 : a - std::floor(a / b) * b;
  return of_reals(kind, a, b);
}

double of_quantised(BinaryKind kind, double a, double b, const Steps& steps) {
  const auto unit = static_cast<double>(steps.unit);
  switch (kind) {
    case BinaryKind::kDiv:
      return static_cast<double>(integer(a) * (steps.high + 1) / (b == 0 ? 1 : integer(b)));
    case BinaryKind::kPow:
      if (b == 2 * unit) return a * a;
      if (b == 3 * unit) return a * a * a;
      return std::nearbyint(unit * std::min(1e6, std::pow(std::fabs(a) / unit, b / unit)));
    case BinaryKind::kPRelu:
      return a >= 0
                 ? a
                 : steps.clamp(static_cast<double>(nearest(integer(a) * integer(b), steps.unit)));
    default: return of_wholes(kind, a, b);
  }
}

bool is_wide(BinaryKind kind) {
  return kind == BinaryKind::kAdd || kind == BinaryKind::kSub || kind == BinaryKind::kMul ||
         kind == BinaryKind::kDiv || kind == BinaryKind::kPow;
}

Made binary(const Node& node) {
  const BinaryKind kind = node.attributes<BinaryAttrs>().kind;
  std::vector<double> a = node.stretched(0, node.out_shape());
  const std::vector<double> b = node.stretched(1, node.out_shape());
  const Steps steps(node.out_type());
  const bool quantised = node.quantised(), reals = info(node.type(0)).is_float;
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = quantised ? of_quantised(kind, a[i], b[i], steps)
           : reals   ? of_reals(kind, a[i], b[i])
                     : of_wholes(kind, a[i], b[i]);
  }
  Made made;
  made.wide = quantised && is_wide(kind);
  made.outputs.push_back(std::move(a));
  return made;
}

std::vector<double> sum(const Node& node) {
  std::vector<double> total(static_cast<std::size_t>(node.out_size()), 0);
  for (std::size_t i = 0; i < node.op().inputs.size(); ++i) {
    if (!node.has(i)) continue;
    const std::vector<double> x = node.stretched(i, node.out_shape());
    for (std::size_t k = 0; k < total.size(); ++k) total[k] += x[k];
  }
  return total;
}

std::vector<double> where(const Node& node) {
  const std::vector<double> chosen = node.stretched(0, node.out_shape());
  std::vector<double> a = node.stretched(1, node.out_shape());
  const std::vector<double> b = node.stretched(2, node.out_shape());
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = chosen[i] != 0 ? a[i] : b[i];
  return a;
}

}  // namespace

Made elementwise(const Node& node) {
  Made made;
  switch (node.op().kind) {
    case OpKind::kBinary: return binary(node);
    case OpKind::kUnary: made.outputs.push_back(unary(node)); break;
    case OpKind::kClip: made.outputs.push_back(clip(node)); break;
    case OpKind::kCast: made.outputs.push_back(cast(node)); break;
    case OpKind::kWhere: made.outputs.push_back(where(node)); break;
    default:
      made.outputs.push_back(sum(node));
      made.wide = node.quantised();
      break;
  }
  return made;
}

}  // namespace takt::cpu
