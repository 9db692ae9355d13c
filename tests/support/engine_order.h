// SPDX-License-Identifier: Apache-2.0
#pragma once
// What holds between the engines' results for the same program: analytic <= transaction.

#include <gtest/gtest.h>

#include "tests/support/compiled.h"

namespace takt::test {

/// No layer, with all before it, ends sooner than the closed form has it.
inline void expect_order(const EngineResult& closed_form, const EngineResult& played) {
  ASSERT_EQ(closed_form.regions.size(), played.regions.size());
  Cycles a_end{}, t_end{};
  for (std::size_t r = 0; r < closed_form.regions.size(); ++r) {
    a_end = std::max(a_end, closed_form.regions[r].end);
    t_end = std::max(t_end, played.regions[r].end);
    EXPECT_LE(a_end, t_end) << "region " << r;
  }
  EXPECT_LE(closed_form.end, played.end);
}

/// Both have finished in order, with the same counts and every cycle accounted for.
inline void expect_agreement(const Program& program, const EngineResult& closed_form,
                             const EngineResult& played) {
  EXPECT_EQ(played.status, EngineResult::Status::kFinished);
  expect_order(closed_form, played);
  for (std::size_t r = 0; r < closed_form.regions.size(); ++r) {
    for (std::size_t w = 0; w < ActionCounts::kWords; ++w) {
      EXPECT_EQ(closed_form.regions[r].counts.words()[w], played.regions[r].counts.words()[w])
          << "region " << r << " count " << w;
    }
  }
  expect_balanced(program, closed_form);
  expect_balanced(program, played);
}

}  // namespace takt::test
