// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/dram_rows.h"

#include <gtest/gtest.h>

#include "sim/machine/machine_spec.h"

namespace takt {
namespace {

/// One HBM2 stack at 1 GHz: 8 channels, 256 B a cycle, bursts of 64 B, rows of 1 KiB in 4 groups.
Machine npu() { return read_machine("configs/npu_128.yaml").value(); }

TEST(DramRows, WhatLiesTogetherTakesTheRatedBandwidth) {
  EXPECT_EQ(dram_cycles(npu(), {1 << 20, 0, 0}, 1), 4096u);
  EXPECT_EQ(dram_cycles(npu(), {0, 0, 0}, 1), 0u);
  EXPECT_EQ(dram_cycles(npu(), {1 << 20, 32 << 10, 48 << 10}, 1), 4096u) << "long runs as well";
}

TEST(DramRows, APitchMayMeetFewChannels) {
  // Every eighth interleave of 256 B is the same channel's: an eighth of the bandwidth.
  EXPECT_EQ(dram_cycles(npu(), {1 << 20, 256, 2048}, 1), 8 * 4096u);
  EXPECT_EQ(dram_cycles(npu(), {1 << 20, 256, 1024}, 1), 4 * 4096u) << "every fourth: two channels";
  Machine hashed = npu();
  hashed.memory.hashed = true;
  EXPECT_LT(dram_cycles(hashed, {1 << 20, 256, 2048}, 1), 2 * 4096u);
}

TEST(DramRows, ShortRunsMoveWholeBursts) {
  EXPECT_EQ(dram_cycles(npu(), {1000, 1, 64 + 1}, 1), 1000u * 64 / 256);
}

TEST(DramRows, RowsToOpenBoundRunsThatAreFarApart) {
  // 1,024 runs of 64 B, each in a row of its own: an activation each, four in tFAW = 30 clocks, in
  // 8 channels at a time.
  EXPECT_EQ(dram_cycles(npu(), {1024 * 64, 64, (64 << 10) + 64}, 1), 1024u * 30 / 4 / 8);
}

TEST(DramRows, IdealMemoryHasNone) {
  Machine machine = npu();
  machine.memory.ideal = true;
  EXPECT_EQ(dram_cycles(machine, {1 << 20, 1, 4096}, 1), 0u);
}

// 16 requests of 64 B in flight, 160 ns there and back: one every 10 ns.
TEST(DramRows, RequestsInFlightBoundShortRuns) {
  Machine far = npu();
  far.dma.burst = Bytes(64);
  far.dma.outstanding = 16;
  far.dma.latency = Femtoseconds(160'000'000);
  const std::uint64_t cycles_a_request = far.clock.hz() / 100'000'000;
  EXPECT_EQ(dram_cycles(far, {1 << 16, 16, 4096}, 1), (1U << 12) * cycles_a_request);
  EXPECT_EQ(dram_cycles(far, {1 << 16, 0, 0}, 1), (1U << 10) * cycles_a_request) << "whole bursts";
  EXPECT_EQ(dram_cycles(far, {1 << 16, 0, 0}, 2), (1U << 9) * cycles_a_request) << "two cores";
  far.dma.request_interval = Femtoseconds(20'000'000);  // each of two: 10 ns
  EXPECT_EQ(dram_cycles(far, {1 << 16, 0, 0}, 2), (1U << 10) * cycles_a_request);
}

}  // namespace
}  // namespace takt
