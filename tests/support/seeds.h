// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tries a property on seeds 1, 2, 3 … and stops at the first that fails, saying which it was.

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <string>

namespace takt::test {

/// Sanitizers make a case some ten times slower; they look at every third seed.
#ifdef TAKT_SANITIZED
constexpr std::uint64_t kSeedStep = 3;
#else
constexpr std::uint64_t kSeedStep = 1;
#endif

/// `property` takes a seed and says whether the case was one at all (a machine may be too small).
/// The number of cases; where only some seeds are looked at, as many as all of them would have had.
template <class Property>
std::uint64_t for_seeds(std::uint64_t last, const Property& property) {
  std::uint64_t cases = 0;
  for (std::uint64_t seed = 1; seed <= last; seed += kSeedStep) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    try {
      cases += property(seed) ? kSeedStep : 0;
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    if (testing::Test::HasFailure()) break;
  }
  return cases;
}

}  // namespace takt::test
