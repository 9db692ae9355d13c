// SPDX-License-Identifier: Apache-2.0
// With DRAM rows and banks, host link and on-chip banks: contention only ever adds.
#include <gtest/gtest.h>

#include "sim/engine/analytic.h"
#include "tests/support/engine_results.h"
#include "tests/support/played.h"
#include "tests/support/random_program.h"

namespace takt::test {
namespace {

Machine real_machine(std::uint32_t cores, std::uint32_t channels) {
  Machine machine = small_machine(cores);
  machine.memory.ideal = false;
  machine.memory.channels = channels;
  machine.memory.bandwidth_bytes_per_s = 16'000'000'000 * channels;
  machine.memory.interleave = Bytes(256);
  machine.host.latency = Femtoseconds(400'000'000);        // 400 ns
  machine.host.driver_cost = Femtoseconds(1'000'000'000);  // 1 us
  return machine;
}

struct Size {
  std::string name;
  std::uint32_t cores, channels;
  friend std::ostream& operator<<(std::ostream& out, const Size& s) { return out << s.name; }
};

class RealMemory : public testing::TestWithParam<Size> {};

TEST_P(RealMemory, ContentionOnlyAdds) {
  const Machine machine = real_machine(GetParam().cores, GetParam().channels);
  const FakeTiming timing;
  std::uint64_t later = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ProgramBuilder builder(machine);
    const Program program = random_program(builder, seed);
    const TransactionRun run = play_transaction(program, timing);
    ASSERT_EQ(run.result.status, EngineResult::Status::kFinished)
        << (run.result.blocked.empty() ? "" : run.result.blocked[0]);
    expect_balanced(program, run.result);

    // The oracle knows no latency: what it says is a bound for every op and every moment.
    const Played bound = ReferencePlayer(program, timing).play();
    for (const auto& [unit, ops] : bound) {
      ASSERT_EQ(ops.size(), run.played.at(unit).size());
      // The tally hears of transfers in the order in which they finish.
      std::vector<PlayedOp> played = run.played.at(unit);
      std::stable_sort(played.begin(), played.end(),
                       [](const PlayedOp& a, const PlayedOp& b) { return a.start < b.start; });
      for (std::size_t i = 0; i < ops.size(); ++i) {
        EXPECT_LE(ops[i].start, played[i].start) << program.units[unit].name << " op " << i;
        EXPECT_LE(ops[i].done, played[i].done) << program.units[unit].name << " op " << i;
        later += ops[i].done < played[i].done;
      }
    }
    const Result<EngineResult> analytic = AnalyticEngine(timing).run(program, {});
    expect_not_below(*analytic, run.result);
    if (HasFailure()) return;
  }
  EXPECT_GT(later, 0u);
}

TEST_P(RealMemory, EveryByteGoesThroughDram) {
  const Machine machine = real_machine(GetParam().cores, GetParam().channels);
  const FakeTiming timing;
  for (std::uint64_t seed = 200; seed < 220; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    ProgramBuilder builder(machine);
    const Program program = random_program(builder, seed);
    const EngineResult result = play_transaction(program, timing).result;
    std::uint64_t program_bytes = 0, dram_bytes = 0;
    for (const RegionResult& region : result.regions) {
      program_bytes += region.counts.dram_read_bytes + region.counts.dram_write_bytes;
    }
    for (std::uint32_t c = 0; c < machine.memory.channels; ++c) {
      const std::string name = "dram.ch" + std::to_string(c);
      dram_bytes += counter_of(result, name, "bytes_requested");
      EXPECT_LE(counter_of(result, name, "bytes_requested"),
                counter_of(result, name, "bytes_transferred"));
    }
    EXPECT_EQ(program_bytes, dram_bytes);
  }
}

TEST_P(RealMemory, TwoRunsAreTheSameByteForByte) {
  const Machine machine = real_machine(GetParam().cores, GetParam().channels);
  const FakeTiming timing;
  ProgramBuilder builder(machine);
  const Program program = random_program(builder, 11, {4, 60});
  const TransactionRun first = play_transaction(program, timing);
  const TransactionRun second = play_transaction(program, timing);
  EXPECT_EQ(encode(first.result), encode(second.result));
  EXPECT_EQ(first.played, second.played);
}

INSTANTIATE_TEST_SUITE_P(Machines, RealMemory,
                         testing::Values(Size{"one_core_one_channel", 1, 1},
                                         Size{"one_core_four_channels", 1, 4},
                                         Size{"four_cores_one_channel", 4, 1}),
                         [](const auto& tested) { return tested.param.name; });

// Two engines share one channel: together they need at least their bytes' time.
TEST(RealMemoryByHand, TwoStreamsShareOneChannel) {
  const Machine machine = real_machine(2, 1);
  const FakeTiming timing;
  ProgramBuilder b(machine);
  b.load(1 << 20, 0);
  b.load(1 << 20, 1);
  const Program program = b.build();
  const TransactionRun run = play_transaction(program, timing);
  const std::uint64_t alone = (1 << 20) / 16;
  EXPECT_GE(run.result.end.value(), 2 * alone);
  EXPECT_LE(run.result.end.value(), 2 * alone + 2 * alone / 5);
  const UnitResult& dma = run.result.units[program.unit_of(UnitKind::kDmaIn, 0).index];
  EXPECT_EQ(dma.ledger[UnitAccount::kBusy], alone);
  EXPECT_GT(dma.ledger[UnitAccount::kWaitBank], 0u);
}

// 1 MiB from the host into DRAM takes the link's time; into a buffer no DRAM is touched.
TEST(RealMemoryByHand, HostBytesGoToDramOrToTheBuffer) {
  const Machine machine = real_machine(1, 1);
  const FakeTiming timing;
  for (const bool to_buffer : {false, true}) {
    ProgramBuilder b(machine);
    TileOp& op = b.host_in(1 << 20).op();
    if (to_buffer) op.transfer.buffer = machine.unified;
    const Program program = b.build();
    const EngineResult result = play_transaction(program, timing).result;
    EXPECT_EQ(result.status, EngineResult::Status::kFinished);
    EXPECT_EQ(counter_of(result, "dram.ch0", "bytes_requested"), to_buffer ? 0u : 1u << 20);
    EXPECT_EQ(counter_of(result, "host.pcie", "read_bytes"), 1u << 20);
    const std::uint64_t floor = mul_div_ceil(1 << 20, machine.clock.hz(), 14'000'000'000) + 1400;
    EXPECT_GE(result.end.value(), floor);
    EXPECT_LE(result.end.value(), floor + floor / 10);
  }
}

// A buffer of one narrow port cannot feed a load and a matrix op at the same time.
TEST(RealMemoryByHand, BanksHoldUpWhoComesSecond) {
  Machine machine = real_machine(1, 1);
  machine.buffers[0].banks = 1;
  const FakeTiming timing;
  ProgramBuilder b(machine);
  b.vector(16 * 100).touches(0, 16 * 100, true);      // the whole port for 100 cycles
  b.matrix(100, 16, 16).touches(0, 16 * 100, false);  // wants it too
  const Program program = b.build();
  const TransactionRun run = play_transaction(program, timing);
  const PlayedOp matrix = run.played.at(program.matrix_unit(0, 0).index).at(0);
  EXPECT_GE(matrix.start, 84u);  // 16 cycles of weights were hidden behind the vector op
  EXPECT_GT(counter_of(run.result, "core0.unified", "conflict_cycles"), 0u);
}

}  // namespace
}  // namespace takt::test
