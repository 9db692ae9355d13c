// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/transfer_timing.h"

#include <gtest/gtest.h>

#include "tests/support/program_builder.h"

namespace takt::test {
namespace {

/// 4 banks of 16 B with one port: 64 B a cycle; 32 B of them to one engine.
Machine with_shared_buffer() {
  Machine machine = small_machine(2);
  machine.memory.ideal = false;
  machine.shared.memory = machine.buffers[0];
  machine.shared.memory.name = "shared";
  machine.shared.link = Bytes(32);
  machine.shared.latency = Cycles(7);
  return machine;
}

Transfer rows(Space space, std::uint64_t row, std::uint32_t count, std::int64_t stride) {
  Transfer t;
  t.space = space;
  t.buffer = BufferId{0};
  t.remote.row_bytes = row;
  t.remote.dims.back() = {count, stride};
  return t;
}

TEST(TransferTiming, TheLinkOfACoreBoundsWhatItMoves) {
  const TransferTiming timing(with_shared_buffer());
  const TransferCost cost = timing.cost(rows(Space::kShared, 1000, 1, 0));
  EXPECT_EQ(cost.occupancy, Cycles(32)) << "1000 B at 32 B a cycle";
  EXPECT_EQ(cost.latency, Cycles(7));
}

TEST(TransferTiming, ShortRowsTakeWholeLines) {
  const TransferTiming timing(with_shared_buffer());
  EXPECT_EQ(timing.cost(rows(Space::kShared, 2, 100, 48)).occupancy, Cycles(25))
      << "100 lines of 16 B at 64 B a cycle, though the link moves only 200 B";
  EXPECT_EQ(timing.cost(rows(Space::kShared, 2, 100, 2)).occupancy, Cycles(7)) << "one row";
}

TEST(TransferTiming, ATransposedTileCountsTheBurstsOfItsRows) {
  Machine machine = with_shared_buffer();
  const TransferTiming timing(machine);
  // 16 columns of 40 rows of 64 B, as [column][row] of single bytes.
  Transfer turned = rows(Space::kDram, 1, 40, 1024);
  turned.remote.dims[3] = {64, 1};
  EXPECT_EQ(timing.cost(turned).occupancy, timing.cost(rows(Space::kDram, 64, 40, 1024)).occupancy);
}

TEST(TransferTiming, WhatIsReadFirstMissesTheCache) {
  Machine machine = with_shared_buffer();
  EXPECT_EQ(TransferTiming(machine).least_of_misses(Bytes(1 << 20)).value(), 0u) << "no cache";
  Cache& cache = machine.memory.cache;
  cache.size = Bytes(1 << 16);
  cache.line = Bytes(64);
  cache.latency = Femtoseconds(20'000'000);
  cache.miss = Femtoseconds(100'000'000);
  machine.dma.latency = Femtoseconds(30'000'000);
  machine.dma.burst = Bytes(64);
  machine.dma.outstanding = 8;
  machine.cores = 2;
  const DramTiming& t = machine.memory.timing;
  const std::uint64_t latency = 150 + t.cl * machine.clock.hz() / t.clock_hz;
  const TransferTiming timing(machine);
  const auto moved = [&](std::uint64_t bytes) {
    return machine.clock.cycles_to_move(Bytes(bytes), machine.memory.bandwidth_bytes_per_s).value();
  };
  EXPECT_EQ(timing.least_of_misses(Bytes(64 * 1000 + 63)).value(),
            std::max(1000 * latency / 16, moved(64'000)));
  EXPECT_EQ(timing.least_of_misses(Bytes(63)).value(), 0u);
  machine.dma.burst = Bytes(256);
  EXPECT_EQ(TransferTiming(machine).least_of_misses(Bytes(64'000)).value(), moved(64'000))
      << "a request of four lines waits once, and the DRAM's bandwidth is what is left";
  machine.memory.bandwidth_bytes_per_s *= 100;
  EXPECT_EQ(TransferTiming(machine).least_of_misses(Bytes(64'000)).value(), 250 * latency / 16);
}

// 20 ns of look-up, 10 of way and 30 behind each of two caches; the one behind moves 8 GB/s.
TEST(TransferTiming, AWarmCacheNeedNotBeMissed) {
  Machine machine = with_shared_buffer();
  machine.dma.burst = Bytes(64);
  machine.dma.outstanding = 8;
  Memory& memory = machine.memory;
  memory.cache.size = Bytes(1 << 20);
  memory.cache.line = Bytes(128);
  memory.cache.latency = Femtoseconds(20'000'000);
  memory.cache.miss = Femtoseconds(30'000'000);
  memory.cache.bandwidth_bytes_per_s = 8'000'000'000;
  memory.inner_cache = memory.cache;
  memory.inner_cache.line = Bytes(64);
  memory.bandwidth_bytes_per_s = 16'000'000'000;
  const Bytes read(64'000);
  const DramTiming& t = memory.timing;
  const std::uint64_t in_flight = 8ULL * machine.cores;
  const std::uint64_t way = 100 + t.cl * machine.clock.hz() / t.clock_hz;
  EXPECT_EQ(TransferTiming(machine).least_of_misses(read).value(),
            std::max(500 * way / in_flight, read.value() / 8))
      << "a line of 128 B comes once";
  memory.cache.warm = true;
  EXPECT_EQ(TransferTiming(machine).least_of_misses(read).value(),
            std::max(1000 * 70 / in_flight, read.value() / 8));
  memory.inner_cache.warm = true;
  EXPECT_EQ(TransferTiming(machine).least_of_misses(read).value(), 0u);
}

// 64 requests of 64 B, 2.5 ns apart at 1 GHz: rounded down, as every bound is.
TEST(TransferTiming, RequestsAreIssuedAtAnInterval) {
  Machine machine = with_shared_buffer();
  machine.dma.burst = Bytes(64);
  EXPECT_EQ(TransferTiming(machine).cost(rows(Space::kDram, 4096, 1, 0)).requests.issue, Cycles(0));
  machine.dma.request_interval = Femtoseconds(2'500'000);
  const TransferTiming timing(machine);
  const RequestCost cost = timing.cost(rows(Space::kDram, 4096, 1, 0)).requests;
  EXPECT_EQ(cost.issue, Cycles(160));
  EXPECT_EQ(cost.issue_last, Cycles(157));
  EXPECT_EQ(timing.cost(rows(Space::kDram, 4, 3, 1024)).requests.issue, Cycles(7));
  EXPECT_EQ(timing.cost(rows(Space::kShared, 4096, 1, 0)).requests.issue, Cycles(0));
}

TEST(TransferTiming, AllTogetherMoveNoMoreThanThePorts) {
  Machine machine = with_shared_buffer();
  ActionCounts moved;
  moved.shared_read_bytes = 64'000;
  moved.shared_write_bytes = 64'000;
  EXPECT_EQ(TransferTiming(machine).least(moved).value(), 1999u) << "2000, less what may be lost";
  machine.shared.memory.shared_port = false;
  EXPECT_EQ(TransferTiming(machine).least(moved).value(), 999u) << "both ways at the same time";
  moved.dram_read_bytes = 1'000'000;
  EXPECT_EQ(TransferTiming(machine).least(moved).value(), 62'500u) << "DRAM's 16 B a cycle";
  machine.memory.ideal = true;
  EXPECT_EQ(TransferTiming(machine).least(moved).value(), 0u);
}

}  // namespace
}  // namespace takt::test
