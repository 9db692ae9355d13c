// SPDX-License-Identifier: Apache-2.0
// With memory.ideal the transaction engine, the analytic engine and the plain oracle agree on every
// op: same start, same moments at which it gives its tokens, same ledgers.
#include <gtest/gtest.h>

#include "sim/engine/analytic.h"
#include "tests/support/engine_results.h"
#include "tests/support/played.h"
#include "tests/support/random_program.h"

namespace takt::test {
namespace {

struct Variant {
  std::string name;
  std::uint32_t cores = 1, dma_engines = 2;
  bool overlap_load = true, overlap_unload = true, unloads = false;
  friend std::ostream& operator<<(std::ostream& out, const Variant& v) { return out << v.name; }
};

class IdealMemory : public testing::TestWithParam<Variant> {};

TEST_P(IdealMemory, EveryOpAgreesWithOracleAndAnalytic) {
  const Variant& v = GetParam();
  const Machine machine = small_machine(v.cores, v.dma_engines);
  FakeTiming timing;
  timing.overlap_load = v.overlap_load;
  timing.overlap_unload = v.overlap_unload;
  timing.unloads = v.unloads;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ProgramBuilder builder(machine);
    const Program program = random_program(builder, seed);
    const TransactionRun run = play_transaction(program, timing);
    ASSERT_EQ(run.result.status, EngineResult::Status::kFinished)
        << (run.result.blocked.empty() ? "" : run.result.blocked[0]);
    const Played expected = ReferencePlayer(program, timing).play();
    EXPECT_EQ(first_difference(program, expected, run.played), "");
    expect_balanced(program, run.result);
    const Result<EngineResult> analytic = AnalyticEngine(timing).run(program, {});
    expect_same(*analytic, run.result);
    if (HasFailure()) return;  // one seed says enough
  }
}

INSTANTIATE_TEST_SUITE_P(Machines, IdealMemory,
                         testing::Values(Variant{"plain"}, Variant{"one_dma", 1, 1},
                                         Variant{"single_weight_buffer", 1, 2, false},
                                         Variant{"output_stationary", 1, 2, true, true, true},
                                         Variant{"unload_alone", 1, 2, true, false, true},
                                         Variant{"three_cores", 3, 2}),
                         [](const auto& tested) { return tested.param.name; });

// With a window much smaller than the program some ops are found late; they may only lose by it.
TEST(IdealMemoryWindow, ASmallWindowNeverMakesAnOpEarlier) {
  const Machine machine = small_machine();
  const FakeTiming timing;
  for (std::uint64_t seed = 100; seed < 140; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ProgramBuilder builder(machine);
    const Program program = random_program(builder, seed);
    const TransactionRun run = play_transaction(program, timing, {}, /*window=*/6);
    ASSERT_EQ(run.result.status, EngineResult::Status::kFinished);
    expect_balanced(program, run.result);
    Played expected = ReferencePlayer(program, timing).play();
    for (auto& [unit, ops] : expected) {
      ASSERT_EQ(ops.size(), run.played.at(unit).size());
      for (std::size_t i = 0; i < ops.size(); ++i) {
        EXPECT_LE(ops[i].done, run.played.at(unit)[i].done);
      }
    }
  }
}

TEST(Determinism, TwoRunsAreTheSameByteForByte) {
  const Machine machine = small_machine(2);
  const FakeTiming timing;
  ProgramBuilder builder(machine);
  const Program program = random_program(builder, 7, {4, 60});
  const TransactionRun first = play_transaction(program, timing);
  const TransactionRun second = play_transaction(program, timing);
  EXPECT_EQ(encode(first.result), encode(second.result));
  EXPECT_EQ(first.played, second.played);
}

}  // namespace
}  // namespace takt::test
