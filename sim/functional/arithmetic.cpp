// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/arithmetic.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/base/math.h"

namespace takt {

std::int64_t unit_of(DType dtype) { return dtype == DType::kInt16 ? 8192 : 32; }
std::int64_t largest_of(DType dtype) { return dtype == DType::kInt16 ? 32767 : 127; }

std::int64_t saturate(std::int64_t value, DType dtype) {
  const std::int64_t largest = largest_of(dtype);
  return std::clamp(value, -largest - 1, largest);
}

Scale scale_for(std::uint64_t magnitude_sum, std::uint64_t count, DType dtype) {
  const std::uint64_t target = dtype == DType::kInt16 ? 1024 : 10;
  const uint128 wanted = static_cast<uint128>(target) * count << 31;
  const std::uint64_t one = 1ULL << 31;
  // Only ever smaller: a factor above 1 would put zeros between neighbours.
  if (magnitude_sum == 0 || wanted >= static_cast<uint128>(magnitude_sum) * one) return {};
  const auto multiplier = static_cast<std::uint64_t>(wanted / magnitude_sum);
  return {static_cast<std::uint32_t>(std::max<std::uint64_t>(1, multiplier))};
}

std::int64_t requantise(std::int64_t wide, Scale scale, DType dtype) {
  const __int128 product = static_cast<__int128>(wide) * scale.multiplier + (1LL << 30);
  const auto narrow = static_cast<std::int64_t>(product >> 31);
  return saturate(narrow, dtype);
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

std::int64_t round_div(std::int64_t a, std::int64_t b) { return floor_div(2 * a + b, 2 * b); }

std::uint64_t isqrt(std::uint64_t x) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = 1ULL << 31; bit > 0; bit >>= 1) {
    const std::uint64_t next = root | bit;
    if (next <= x / next) root = next;
  }
  return root;
}

std::int64_t bias_shift(std::int64_t k) {
  std::int64_t log = 0;
  for (; k > 1; k >>= 1) ++log;
  return 4 + log / 2;
}

double unary(const UnaryAttrs& attrs, double x) {
  const double a = attrs.alpha, b = attrs.beta;
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  constexpr double kSqrtHalf = 0.70710678118654752440;
  constexpr double kSqrtTwoOverPi = 0.79788456080286535588;
  // Klambauer et al., Self-Normalizing Neural Networks, 2017: the defaults of ONNX.
  constexpr double kSeluAlpha = 1.67326319217681884765625, kSeluGamma = 1.05070102214813232421875;
  switch (attrs.kind) {
    case UnaryKind::kIdentity: return x;
    case UnaryKind::kRelu: return x > 0 ? x : 0;
    case UnaryKind::kLeakyRelu: return x >= 0 ? x : a * x;
    case UnaryKind::kElu: return x >= 0 ? x : a * std::expm1(x);
    case UnaryKind::kSelu: {
      const double alpha = a != 0 ? a : kSeluAlpha, gamma = b != 0 ? b : kSeluGamma;
      return gamma * (x > 0 ? x : alpha * std::expm1(x));
    }
    case UnaryKind::kCelu: return x >= 0 ? x : a * std::expm1(x / a);
    case UnaryKind::kSigmoid: return sigmoid(x);
    case UnaryKind::kHardSigmoid: return std::clamp(a * x + b, 0.0, 1.0);
    case UnaryKind::kHardSwish: return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
    case UnaryKind::kSwish: return x * sigmoid(a != 0 ? a * x : x);
    case UnaryKind::kTanh: return std::tanh(x);
    case UnaryKind::kGelu: return 0.5 * x * (1 + std::erf(x * kSqrtHalf));
    case UnaryKind::kGeluTanh:
      return 0.5 * x * (1 + std::tanh(kSqrtTwoOverPi * (x + 0.044715 * x * x * x)));
    case UnaryKind::kErf: return std::erf(x);
    case UnaryKind::kSoftplus: return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case UnaryKind::kSoftsign: return x / (1 + std::abs(x));
    case UnaryKind::kMish:
      return x * std::tanh(std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))));
    case UnaryKind::kExp: return std::exp(x);
    case UnaryKind::kLog: return std::log(x);
    case UnaryKind::kSqrt: return std::sqrt(x);
    case UnaryKind::kReciprocal: return 1 / x;
    case UnaryKind::kNeg: return -x;
    case UnaryKind::kAbs: return std::abs(x);
    case UnaryKind::kSign: return (x > 0) - (x < 0);
    case UnaryKind::kFloor: return std::floor(x);
    case UnaryKind::kCeil: return std::ceil(x);
    case UnaryKind::kRound: return std::nearbyint(x);
    case UnaryKind::kNot: return x == 0;
    case UnaryKind::kSin: return std::sin(x);
    case UnaryKind::kCos: return std::cos(x);
    case UnaryKind::kThresholdedRelu: return x > a ? x : 0;
  }
  return x;
}

std::vector<std::int32_t> unary_table(const UnaryAttrs& attrs, DType dtype) {
  const std::int64_t largest = largest_of(dtype);
  const auto unit = static_cast<double>(unit_of(dtype));
  std::vector<std::int32_t> table;
  table.reserve(static_cast<std::size_t>(2 * largest + 2));
  for (std::int64_t q = -largest - 1; q <= largest; ++q) {
    const double y = unary(attrs, static_cast<double>(q) / unit) * unit;
    // What is not a number (log and sqrt below 0) is 0; what is too large saturates.
    const double whole = std::isnan(y) ? 0 : std::nearbyint(std::clamp(y, -1e6, 1e6));
    table.push_back(static_cast<std::int32_t>(saturate(static_cast<std::int64_t>(whole), dtype)));
  }
  return table;
}

std::vector<std::uint32_t> exponential_table(DType dtype, int factor) {
  const double step = factor / static_cast<double>(unit_of(dtype));
  std::vector<std::uint32_t> table;
  for (std::int64_t d = 0; d <= 2 * largest_of(dtype) + 1; ++d) {
    const double y = std::nearbyint(65536 * std::exp(-step * static_cast<double>(d)));
    table.push_back(static_cast<std::uint32_t>(y));
    if (y == 0) break;
  }
  return table;
}

std::int64_t quantised_log(double x, double one, DType dtype) {
  const auto unit = static_cast<double>(unit_of(dtype));
  return static_cast<std::int64_t>(std::nearbyint(unit * std::log(x / one)));
}

double quantised_number(double value, DType dtype) {
  const auto unit = static_cast<double>(unit_of(dtype));
  const double q = std::nearbyint(std::clamp(value, -1e6, 1e6) * unit);
  if (q == 0 && value != 0) return value < 0 ? -1 : 1;
  return static_cast<double>(saturate(static_cast<std::int64_t>(q), dtype));
}

}  // namespace takt
