// SPDX-License-Identifier: Apache-2.0
// With memory.ideal the transaction engine, the analytic engine and the plain oracle agree on every
// op: same start, same moments at which it gives its tokens, same ledgers.
#include <gtest/gtest.h>

#include "sim/engine/analytic.h"
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

void expect_balanced(const EngineResult& result) {
  for (const UnitResult& unit : result.units) {
    const std::uint64_t total = unit.is_matrix ? unit.matrix.total() : unit.ledger.total();
    EXPECT_EQ(total, result.end.value()) << unit.name;
  }
}

void expect_same(const EngineResult& analytic, const EngineResult& transaction) {
  EXPECT_EQ(transaction.status, EngineResult::Status::kFinished);
  EXPECT_EQ(analytic.end, transaction.end);
  ASSERT_EQ(analytic.regions.size(), transaction.regions.size());
  for (std::size_t r = 0; r < analytic.regions.size(); ++r) {
    const RegionResult& a = analytic.regions[r];
    const RegionResult& t = transaction.regions[r];
    EXPECT_TRUE(t.finished) << r;
    EXPECT_EQ(a.start, t.start) << r;
    EXPECT_EQ(a.end, t.end) << r;
    EXPECT_EQ(a.matrix_span_start, t.matrix_span_start) << r;
    EXPECT_EQ(a.matrix_span_end, t.matrix_span_end) << r;
    EXPECT_EQ(a.ledger.cycles, t.ledger.cycles) << r;
    for (std::size_t w = 0; w < ActionCounts::kWords; ++w) {
      EXPECT_EQ(a.counts.words()[w], t.counts.words()[w]) << "region " << r << " count " << w;
    }
  }
  ASSERT_EQ(analytic.units.size(), transaction.units.size());
  for (std::size_t u = 0; u < analytic.units.size(); ++u) {
    EXPECT_EQ(analytic.units[u].name, transaction.units[u].name);
    EXPECT_EQ(analytic.units[u].matrix.cycles, transaction.units[u].matrix.cycles)
        << analytic.units[u].name;
    EXPECT_EQ(analytic.units[u].ledger.cycles, transaction.units[u].ledger.cycles)
        << analytic.units[u].name;
  }
}

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
    expect_balanced(run.result);
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
    expect_balanced(run.result);
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
