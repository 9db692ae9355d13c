// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/reference/compare.h"
#include "sim/reference/oracle.h"
#include "tests/support/gemm_program.h"

namespace takt::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Played {
  ValueCheck check;
  std::vector<std::string> findings;
};

Played play(const GemmProgram& gemm, const GemmShape& shape) {
  const Graph graph = gemm_graph(shape);
  Semantics semantics(graph, DType::kInt8);
  const Result<NetworkValues> values = Oracle(semantics, {}).run();
  const Program program = gemm.build();
  FunctionalPlayer player(program, semantics, *values);
  player.run();
  const auto stored = [&](TensorId id) -> const std::vector<std::byte>& {
    return player.result(id);
  };
  return {compare_values(*program.graph, *values, stored), player.findings()};
}

TEST(Player, ComputesTheNetwork) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const GemmShape shape = random_gemm(seed);
    const GemmProgram gemm(shape);
    const Played played = play(gemm, shape);
    EXPECT_EQ(played.check.mismatches, 0U) << "seed " << seed;
    EXPECT_GT(played.check.compared, 0U);
    EXPECT_THAT(played.findings, IsEmpty()) << "seed " << seed;
  }
}

TEST(Player, AForgottenLoadChangesTheNumbers) {
  const GemmShape shape;
  for (const Transfer::Role role : {Transfer::Role::kInput, Transfer::Role::kWeight}) {
    GemmProgram gemm(shape);
    // The slot was used before: old bytes lie there, which the verifier cannot tell from new ones.
    gemm.ops[0][gemm.find(TileOpKind::kLoad, 6, role)].kind = TileOpKind::kSync;
    EXPECT_GT(play(gemm, shape).check.mismatches, 0U);
  }
}

TEST(Player, AForgottenStoreChangesTheNumbers) {
  const GemmShape shape;
  GemmProgram gemm(shape);
  gemm.ops[0][gemm.find(TileOpKind::kStore, 2)].kind = TileOpKind::kSync;
  const Played played = play(gemm, shape);
  EXPECT_GT(played.check.mismatches, 0U);
  EXPECT_THAT(played.check.findings, Contains(HasSubstr("values of 'x1' differ")));
}

TEST(Player, AForgottenPassChangesTheNumbers) {
  const GemmShape shape;
  GemmProgram gemm(shape);
  gemm.ops[0][gemm.find(TileOpKind::kMatrix, 3)].kind = TileOpKind::kSync;
  EXPECT_GT(play(gemm, shape).check.mismatches, 0U);
}

TEST(Player, OverwritingSumsInsteadOfAddingChangesTheNumbers) {
  const GemmShape shape;
  GemmProgram gemm(shape);
  TileOp& op = gemm.ops[0][gemm.find(TileOpKind::kMatrix, 1)];
  ASSERT_TRUE(op.matrix.accumulate);
  op.matrix.accumulate = false;
  EXPECT_GT(play(gemm, shape).check.mismatches, 0U);
}

TEST(Player, OverlappingSlotsChangeTheNumbers) {
  const GemmShape shape;
  GemmProgram gemm(shape);
  for (TileOp& op : gemm.ops[0]) {
    for (SramAccess& a : op.accesses) {
      if (a.address == (32 << 10) + 1024) a.address -= 1000;
    }
    if (op.transfer.address == (32 << 10) + 1024) op.transfer.address -= 1000;
  }
  // Loads run ahead as far as credits let them, so the second tile falls into the first.
  std::swap(gemm.ops[0][gemm.find(TileOpKind::kMatrix, 0)],
            gemm.ops[0][gemm.find(TileOpKind::kLoad, 1, Transfer::Role::kWeight)]);
  std::swap(gemm.ops[0][gemm.find(TileOpKind::kMatrix, 0)],
            gemm.ops[0][gemm.find(TileOpKind::kLoad, 1, Transfer::Role::kInput)]);
  EXPECT_GT(play(gemm, shape).check.mismatches, 0U);
}

TEST(Player, AWrongPieceOfTheInputChangesTheNumbers) {
  const GemmShape shape;
  GemmProgram gemm(shape);
  gemm.ops[0][gemm.find(TileOpKind::kLoad, 3)].transfer.remote.address += 1;
  EXPECT_GT(play(gemm, shape).check.mismatches, 0U);
}

TEST(Player, SaysWhatNoValueCan) {
  const GemmShape shape;
  GemmProgram outside(shape);
  outside.ops[0][outside.find(TileOpKind::kLoad)].transfer.remote.address += 1 << 20;
  EXPECT_THAT(play(outside, shape).findings, Contains(HasSubstr("of a tensor of")));

  GemmProgram slot(shape);
  for (SramAccess& a : slot.ops[0][slot.find(TileOpKind::kMatrix)].accesses) a.span = 1;
  EXPECT_THAT(play(slot, shape).findings,
              Contains(HasSubstr("needs inputs outside the bytes it reads")));

  GemmProgram work(shape);
  work.ops[0][work.find(TileOpKind::kMatrix)].matrix.k -= 1;
  EXPECT_THAT(play(work, shape).findings, Contains(HasSubstr("the work of its place")));
}

TEST(Player, KeepsTheStationaryOperand) {
  // One weight tile for all rows: every pass but the first keeps it.
  GemmShape shape;
  shape.m = 60;
  shape.widths = {12, 8};
  shape.tile_m = 16;
  GemmProgram gemm(shape);
  bool first = true;
  for (TileOp& op : gemm.ops[0]) {
    if (op.kind != TileOpKind::kMatrix) continue;
    if (!first) {
      op.matrix.load_stationary = false;
      FixedVector<SramAccess, 8> inputs;
      inputs.push_back(op.accesses[0]);
      op.accesses = inputs;
    }
    first = false;
  }
  const Played played = play(gemm, shape);
  EXPECT_EQ(played.check.mismatches, 0U);
  EXPECT_THAT(played.findings, IsEmpty());
}

}  // namespace
}  // namespace takt::test
