// SPDX-License-Identifier: Apache-2.0
#pragma once
// Integer arithmetic that says how it rounds and refuses to overflow.

#include <cstdint>
#include <optional>

#include "sim/base/check.h"

namespace takt {

using uint128 = unsigned __int128;

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0); }
constexpr std::uint64_t round_up(std::uint64_t a, std::uint64_t multiple) {
  return ceil_div(a, multiple) * multiple;
}

/// a*b/c rounded up, without overflow in between. The quotient must fit 64 bits.
inline std::uint64_t mul_div_ceil(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  const uint128 product = static_cast<uint128>(a) * b;
  const uint128 quotient = product / c + (product % c != 0);
  CHECK(quotient <= UINT64_MAX) << "mul_div_ceil overflows: " << a << " * " << b << " / " << c;
  return static_cast<std::uint64_t>(quotient);
}

/// a*b, or nothing if it does not fit: for numbers that come from the user.
inline std::optional<std::int64_t> checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
  return out;
}
inline std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
  return out;
}

}  // namespace takt
