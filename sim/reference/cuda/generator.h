// SPDX-License-Identifier: Apache-2.0
#pragma once
// Seeded tensors: docs/values.md, "Seeded tensors", for GPU and processor alike. Element i of a
// tensor depends on the seed, the hash of its name and i alone.

#include <cstddef>

#include "platform.h"

namespace takt::gpu {

/// 64-bit FNV-1a of `size` bytes, from `hash` on.
constexpr std::uint64_t kFnvStart = 0xCBF29CE484222325ULL;
inline std::uint64_t fnv1a(const void* data, std::size_t size, std::uint64_t hash = kFnvStart) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001B3ULL;
  return hash;
}

TAKT_HD inline std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

TAKT_HD inline std::uint64_t random_bits(std::uint64_t seed, std::uint64_t name,
                                         std::uint64_t index) {
  const std::uint64_t stream = mix(seed + 0x9E3779B97F4A7C15ULL) ^ name;
  return mix(stream + (index + 1) * 0x9E3779B97F4A7C15ULL);
}

struct Rule {
  enum Kind : std::uint8_t { kNone, kSigned, kBelow, kFraction } kind = kNone;
  std::int64_t limit = 0;
  float factor = 1, offset = 0;
};

TAKT_HD inline std::int64_t seeded_whole(const Rule& rule, std::uint64_t bits) {
  const std::uint64_t count = rule.kind == Rule::kSigned
                                  ? static_cast<std::uint64_t>(2 * rule.limit + 1)
                                  : static_cast<std::uint64_t>(rule.limit);
  const auto value = static_cast<std::int64_t>(((bits >> 32) * count) >> 32);
  return rule.kind == Rule::kSigned ? value - rule.limit : value;
}

/// One rounding for the product and one for the sum: a fused multiply-add would have other bits.
TAKT_HD inline float seeded_fraction(const Rule& rule, std::uint64_t bits) {
  const auto steps = static_cast<std::int64_t>(bits >> 40) - (1 << 23);
  const float u = static_cast<float>(steps) * (1.0F / 8388608.0F);
#if defined(__CUDA_ARCH__)
  return __fadd_rn(rule.offset, __fmul_rn(rule.factor, u));
#else
  const volatile float product = rule.factor * u;
  return rule.offset + product;
#endif
}

}  // namespace takt::gpu
