// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tries a property on seeds 1, 2, 3 … and stops at the first that fails, saying which it was.

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <string>

namespace takt::test {

/// `property` takes a seed and says whether the case was one at all (a machine may be too small).
/// The number of cases.
template <class Property>
std::uint64_t for_seeds(std::uint64_t last, const Property& property) {
  std::uint64_t cases = 0;
  for (std::uint64_t seed = 1; seed <= last; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    try {
      cases += property(seed) ? 1 : 0;
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what();
    }
    if (testing::Test::HasFailure()) break;
  }
  return cases;
}

}  // namespace takt::test
