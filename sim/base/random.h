// SPDX-License-Identifier: Apache-2.0
#pragma once
// One seeded generator; no other source of chance in the project.

#include <cstdint>

namespace takt {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): one 64-bit state, the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// A whole number in [low, high]; the modulo bias is below 2^-32 for ranges under 2^32.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + next() % (high - low + 1);
  }

 private:
  std::uint64_t state_;
};

}  // namespace takt
