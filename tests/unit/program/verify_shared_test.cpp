// SPDX-License-Identifier: Apache-2.0
// The verifier on tensors that lie in the cores' shared buffer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/gemm_findings.h"

namespace takt::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Two layers, the tensor between them (and, if asked, the last one) in a shared buffer.
GemmProgram& shared_between(GemmProgram& gemm, std::uint64_t last_at = UINT64_MAX,
                            std::uint64_t first_at = 0) {
  gemm.machine().shared.memory.size = Bytes(4096);
  const auto move_there = [&](std::uint32_t tensor, std::uint64_t at) {
    TensorPlacement& place = gemm.placements()[tensor];
    for (std::vector<TileOp>& ops : gemm.ops) {
      for (TileOp& op : ops) {
        Transfer& t = op.transfer;
        if (t.tensor.index != tensor) continue;
        if (t.space == Space::kHost) {
          t.near = Space::kShared;
          t.address = at;
        } else if (op.kind == TileOpKind::kLoad || op.kind == TileOpKind::kStore) {
          t.space = Space::kShared;
          t.remote.address = t.remote.address - place.dram_address + at;
        }
      }
    }
    place.shared = true;
    place.in_dram = false;
    place.buffer_address = at;
  };
  move_there(2, first_at);
  if (last_at != UINT64_MAX) move_there(4, last_at);
  return gemm;
}

GemmShape two_layers() {
  GemmShape shape;
  shape.widths = {24, 20, 16};
  return shape;
}

TEST(VerifyShared, AcceptsACorrectProgram) {
  GemmProgram gemm(two_layers());
  EXPECT_THAT(findings(shared_between(gemm, 1024)), IsEmpty());
}

TEST(VerifyShared, LayersAreOrderedThroughIt) {
  GemmProgram gemm(two_layers());
  shared_between(gemm);
  for (TileOp& op : gemm.ops[1]) {
    for (const Token& t : TokenList(op.needs)) {
      if (gemm.channels[t.channel.index].name == "gemm0.stored") {
        drop(gemm, op.needs, "gemm0.stored");
      }
    }
  }
  EXPECT_THAT(findings(gemm), Contains(AllOf(HasSubstr("reads tensor 'x1' from the shared buffer"),
                                             HasSubstr("no token"))));
}

TEST(VerifyShared, WhatIsStillNeededIsNotWrittenOver) {
  GemmProgram gemm(two_layers());
  // The last 60 bytes of x1 are the first of x2.
  shared_between(gemm, 40 * 20 - 60);
  EXPECT_THAT(findings(gemm), Contains(AllOf(HasSubstr("reads tensor 'x1' from the shared buffer"),
                                             HasSubstr("another tensor was written over it"))));
}

TEST(VerifyShared, WhoWritesOverATensorWaitsForItsReaders) {
  // The first 8 bytes of x1 are the last of x2, which the last store of all writes.
  GemmProgram good(two_layers());
  EXPECT_THAT(findings(shared_between(good, 0, 40 * 16 - 8)), IsEmpty());
  GemmProgram bad(two_layers());
  shared_between(bad, 0, 40 * 16 - 8);
  for (TileOp& op : bad.ops[1]) {
    const bool waits = std::any_of(op.needs.begin(), op.needs.end(), [&](const Token& t) {
      return bad.channels[t.channel.index].name == "gemm0.outputs.ready";
    });
    if (op.kind == TileOpKind::kStore && waits) drop(bad, op.needs, "gemm0.outputs.ready");
  }
  EXPECT_THAT(findings(bad),
              Contains(AllOf(HasSubstr("writes over tensor 'x1' in the shared buffer"),
                             HasSubstr("is through with it"))));
}

TEST(VerifyShared, ATensorLiesInOnePlace) {
  GemmProgram gemm(two_layers());
  shared_between(gemm);
  TileOp& load =
      gemm.ops[1][0].transfer.role == Transfer::Role::kInput ? gemm.ops[1][0] : gemm.ops[1][1];
  ASSERT_EQ(load.transfer.space, Space::kShared);
  load.transfer.space = Space::kDram;
  EXPECT_THAT(findings(gemm), Contains(AllOf(HasSubstr("looks for tensor 'x1' in DRAM"),
                                             HasSubstr("it lies in the shared buffer"))));
  GemmProgram other(two_layers());
  TileOp& store = other.ops[0][other.find(TileOpKind::kStore)];
  store.transfer.space = Space::kShared;
  EXPECT_THAT(findings(other), Contains(HasSubstr("in the shared buffer, where it does not lie")));
}

TEST(VerifyShared, NothingLiesBehindItsEnd) {
  GemmProgram gemm(two_layers());
  shared_between(gemm, 4096 - 100);
  EXPECT_THAT(findings(gemm), Contains(HasSubstr("of the shared buffer, which has 4096 bytes")));
}

}  // namespace
}  // namespace takt::test
