// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a program computes is what its network says.

#include <gtest/gtest.h>

#include "sim/program/verify.h"
#include "sim/reference/functional_check.h"

namespace takt::test {

/// Verifies the program, plays it on values that `seed` makes and compares them with the oracle's.
inline void expect_right_values(const Program& program, const Graph& graph, DType precision,
                                std::uint64_t seed) {
  for (const std::string& finding : verify(program).findings) ADD_FAILURE() << finding;
  const Result<ValueCheck> check = check_functional(program, graph, precision, seed);
  ASSERT_TRUE(check.ok()) << to_string(check.errors());
  EXPECT_GT(check->compared, 0u);
  EXPECT_EQ(check->mismatches, 0u);
  EXPECT_TRUE(check->ok());
  for (const std::string& finding : check->findings) ADD_FAILURE() << finding;
}

}  // namespace takt::test
