// SPDX-License-Identifier: Apache-2.0
#pragma once
// The multiply-accumulates of one row of PEs in one step: plain loops that compilers vectorise on
// any instruction set. Integer sums wrap around in 32 bits.

#include <cstddef>
#include <cstdint>

namespace takt {

/// A product in the width it needs, as an addend of the sum: int8 * int8 fits 16 bits.
inline std::uint32_t product(std::int8_t a, std::int8_t b) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(
      static_cast<std::int16_t>(static_cast<std::int16_t>(a) * static_cast<std::int16_t>(b))));
}
inline std::uint32_t product(std::int16_t a, std::int16_t b) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(a) * static_cast<std::int32_t>(b));
}

/// to[c] = from[c] + a[c] * b[c]
template <class Operand>
void mac_row(std::int32_t* __restrict to, const std::int32_t* __restrict from,
             const Operand* __restrict a, const Operand* __restrict b, std::size_t n) {
  for (std::size_t c = 0; c < n; ++c) {
    to[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(from[c]) + product(a[c], b[c]));
  }
}
inline void mac_row(float* __restrict to, const float* __restrict from, const float* __restrict a,
                    const float* __restrict b, std::size_t n) {
  for (std::size_t c = 0; c < n; ++c) to[c] = from[c] + a[c] * b[c];
}

/// to[c] += a[c] * b[c]
template <class Operand>
void mac_row(std::int32_t* __restrict to, const Operand* __restrict a, const Operand* __restrict b,
             std::size_t n) {
  for (std::size_t c = 0; c < n; ++c) {
    to[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(to[c]) + product(a[c], b[c]));
  }
}
inline void mac_row(float* __restrict to, const float* __restrict a, const float* __restrict b,
                    std::size_t n) {
  for (std::size_t c = 0; c < n; ++c) to[c] += a[c] * b[c];
}

}  // namespace takt
