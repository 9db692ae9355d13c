// SPDX-License-Identifier: Apache-2.0
#pragma once
// The integer arithmetic of docs/values.md once more, for `--check cpu`: written from that page
// alone, so that a mistake of the player's arithmetic is not repeated here.

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/base/dtype.h"
#include "sim/functional/arithmetic.h"
#include "sim/ir/graph.h"

namespace takt::cpu {

/// Limits and unit of a quantised type.
struct Steps {
  explicit Steps(DType type)
      : unit(type == DType::kInt16 ? 8192 : 32),
        high(type == DType::kInt16 ? 32767 : 127),
        low(-high - 1) {}
  std::int64_t unit, high, low;
  double clamp(double x) const {
    return x > static_cast<double>(high)  ? static_cast<double>(high)
           : x < static_cast<double>(low) ? static_cast<double>(low)
                                          : x;
  }
  /// A real number in steps: ties to even, saturated.
  double of_real(double real) const;
};

/// The nearest whole number to a / b, halves up; b > 0. Exact for |a| < 2^62.
std::int64_t nearest(std::int64_t a, std::int64_t b);
/// The largest r with r * r <= x.
std::int64_t root(std::int64_t x);
/// Two's complement of 32 bits.
double wrapped32(double x);
/// 2^(4 + floor(floor(log2 k) / 2)): what a bias of a sum of k products is multiplied by.
std::int64_t bias_factor(std::int64_t k);

/// Brings wide results back in place, by one factor of the whole tensor, and returns the factor.
Scale bring_back(std::vector<double>& wide, DType type);
void bring_back_by(std::vector<double>& wide, Scale scale, DType type);

/// An elementwise function of real numbers.
double function_of(const UnaryAttrs& attrs, double x);

}  // namespace takt::cpu
