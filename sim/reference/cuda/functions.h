// SPDX-License-Identifier: Apache-2.0
#pragma once
// Functions of one real number, and the tables that quantised networks take them from.

#include <cmath>
#include <string>
#include <vector>

#include "arithmetic.h"

namespace takt::gpu {

enum class Function : std::uint8_t {
  kIdentity,
  kRelu,
  kLeakyRelu,
  kElu,
  kSelu,
  kCelu,
  kSigmoid,
  kHardSigmoid,
  kHardSwish,
  kSwish,
  kTanh,
  kGelu,
  kGeluTanh,
  kErf,
  kSoftplus,
  kSoftsign,
  kMish,
  kExp,
  kLog,
  kSqrt,
  kReciprocal,
  kNeg,
  kAbs,
  kSign,
  kFloor,
  kCeil,
  kRound,
  kNot,
  kSin,
  kCos,
  kThresholdedRelu,
};
inline constexpr const char* kFunctionNames[] = {"identity",
                                                 "relu",
                                                 "leaky_relu",
                                                 "elu",
                                                 "selu",
                                                 "celu",
                                                 "sigmoid",
                                                 "hard_sigmoid",
                                                 "hard_swish",
                                                 "swish",
                                                 "tanh",
                                                 "gelu",
                                                 "gelu_tanh",
                                                 "erf",
                                                 "softplus",
                                                 "softsign",
                                                 "mish",
                                                 "exp",
                                                 "log",
                                                 "sqrt",
                                                 "reciprocal",
                                                 "neg",
                                                 "abs",
                                                 "sign",
                                                 "floor",
                                                 "ceil",
                                                 "round",
                                                 "not",
                                                 "sin",
                                                 "cos",
                                                 "thresholded_relu"};

inline bool function_from(const std::string& name, Function* function) {
  for (int i = 0; i < 31; ++i) {
    if (name != kFunctionNames[i]) continue;
    *function = static_cast<Function>(i);
    return true;
  }
  return false;
}

template <class R>
TAKT_HD R clamped(R x, R low, R high) {
  return x < low ? low : high < x ? high : x;
}
template <class R>
TAKT_HD R softplus(R x) {
  return (x > 0 ? x : R(0)) + std::log1p(std::exp(-std::fabs(x)));
}
template <class R>
TAKT_HD R sigmoid(R x) {
  return R(1) / (R(1) + std::exp(-x));
}

/// a and b are the attributes alpha and beta.
template <class R>
TAKT_HD R apply(Function function, R a, R b, R x) {
  switch (function) {
    case Function::kIdentity: return x;
    case Function::kRelu: return x > 0 ? x : R(0);
    case Function::kLeakyRelu: return x >= 0 ? x : a * x;
    case Function::kElu: return x >= 0 ? x : a * std::expm1(x);
    case Function::kSelu: {
      const R alpha = a != 0 ? a : R(1.67326319217681884765625);
      const R gamma = b != 0 ? b : R(1.05070102214813232421875);
      return gamma * (x > 0 ? x : alpha * std::expm1(x));
    }
    case Function::kCelu: return x >= 0 ? x : a * std::expm1(x / a);
    case Function::kSigmoid: return sigmoid(x);
    case Function::kHardSigmoid: return clamped(a * x + b, R(0), R(1));
    case Function::kHardSwish: return x * clamped(x / 6 + R(0.5), R(0), R(1));
    case Function::kSwish: return x * sigmoid(a != 0 ? a * x : x);
    case Function::kTanh: return std::tanh(x);
    case Function::kGelu: return R(0.5) * x * (1 + std::erf(x * R(0.70710678118654752440)));
    case Function::kGeluTanh:
      return R(0.5) * x *
             (1 + std::tanh(R(0.79788456080286535588) * (x + R(0.044715) * x * x * x)));
    case Function::kErf: return std::erf(x);
    case Function::kSoftplus: return softplus(x);
    case Function::kSoftsign: return x / (1 + std::fabs(x));
    case Function::kMish: return x * std::tanh(softplus(x));
    case Function::kExp: return std::exp(x);
    case Function::kLog: return std::log(x);
    case Function::kSqrt: return std::sqrt(x);
    case Function::kReciprocal: return 1 / x;
    case Function::kNeg: return -x;
    case Function::kAbs: return std::fabs(x);
    case Function::kSign: return R(x > 0) - R(x < 0);
    case Function::kFloor: return std::floor(x);
    case Function::kCeil: return std::ceil(x);
    case Function::kRound: return std::rint(x);
    case Function::kNot: return x == 0;
    case Function::kSin: return std::sin(x);
    case Function::kCos: return std::cos(x);
    case Function::kThresholdedRelu: return x > a ? x : R(0);
  }
  return x;
}

/// By q + largest + 1; worked out by the processor in double precision, for a GPU as well.
inline std::vector<std::int32_t> table_of(Function function, double a, double b, Type type) {
  const std::int64_t largest = largest_of(type);
  const auto unit = static_cast<double>(unit_of(type));
  std::vector<std::int32_t> table;
  for (std::int64_t q = -largest - 1; q <= largest; ++q) {
    const double y = apply<double>(function, a, b, static_cast<double>(q) / unit) * unit;
    const double whole = std::isnan(y) ? 0 : std::nearbyint(clamped(y, -1e6, 1e6));
    table.push_back(static_cast<std::int32_t>(saturate(static_cast<std::int64_t>(whole), type)));
  }
  return table;
}

/// round(65536 * exp(-2d / unit)) by the distance d to the row's largest; ends with the first 0.
inline std::vector<std::uint32_t> softmax_table(Type type) {
  const double step = 2.0 / static_cast<double>(unit_of(type));
  std::vector<std::uint32_t> table;
  for (std::int64_t d = 0; d <= 2 * largest_of(type) + 1; ++d) {
    table.push_back(static_cast<std::uint32_t>(
        std::nearbyint(65536 * std::exp(-step * static_cast<double>(d)))));
    if (table.back() == 0) break;
  }
  return table;
}

/// A constant of a quantised network: in steps of the unit, saturated.
inline std::int64_t quantised(double value, Type type) {
  const double q = std::nearbyint(clamped(value, -1e6, 1e6) * static_cast<double>(unit_of(type)));
  return saturate(static_cast<std::int64_t>(q), type);
}

}  // namespace takt::gpu
