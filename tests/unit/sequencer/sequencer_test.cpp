// SPDX-License-Identifier: Apache-2.0
#include "models/common/sequencer/sequencer_core.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/program_builder.h"

namespace takt {
namespace {

using test::FakeTiming;
using test::ProgramBuilder;
using test::small_machine;

class Listener : public SequencerListener {
 public:
  void dispatched(const TileOp&) override { ++dispatches; }
  void passed(std::uint32_t, std::size_t region) override { regions.push_back(region); }
  void refilled(UnitId unit) override { refills.push_back(unit.index); }
  std::size_t dispatches = 0;
  std::vector<std::size_t> regions;
  std::vector<std::uint32_t> refills;
};

class Sequencer : public testing::Test {
 protected:
  /// Three loads, then a vector op, then a load of another region.
  Sequencer() : machine_(small_machine()), builder_(machine_) {
    const ChannelId ready = builder_.channel("ready", StallCause::kInputs);
    for (int i = 0; i < 3; ++i) builder_.load(160).gives(ready);
    builder_.vector(32).needs(ready, 3);
    builder_.region("r1");
    builder_.load(32);
    program_ = builder_.build();
    board_ = std::make_unique<TokenBoard>(program_.channels);
    dma_ = program_.unit_of(UnitKind::kDmaIn, 0);
    vector_ = program_.unit_of(UnitKind::kVector, 0);
  }
  SequencerCore with_window(std::size_t window) {
    return SequencerCore(program_, timing_, *board_, listener_, {window, false});
  }

  Machine machine_;
  FakeTiming timing_;
  ProgramBuilder builder_;
  Program program_;
  std::unique_ptr<TokenBoard> board_;
  Listener listener_;
  UnitId dma_, vector_;
};

TEST_F(Sequencer, ReadsNoFurtherThanItMust) {
  SequencerCore sequencer = with_window(100);
  EXPECT_EQ(sequencer.front(dma_)->sequence, 0u);
  EXPECT_EQ(listener_.dispatches, 1u);
  EXPECT_EQ(sequencer.front(dma_)->sequence, 0u);
  EXPECT_EQ(listener_.dispatches, 1u);
  EXPECT_EQ(sequencer.front(vector_)->sequence, 3u);
  EXPECT_EQ(listener_.dispatches, 4u);
  EXPECT_EQ(sequencer.after(*sequencer.front(dma_))->sequence, 1u);
  EXPECT_TRUE(listener_.regions.empty());
}

TEST_F(Sequencer, PacksCostsAndNumbersOfCredits) {
  SequencerCore sequencer = with_window(100);
  PackedOp* const vector = sequencer.front(vector_);
  EXPECT_EQ(vector->pipe_cost().busy, Cycles(2));
  EXPECT_EQ(vector->pipe_cost().latency, Cycles(5));
  EXPECT_EQ(vector->wait, UnitAccount::kWaitInput);
  ASSERT_EQ(vector->needs().size(), 1u);
  EXPECT_EQ(vector->needs().begin()->first, 0u);
  EXPECT_EQ(vector->needs().begin()->count, 3u);
  EXPECT_EQ(vector->whole(), nullptr);
  PackedOp* const second = sequencer.front(dma_)->next;
  EXPECT_EQ(second->gives().begin()->first, 1u);
  EXPECT_EQ(second->pipe_cost().busy, Cycles(10));  // 160 B at 16 B a cycle
  EXPECT_EQ(second->transfer().remote.row_bytes, 160u);
}

TEST_F(Sequencer, AFullWindowHoldsAUnitBackUntilOpsRetire) {
  SequencerCore sequencer = with_window(2);
  EXPECT_EQ(sequencer.front(vector_), nullptr);  // two loads fill it
  EXPECT_EQ(sequencer.in_flight(0), 2u);
  EXPECT_EQ(sequencer.front(dma_)->sequence, 0u);
  sequencer.retire(sequencer.pop(dma_));
  EXPECT_TRUE(listener_.refills.empty());  // the third load came first
  sequencer.retire(sequencer.pop(dma_));
  EXPECT_THAT(listener_.refills, testing::ElementsAre(vector_.index));
  EXPECT_EQ(sequencer.front(vector_)->sequence, 3u);
  EXPECT_FALSE(sequencer.finished());
}

TEST_F(Sequencer, SaysWhichRegionsItHasPassedAndWhenItIsDone) {
  SequencerCore sequencer = with_window(100);
  for (int i = 0; i < 4; ++i) {
    ASSERT_NE(sequencer.front(dma_), nullptr);
    sequencer.retire(sequencer.pop(dma_));
  }
  EXPECT_THAT(listener_.regions, testing::ElementsAre(1));
  EXPECT_EQ(sequencer.front(dma_), nullptr);
  EXPECT_THAT(listener_.regions, testing::ElementsAre(1, 2));
  EXPECT_FALSE(sequencer.finished());  // the vector op is still queued
  sequencer.retire(sequencer.pop(vector_));
  EXPECT_TRUE(sequencer.finished());
}

// Ops that stay behind must not be overwritten when their neighbours' memory is used again.
TEST(OpArena, OpsOutliveTheirNeighbours) {
  OpArena arena;
  TileOp op;
  op.kind = TileOpKind::kLoad;
  std::vector<PackedOp*> kept;
  for (std::uint64_t round = 0; round < 2000; ++round) {
    op.sequence = round;
    op.transfer.remote.row_bytes = round;
    PackedOp& packed = arena.pack(op, round % 3 == 0);
    if (round % 50 == 0) {
      kept.push_back(&packed);
    } else {
      arena.release(packed);
    }
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(kept[i]->sequence, 50 * i);
    EXPECT_EQ(kept[i]->transfer().remote.row_bytes, 50 * i);
  }
}

}  // namespace
}  // namespace takt
