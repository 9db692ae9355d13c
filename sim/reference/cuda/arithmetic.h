// SPDX-License-Identifier: Apache-2.0
#pragma once
// The integer arithmetic of quantised networks (docs/values.md), written anew from that page.

#include "types.h"

namespace takt::gpu {

TAKT_HD inline std::int64_t unit_of(Type type) { return type == Type::kInt16 ? 8192 : 32; }
TAKT_HD inline std::int64_t largest_of(Type type) { return type == Type::kInt16 ? 32767 : 127; }
TAKT_HD inline std::int64_t saturate(std::int64_t value, Type type) {
  const std::int64_t largest = largest_of(type);
  return value > largest ? largest : value < -largest - 1 ? -largest - 1 : value;
}

TAKT_HD inline std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  const std::int64_t q = a / b;
  return a - q * b < 0 ? q - 1 : q;  // b > 0
}
TAKT_HD inline std::int64_t round_div(std::int64_t a, std::int64_t b) {
  return floor_div(2 * a + b, 2 * b);
}

TAKT_HD inline std::uint64_t isqrt(std::uint64_t x) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    const std::uint64_t next = root | bit;
    if (next * next <= x) root = next;
  }
  return root;
}

/// floor((wide * multiplier + 2^30) / 2^31), saturated; without numbers of more than 64 bits.
TAKT_HD inline std::int64_t requantise(std::int64_t wide, std::uint32_t multiplier, Type type) {
  // wide = high * 2^31 + low, 0 <= low < 2^31: the high part contributes whole steps.
  const std::int64_t high = wide >> 31;
  const std::int64_t low = wide & 0x7FFFFFFF;
  const std::int64_t factor = multiplier;
  return saturate(high * factor + ((low * factor + (std::int64_t{1} << 30)) >> 31), type);
}

TAKT_HD inline std::int64_t wrapped_to_32(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::uint64_t>(value)));
}

/// What a bias counts, for sums of length k.
inline std::int64_t bias_factor(std::int64_t k) {
  int log = 0;
  while ((k >> (log + 1)) > 0) ++log;
  return std::int64_t{1} << (4 + log / 2);
}

/// The factor of a tensor of wide results, times 2^31.
inline std::uint32_t multiplier_for(std::uint64_t magnitudes, std::uint64_t count, Type type) {
  const std::uint64_t target = type == Type::kInt16 ? 1024 : 10;
  const std::uint64_t one = std::uint64_t{1} << 31;
  if (magnitudes == 0 || target * count >= magnitudes) return static_cast<std::uint32_t>(one);
  // floor(target * count * 2^31 / magnitudes) by long division, a bit at a time: the quotient is
  // below 2^31 and the remainder below `magnitudes`, which is below 2^63.
  std::uint64_t quotient = 0, rest = target * count;
  for (int bit = 0; bit < 31; ++bit) {
    rest <<= 1;
    quotient <<= 1;
    if (rest >= magnitudes) {
      rest -= magnitudes;
      quotient |= 1;
    }
  }
  return static_cast<std::uint32_t>(quotient == 0 ? 1 : quotient);
}

}  // namespace takt::gpu
