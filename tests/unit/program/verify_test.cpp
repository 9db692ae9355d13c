// SPDX-License-Identifier: Apache-2.0
#include "sim/program/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/gemm_findings.h"

namespace takt::test {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Verify, AcceptsACorrectProgram) {
  const GemmProgram gemm({});
  const Program program = gemm.build();
  const Verification v = verify(program);
  EXPECT_THAT(v.findings, IsEmpty());
  EXPECT_EQ(v.ops, gemm.ops[0].size());
}

TEST(Verify, ADroppedNeedIsARace) {
  GemmProgram gemm({});
  const std::size_t i = gemm.find(TileOpKind::kMatrix, 3);
  drop(gemm, gemm.ops[0][i].needs, "gemm0.inputs.ready");
  EXPECT_THAT(findings(gemm),
              Contains(AllOf(HasSubstr("core0.matrix: op " + std::to_string(i)), HasSubstr("reads"),
                             HasSubstr("core0.unified"), HasSubstr("no token says that op"),
                             HasSubstr("has written it"))));
}

TEST(Verify, ADroppedGivenTokenBlocks) {
  GemmProgram gemm({});
  const std::size_t i = gemm.find(TileOpKind::kLoad, 4, Transfer::Role::kWeight);
  drop(gemm, gemm.ops[0][i].gives, "gemm0.weights.ready");
  EXPECT_THAT(findings(gemm), Contains(AllOf(HasSubstr("circle of waits"),
                                             HasSubstr("'gemm0.weights.ready', 0 there"))));
}

TEST(Verify, LoadAfterItsUseIsFound) {
  GemmProgram gemm({});
  // Without its tokens the load can stand behind the op that needs it.
  const std::size_t load = gemm.find(TileOpKind::kLoad, 0, Transfer::Role::kInput);
  const std::size_t use = gemm.find(TileOpKind::kMatrix, 0);
  gemm.ops[0][load].gives.clear();
  drop(gemm, gemm.ops[0][use].needs, "gemm0.inputs.ready");
  std::swap(gemm.ops[0][load], gemm.ops[0][use]);
  EXPECT_THAT(findings(gemm), Contains(HasSubstr("which nobody has written")));
}

TEST(Verify, SwappedLoadAndComputeWithTokensIsACircle) {
  GemmProgram gemm({});
  // On one DMA engine, a load that waits for a slot which only a load behind it would free.
  auto& op = gemm.ops[0][gemm.find(TileOpKind::kLoad, 0, Transfer::Role::kWeight)];
  const ChannelId never = op.gives[0].channel;
  op.needs.push_back({never, 1, Phase::kDone});
  EXPECT_THAT(findings(gemm), AllOf(Contains(AllOf(HasSubstr("circle of waits: core0.dma_in"),
                                                   HasSubstr("gemm0.weights.ready"))),
                                    Contains(HasSubstr("circle of waits: core0.matrix"))));
}

TEST(Verify, OverlappingSlotsAreFound) {
  GemmProgram gemm({});
  // The second input slot begins within the first.
  for (TileOp& op : gemm.ops[0]) {
    for (SramAccess& a : op.accesses) {
      if (a.address == (32 << 10) + 1024) a.address -= 1000;
    }
    if (op.transfer.address == (32 << 10) + 1024) op.transfer.address -= 1000;
  }
  EXPECT_THAT(findings(gemm),
              Contains(AllOf(HasSubstr("core0.dma_in"), HasSubstr("overwrites"),
                             HasSubstr("no token says that op"), HasSubstr("has read it"))));
}

TEST(Verify, WeightSlotsAreFreeOnceTheArrayHoldsThem) {
  GemmShape shape;
  shape.input_slots = shape.sum_slots = 3;
  shape.sum_slots = 2;
  shape.weight_slots = 1;
  GemmProgram good(shape);
  EXPECT_THAT(findings(good), IsEmpty());
  // The streaming operand is read until kIssued: the same promise would be a lie for it.
  GemmProgram bad(shape);
  for (TileOp& op : bad.ops[0]) {
    for (Token& t : op.gives) {
      if (bad.channels[t.channel.index].name == "gemm0.inputs.free") {
        t.phase = Phase::kStationaryLoaded;
      }
    }
  }
  EXPECT_THAT(findings(bad), Contains(AllOf(HasSubstr("overwrites"), HasSubstr("core0.unified"))));
}

TEST(Verify, StationaryLoadWaitsForTokensOfWeightsOnly) {
  GemmProgram gemm({});
  for (Channel& c : gemm.channels) {
    if (c.name == "gemm0.weights.ready") c.cause = StallCause::kDependency;
  }
  EXPECT_THAT(findings(gemm), Contains(AllOf(HasSubstr("core0.matrix"), HasSubstr("reads"))));
}

TEST(Verify, StoresExactlyOnce) {
  GemmProgram dropped({});
  const std::size_t i = dropped.find(TileOpKind::kStore, 2);
  // The store's tokens stay, its bytes go: as a sync would.
  dropped.ops[0][i].kind = TileOpKind::kSync;
  EXPECT_THAT(findings(dropped), Contains(HasSubstr("tensor 'x1' is not stored whole")));

  GemmProgram twice({});
  TileOp again = twice.ops[0][twice.find(TileOpKind::kStore, 1)];
  const std::size_t next = twice.find(TileOpKind::kStore, 2);
  twice.ops[0][next].transfer.remote = again.transfer.remote;
  EXPECT_THAT(findings(twice), AllOf(Contains(HasSubstr("to DRAM a second time")),
                                     Contains(HasSubstr("tensor 'x1' is not stored whole"))));
}

TEST(Verify, WhatLeavesMustBeStoredFirst) {
  GemmProgram gemm({});
  TileOp& out = gemm.ops[0].back();
  ASSERT_EQ(out.transfer.space, Space::kHost);
  out.needs.clear();
  EXPECT_THAT(findings(gemm), Contains(AllOf(HasSubstr("host.out"), HasSubstr("reads tensor 'x1'"),
                                             HasSubstr("no token says"))));
}

TEST(Verify, LayersAreOrderedThroughDram) {
  GemmShape shape;
  shape.widths = {24, 20, 16};
  GemmProgram gemm(shape);
  EXPECT_THAT(findings(gemm), IsEmpty());
  for (TileOp& op : gemm.ops[1]) {
    for (const Token& t : TokenList(op.needs)) {
      if (gemm.channels[t.channel.index].name == "gemm0.stored") {
        drop(gemm, op.needs, "gemm0.stored");
      }
    }
  }
  EXPECT_THAT(findings(gemm),
              Contains(AllOf(HasSubstr("reads tensor 'x1' from DRAM"), HasSubstr("no token"))));
}

TEST(Verify, MacsMustBeExact) {
  GemmProgram gemm({});
  TileOp& op = gemm.ops[0][gemm.find(TileOpKind::kMatrix, 1)];
  op.matrix.k -= 1;
  EXPECT_THAT(findings(gemm),
              Contains(AllOf(HasSubstr("layer 'gemm0' does"),
                             HasSubstr("instead of " + std::to_string(40 * 24 * 20)))));
}

TEST(Verify, CreditsComeBack) {
  GemmProgram gemm({});
  // The last op that frees an input slot forgets to.
  for (std::size_t i = gemm.ops[0].size(); i-- > 0;) {
    if (gemm.ops[0][i].kind != TileOpKind::kMatrix) continue;
    drop(gemm, gemm.ops[0][i].gives, "gemm0.inputs.free");
    break;
  }
  EXPECT_THAT(findings(gemm),
              Contains("channel 'gemm0.inputs.free' ends with 1 credits instead of 2"));
}

TEST(Verify, RangesAreKept) {
  GemmProgram buffer({});
  buffer.ops[0][buffer.find(TileOpKind::kVector)].accesses[0].address = (1 << 20) - 3;
  EXPECT_THAT(findings(buffer), Contains(AllOf(HasSubstr("core0.vector"), HasSubstr("writes"),
                                               HasSubstr("which has 1048576 bytes"))));
  GemmProgram sums({});
  sums.ops[0][sums.find(TileOpKind::kMatrix)].accumulator = 60;
  EXPECT_THAT(findings(sums), Contains(HasSubstr("accumulator rows of core0, but has [0, 64)")));
  GemmProgram dram({});
  dram.ops[0][dram.find(TileOpKind::kStore)].transfer.remote.address += 1 << 12;
  EXPECT_THAT(findings(dram), Contains(HasSubstr("which has only")));
}

TEST(Verify, SumsAreReadWholeAndNotLost) {
  GemmProgram early({});
  const std::size_t vector = early.find(TileOpKind::kVector);
  // The vector op runs before the last pass of its block has added to it.
  std::size_t last = vector;
  while (early.ops[0][last].kind != TileOpKind::kMatrix) --last;
  early.ops[0][last].matrix.last_k = false;
  EXPECT_THAT(findings(early), Contains(HasSubstr("left a partial sum")));

  GemmProgram lost({});
  for (TileOp& op : lost.ops[0]) {
    if (op.kind == TileOpKind::kVector) op.accumulator_rows = 0;
  }
  EXPECT_THAT(findings(lost), Contains(HasSubstr("that nobody has read")));
}

TEST(Verify, CreditsMayNotBeUsedBeforeTheyAreThere) {
  GemmProgram gemm({});
  const Program program = gemm.build();
  CoreStream stream(program, 0);
  Verifier verifier(program);
  TileOp op;
  while (stream.next(op) && op.kind != TileOpKind::kMatrix) continue;
  EXPECT_NE(verifier.missing(op), nullptr);
  verifier.take(op);
  EXPECT_THAT(verifier.finish().findings,
              Contains(HasSubstr("takes 1 of 'gemm0.weights.ready', which has only 0")));
}

}  // namespace
}  // namespace takt::test
