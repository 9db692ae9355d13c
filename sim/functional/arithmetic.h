// SPDX-License-Identifier: Apache-2.0
#pragma once
// The arithmetic of networks in int8 and int16 ("quantised"), bit for bit: docs/values.md is its
// specification, for this code and for every other executor.

#include <cstdint>
#include <vector>

#include "sim/base/dtype.h"
#include "sim/ir/graph.h"

namespace takt {

/// One step of a quantised number that is 1: 32 in int8, 8192 in int16.
std::int64_t unit_of(DType dtype);
std::int64_t largest_of(DType dtype);  ///< 127 or 32767
std::int64_t saturate(std::int64_t value, DType dtype);

/// A single number of a quantised network: in steps of the unit, but never from something to 0.
double quantised_number(double value, DType dtype);

/// How a wide result becomes a narrow one: times multiplier / 2^31, which is at most 1.
struct Scale {
  std::uint32_t multiplier = 1U << 31;
};
/// The scale that brings the mean magnitude of a tensor of wide results to 10 (int8) or 1024
/// (int16).
Scale scale_for(std::uint64_t magnitude_sum, std::uint64_t count, DType dtype);
/// Rounds half up, saturates.
std::int64_t requantise(std::int64_t wide, Scale scale, DType dtype);

/// floor(a / b) and the nearest whole number to a / b, halves up. b > 0.
std::int64_t floor_div(std::int64_t a, std::int64_t b);
std::int64_t round_div(std::int64_t a, std::int64_t b);
/// floor(sqrt(x))
std::uint64_t isqrt(std::uint64_t x);
/// A bias counts as much as the sum of k products: b * 2^(4 + floor(floor(log2 k) / 2)).
std::int64_t bias_shift(std::int64_t k);

/// The function of a unary operator on real numbers.
double unary(const UnaryAttrs& attrs, double x);
/// The same for quantised numbers: a table, by q + largest + 1.
std::vector<std::int32_t> unary_table(const UnaryAttrs& attrs, DType dtype);
/// e^(-factor d / unit) in 16-bit fixed point, by the distance d to the row's largest; ends in 0.
std::vector<std::uint32_t> exponential_table(DType dtype, int factor);
/// round(unit * ln(x / one)): a quantised logarithm of a whole number of `one`ths. x > 0.
std::int64_t quantised_log(double x, double one, DType dtype);

}  // namespace takt
