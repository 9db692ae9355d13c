// SPDX-License-Identifier: Apache-2.0
// How a run on the chip ends when it does not simply finish, and what it says while it runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/played.h"
#include "tests/support/random_program.h"

namespace takt::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(TransactionEngine, AnEmptyProgramEndsAtZero) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder builder(machine);
  const Program program = builder.build();
  const TransactionRun run = play_transaction(program, timing);
  EXPECT_EQ(run.result.status, EngineResult::Status::kFinished);
  EXPECT_EQ(run.result.end, Cycles(0));
  EXPECT_TRUE(run.result.regions[0].finished);
}

// 320 B at 16 B a cycle: in 0..20; 4 rows of weights: 20..24; 8 rows: 24..32; drain 4 + 4: 40;
// vector 32 / 16 = 2: 40..42, + 5; store 160 B: 47..57.
TEST(TransactionEngine, AChainByHand) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder b(machine);
  const ChannelId loaded = b.channel("loaded", StallCause::kWeights);
  const ChannelId out = b.channel("out", StallCause::kVector);
  const ChannelId store = b.channel("store", StallCause::kDependency);
  b.load(320).gives(loaded);
  b.matrix(8, 4, 4).needs(loaded).gives(out);
  b.vector(32).needs(out).gives(store);
  b.store(160).needs(store);
  const Program program = b.build();
  const TransactionRun run = play_transaction(program, timing);
  EXPECT_EQ(run.result.end, Cycles(57));
  const PlayedOp matrix = run.played.at(program.matrix_unit(0, 0).index).at(0);
  EXPECT_EQ(matrix.loaded, 24u);
  EXPECT_EQ(matrix.start, 24u);
  EXPECT_EQ(matrix.issued, 32u);
  EXPECT_EQ(matrix.done, 40u);
  EXPECT_EQ(run.result.regions[0].matrix_span_start, Cycles(24));
  EXPECT_EQ(run.result.regions[0].matrix_span_end, Cycles(32));
}

TEST(TransactionEngine, ADeadlockNamesOpsAndTokens) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder b(machine);
  const ChannelId weights = b.channel("conv1.weights.ready", StallCause::kWeights);
  const ChannelId out = b.channel("conv1.out.ready", StallCause::kVector);
  b.load(64).gives(weights);
  b.matrix(8, 4, 4).needs(weights, 2).gives(out);
  b.vector(32).needs(out);
  const Program program = b.build();
  const EngineResult result = play_transaction(program, timing).result;
  EXPECT_EQ(result.status, EngineResult::Status::kDeadlock);
  EXPECT_THAT(
      result.blocked,
      ElementsAre(
          "core0.matrix: op 1 (matrix, layer 'r0') waits for 2 of 'conv1.weights.ready', 1 there",
          "core0.vector: op 2 (vector, layer 'r0') waits for 1 of 'conv1.out.ready', 0 there"));
  EXPECT_FALSE(result.regions[0].finished);
  EXPECT_EQ(result.end, Cycles(4));  // the load's
  for (const UnitResult& unit : result.units) {
    EXPECT_EQ(unit.is_matrix ? unit.matrix.total() : unit.ledger.total(), 4u) << unit.name;
  }
}

TEST(TransactionEngine, ACircleOfWaitsIsADeadlock) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder b(machine);
  const ChannelId there = b.channel("there", StallCause::kInputs);
  const ChannelId back = b.channel("back", StallCause::kOutputs);
  b.load(64).needs(back).gives(there);
  b.matrix(8, 4, 4).needs(there).gives(back);
  const Program program = b.build();
  const EngineResult result = play_transaction(program, timing).result;
  EXPECT_EQ(result.status, EngineResult::Status::kDeadlock);
  EXPECT_EQ(result.blocked.size(), 2u);
}

/// Two regions, the first of 64 cycles and the second of 64 more.
Program two_loads(ProgramBuilder& b) {
  b.load(1024);
  b.region("r1");
  b.load(1024);
  return b.build();
}

TEST(TransactionEngine, TheCycleLimitKeepsWhatIsFinished) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder b(machine);
  const Program program = two_loads(b);
  RunLimits limits;
  limits.max_cycles = Cycles(100);
  const EngineResult cut = play_transaction(program, timing, limits).result;
  EXPECT_EQ(cut.status, EngineResult::Status::kCycleLimit);
  EXPECT_TRUE(cut.regions[0].finished);
  EXPECT_EQ(cut.regions[0].end, Cycles(64));
  EXPECT_FALSE(cut.blocked.empty());
  limits.max_cycles = Cycles(128);  // just enough
  const EngineResult whole = play_transaction(program, timing, limits).result;
  EXPECT_EQ(whole.status, EngineResult::Status::kFinished);
  EXPECT_EQ(whole.end, Cycles(128));
}

TEST(TransactionEngine, AnInterruptKeepsWhatIsFinished) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder b(machine);
  constexpr int kRegions = 40;
  for (int r = 1; r <= kRegions; ++r) {
    const ChannelId free = b.channel("free" + std::to_string(r), StallCause::kOutputs, 1, 1);
    const ChannelId ready = b.channel("ready" + std::to_string(r), StallCause::kInputs);
    for (int i = 0; i < 200; ++i) {
      b.load(64).needs(free).gives(ready);
      b.vector(16).needs(ready).gives(free);
    }
    if (r < kRegions) b.region("r" + std::to_string(r));
  }
  const Program program = b.build();
  std::atomic<bool> stop{false};
  RunLimits limits;
  limits.stop = &stop;
  limits.progress = [&](std::size_t done, std::size_t) { stop = done >= 10; };
  // In the child `stop` is set by the tenth region; the parent's own stays as it is.
  const EngineResult result = play_transaction(program, timing, limits).result;
  EXPECT_EQ(result.status, EngineResult::Status::kInterrupted);
  EXPECT_TRUE(result.regions[9].finished);
  EXPECT_FALSE(result.regions[kRegions - 1].finished);
}

/// Notes spans and counters as text.
class NotingSink : public SpanSink {
 public:
  void span(const TileOp& op, Cycles start, Cycles end) override {
    text += to_string(op.kind) + " " + std::to_string(start.value()) + ".." +
            std::to_string(end.value()) + "; ";
  }
  void counter(const std::string& name, Cycles when, std::uint64_t value) override {
    text += name + "=" + std::to_string(value) + " at " + std::to_string(when.value()) + "; ";
  }
  std::string text;
};

TEST(TransactionEngine, SpansAndCreditsAreShownToWhoeverAsks) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder b(machine);
  const ChannelId ready = b.channel("ready", StallCause::kInputs);
  b.load(64).gives(ready);
  b.load(64).gives(ready);
  b.vector(160).needs(ready, 2);
  const Program program = b.build();
  const std::string text = run_in_child_or_throw([&] {
    NotingSink sink;
    RunLimits limits;
    limits.spans = &sink;
    make_transaction_engine(machine, timing)->run(program, limits).value();
    return sink.text;
  });
  EXPECT_THAT(text, HasSubstr("load 0..4; "));
  EXPECT_THAT(text, HasSubstr("load 4..8; "));
  EXPECT_THAT(text, HasSubstr("vector 8..18; "));
  EXPECT_THAT(text, HasSubstr("ready=0 at 8; "));
  EXPECT_THAT(text, HasSubstr("core0.dma_in.bytes_moved=128 at 8; "));
}

// A bug must come out as one, with the place it happened at.
TEST(TransactionEngine, AnOpOnTheWrongUnitIsAnInternalError) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder b(machine);
  b.matrix(8, 4, 4).op().unit = UnitId{0};  // a DMA engine
  const Program program = b.build();
  const ChildOutcome outcome = run_in_child(
      [&] { return encode(make_transaction_engine(machine, timing)->run(program, {}).value()); });
  EXPECT_EQ(outcome.kind, ChildOutcome::Kind::kThrew);
  EXPECT_THAT(outcome.error, HasSubstr("chip.core0.dma_in"));
}

// Fewer than two activations an op; the program is a stream, so memory holds what is in flight.
TEST(TransactionEngine, ActivationsGrowWithTheOpsAndNotWithTheCycles) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  ProgramBuilder builder(machine);
  const Program program = random_program(builder, 3, {4, 2000});
  const TransactionRun run = play_transaction(program, timing);
  std::uint64_t ops = 0;
  for (const auto& [unit, played] : run.played) ops += played.size();
  EXPECT_GT(ops, 1000u);
  EXPECT_LT(run.result.kernel_activations, 2 * ops);
}

}  // namespace
}  // namespace takt::test
