// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/cpu_numbers.h"

#include <algorithm>
#include <cmath>

#include "sim/base/math.h"

namespace takt::cpu {

double Steps::of_real(double real) const {
  if (std::isnan(real)) return 0;
  // Far outside nothing but the sign matters, and the product must not overflow to a NaN.
  return clamp(std::nearbyint(std::max(-1e6, std::min(1e6, real)) * static_cast<double>(unit)));
}

std::int64_t nearest(std::int64_t a, std::int64_t b) {
  std::int64_t quotient = a / b, rest = a % b;
  if (rest < 0) {
    rest += b;
    --quotient;
  }
  return quotient + (rest >= b - rest ? 1 : 0);
}

std::int64_t root(std::int64_t x) {
  auto r = static_cast<std::int64_t>(std::sqrt(static_cast<double>(x)));
  const auto square = [](std::int64_t v) {
    return static_cast<uint128>(v) * static_cast<uint128>(v);
  };
  while (square(r) > static_cast<uint128>(x)) --r;
  while (square(r + 1) <= static_cast<uint128>(x)) ++r;
  return r;
}

double wrapped32(double x) {
  return static_cast<double>(
      static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::int64_t>(x))));
}

std::int64_t bias_factor(std::int64_t k) {
  int log = 0;
  while ((k >> (log + 1)) > 0) ++log;
  return std::int64_t{16} << (log / 2);
}

void bring_back_by(std::vector<double>& wide, Scale scale, DType type) {
  const Steps steps(type);
  for (double& w : wide) {
    const __int128 product = static_cast<__int128>(static_cast<std::int64_t>(w)) * scale.multiplier;
    w = steps.clamp(static_cast<double>((product + (1 << 30)) >> 31));
  }
}

Scale bring_back(std::vector<double>& wide, DType type) {
  uint128 magnitude = 0;
  for (const double w : wide) magnitude += static_cast<uint128>(std::abs(w));
  const uint128 wanted = static_cast<uint128>(type == DType::kInt16 ? 1024 : 10) * wide.size();
  Scale scale;
  if (magnitude > wanted) {
    const uint128 factor = (wanted << 31) / magnitude;
    scale.multiplier = factor == 0 ? 1 : static_cast<std::uint32_t>(factor);
  }
  bring_back_by(wide, scale, type);
  return scale;
}

namespace {

double logistic(double x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : 1 - 1 / (1 + std::exp(x)); }
double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double gaussian_share(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }
double ramp(double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

}  // namespace

double function_of(const UnaryAttrs& f, double x) {
  switch (f.kind) {
    case UnaryKind::kIdentity: return x;
    case UnaryKind::kRelu: return x < 0 ? 0 : x;
    case UnaryKind::kLeakyRelu: return x < 0 ? f.alpha * x : x;
    case UnaryKind::kThresholdedRelu: return x > f.alpha ? x : 0;
    case UnaryKind::kElu: return x < 0 ? f.alpha * std::expm1(x) : x;
    case UnaryKind::kCelu: return x < 0 ? f.alpha * std::expm1(x / f.alpha) : x;
    case UnaryKind::kSelu: {
      // Without attributes the constants of the ONNX operator's definition.
      const double alpha = f.alpha != 0 ? f.alpha : 1.67326319217681884765625;
      const double gamma = f.beta != 0 ? f.beta : 1.05070102214813232421875;
      return x > 0 ? gamma * x : gamma * (alpha * std::expm1(x));
    }
    case UnaryKind::kSigmoid: return logistic(x);
    case UnaryKind::kHardSigmoid: return ramp(f.alpha * x + f.beta);
    case UnaryKind::kHardSwish: return x * ramp(x / 6 + 0.5);
    case UnaryKind::kSwish: return x * logistic((f.alpha != 0 ? f.alpha : 1) * x);
    case UnaryKind::kTanh: return std::tanh(x);
    case UnaryKind::kGelu: return x * gaussian_share(x);
    case UnaryKind::kGeluTanh: {
      const double inner = std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * std::pow(x, 3));
      return x * logistic(2 * inner);  // (1 + tanh y) / 2
    }
    case UnaryKind::kErf: return std::erf(x);
    case UnaryKind::kSoftplus: return softplus(x);
    case UnaryKind::kSoftsign: return x / (1 + std::fabs(x));
    case UnaryKind::kMish: return x * std::tanh(softplus(x));
    case UnaryKind::kExp: return std::exp(x);
    case UnaryKind::kLog: return std::log(x);
    case UnaryKind::kSqrt: return std::sqrt(x);
    case UnaryKind::kReciprocal: return 1 / x;
    case UnaryKind::kNeg: return -x;
    case UnaryKind::kAbs: return std::fabs(x);
    case UnaryKind::kSign: return x > 0 ? 1 : x < 0 ? -1 : x;
    case UnaryKind::kFloor: return std::floor(x);
    case UnaryKind::kCeil: return std::ceil(x);
    case UnaryKind::kRound: return std::nearbyint(x);
    case UnaryKind::kNot: return x == 0 ? 1 : 0;
    case UnaryKind::kSin: return std::sin(x);
    case UnaryKind::kCos: return std::cos(x);
  }
  return 0;
}

}  // namespace takt::cpu
