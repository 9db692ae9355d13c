// SPDX-License-Identifier: Apache-2.0
// The verifier on random GEMM chains: right ones pass, and no single missing token, address or
// store goes unnoticed.
#include "sim/program/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/gemm_program.h"

namespace takt::test {
namespace {

constexpr std::uint64_t kSeeds = 150;

TEST(VerifyRandom, CorrectProgramsPass) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const GemmProgram gemm(random_gemm(seed));
    const Program program = gemm.build();
    const Verification v = verify(program);
    ASSERT_TRUE(v.ok()) << "seed " << seed << ": " << v.findings.front();
  }
}

/// Drops one token; every one matters, since each slot is used again or must be free at the end.
TEST(VerifyRandom, EveryTokenMatters) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    GemmProgram gemm(random_gemm(seed));
    Random random(seed);
    auto& ops = gemm.ops[random.between(0, gemm.ops.size() - 1)];
    const std::size_t i = random.between(0, ops.size() - 1);
    TokenList& tokens = random.between(0, 1) == 0 ? ops[i].needs : ops[i].gives;
    if (tokens.empty()) continue;
    const std::size_t dropped = random.between(0, tokens.size() - 1);
    TokenList kept;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      if (t != dropped) kept.push_back(tokens[t]);
    }
    tokens = kept;
    const Program program = gemm.build();
    EXPECT_FALSE(verify(program).ok()) << "seed " << seed << ", op " << i;
  }
}

TEST(VerifyRandom, EveryTransferMatters) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    GemmProgram gemm(random_gemm(seed));
    Random random(seed);
    const std::size_t layer = random.between(0, gemm.ops.size() - 1);
    auto& ops = gemm.ops[layer];
    std::size_t i = random.between(0, ops.size() - 1);
    while (ops[i].kind != TileOpKind::kLoad && ops[i].kind != TileOpKind::kStore) {
      i = (i + 1) % ops.size();
    }
    // Its tokens pass, its bytes do not. A load into a slot that is filled for the second time
    // leaves old bytes there: only values show that, the functional player's task.
    const bool first_use = layer == 0 && i < 3;
    if (ops[i].kind == TileOpKind::kLoad && !first_use) continue;
    ops[i].kind = TileOpKind::kSync;
    ops[i].accesses.clear();
    const Program program = gemm.build();
    EXPECT_FALSE(verify(program).ok()) << "seed " << seed << ", op " << i;
  }
}

}  // namespace
}  // namespace takt::test
