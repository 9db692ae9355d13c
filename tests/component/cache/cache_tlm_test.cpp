// SPDX-License-Identifier: Apache-2.0
// A DMA engine, a last-level cache and DRAM.
#include "models/common/cache/cache_tlm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <map>

#include "models/common/dma/dma_tlm.h"
#include "sim/kernel/kernel.h"
#include "tests/support/boxes.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

using testing::flat_box;

struct Log : TransferListener {
  void requested(std::uint64_t id, Cycles when) override { free[id] = when; }
  void finished(std::uint64_t id, Cycles when) override { done[id] = when; }
  std::map<std::uint64_t, Cycles> free, done;
};

constexpr std::uint64_t kKiB = 1024;

struct Bench {
  explicit Bench(std::uint32_t outstanding = 16, bool with_inner = false) {
    prepare_kernel();
    machine.clock = ClockDomain(1'000'000'000);
    machine.memory = testing::without_refresh(testing::ddr4());
    Cache& c = machine.memory.cache;
    c.size = Bytes(256 * kKiB);
    c.line = Bytes(64);
    c.ways = 8;
    c.latency = Femtoseconds(30'000'000);
    c.bandwidth_bytes_per_s = 64'000'000'000;
    machine.dma.queue = 1000;
    machine.dma.outstanding = outstanding;
    machine.dma.burst = Bytes(64);
    machine.dma.latency = Femtoseconds(50'000'000);
    dram = std::make_unique<DramTlm>("dram", machine.memory, &watchdog);
    cache = std::make_unique<CacheTlm>("cache", machine.memory.cache, pool, &watchdog);
    cache->memory.bind(dram->socket);
    dma = std::make_unique<DmaTlm>("dma", machine.dma, dram->map(), machine.clock, pool, UnitId{0});
    if (with_inner) add_inner();
    dma->socket.bind(with_inner ? inner->socket : cache->socket);
    dma->set_listener(log);
    run_kernel(Femtoseconds(0));
    timing = std::make_unique<TransferTiming>(machine);
  }
  /// 32 KiB in front of the other: 10 ns of look-up, 20 ns of way for a miss.
  void add_inner() {
    Cache& c = machine.memory.inner_cache;
    c = machine.memory.cache;
    c.size = Bytes(32 * kKiB);
    c.latency = Femtoseconds(10'000'000);
    c.miss = Femtoseconds(20'000'000);
    inner = std::make_unique<CacheTlm>("inner", c, pool, &watchdog);
    inner->memory.bind(cache->socket);
  }
  Cycles move(std::uint64_t id, const Box& box, Cycles start, bool write = false) {
    Transfer transfer;
    transfer.remote = box;
    const TransferCost cost = timing->cost(transfer);
    dma->start({id, box, write, start, cost});
    run_kernel(Femtoseconds(0));
    EXPECT_GE(log.done[id] - start, cost.requests.flight) << "Little's law is a floor";
    return log.done[id] - start;
  }
  Machine machine;
  Watchdog watchdog{nullptr};
  PayloadPool pool;
  std::unique_ptr<DramTlm> dram;
  std::unique_ptr<CacheTlm> cache, inner;
  std::unique_ptr<DmaTlm> dma;
  Log log;
  std::unique_ptr<TransferTiming> timing;
};

void expect_littles_law(std::uint32_t outstanding) {
  Bench bench(outstanding);
  bench.move(1, flat_box(0, 64 * kKiB), Cycles(0));
  const Cycles hits = bench.move(2, flat_box(0, 64 * kKiB), Cycles(1'000'000));
  // 1,024 requests, each 80 ns and its own nanosecond on the port.
  const double expected = 1024 * 81.0 / outstanding;
  const double deviation = (static_cast<double>(hits.value()) / expected - 1) * 100;
  std::printf("%u in flight: %llu cycles, %+.2f %% of Little's law\n", outstanding,
              static_cast<unsigned long long>(hits.value()), deviation);
  EXPECT_LT(std::abs(deviation), 3.0);
  EXPECT_EQ(bench.cache->stats().hits, 1024u);
  EXPECT_EQ(bench.cache->stats().misses, 1024u);
}

// A kernel runs once a process, hence a test each.
TEST(CacheTlm, HitsFollowLittlesLawWithFewInFlight) { expect_littles_law(4); }
TEST(CacheTlm, HitsFollowLittlesLawWithManyInFlight) { expect_littles_law(16); }

TEST(CacheTlm, MissesTakeTheDramsTimeAsWell) {
  Bench bench;
  const Cycles misses = bench.move(1, flat_box(0, 64 * kKiB), Cycles(0));
  const Cycles hits = bench.move(2, flat_box(0, 64 * kKiB), Cycles(1'000'000));
  EXPECT_GT(misses, hits);
  EXPECT_EQ(bench.dram->stats(0).bytes_transferred, 64 * kKiB);
}

TEST(CacheTlm, MoreThanItHoldsComesFromDramAgain) {
  Bench bench;
  bench.move(1, flat_box(0, 512 * kKiB), Cycles(0));
  bench.move(2, flat_box(0, 512 * kKiB), Cycles(10'000'000));
  // What is driven out is chosen at random: of the half that is there, little lasts until its turn.
  const CacheStats& stats = bench.cache->stats();
  EXPECT_EQ(stats.hits + stats.fetched, 2 * 512 * kKiB / 64);
  EXPECT_GT(stats.hits, 0u);
  EXPECT_LT(stats.hits, 512 * kKiB / 64 / 4);
}

TEST(CacheTlm, ChangedLinesGoBackWhenOthersNeedTheirPlace) {
  Bench bench;
  bench.move(1, flat_box(0, 256 * kKiB), Cycles(0), true);
  EXPECT_EQ(bench.cache->stats().fetched, 0u) << "whole lines are not read";
  bench.move(2, flat_box(1 << 20, 256 * kKiB), Cycles(10'000'000));
  const std::uint64_t lines = 256 * kKiB / 64, back = bench.cache->stats().written_back;
  EXPECT_GT(back, lines / 2);
  EXPECT_LE(back, lines);
  EXPECT_EQ(bench.dram->stats(0).bytes_transferred, 256 * kKiB + back * 64);
}

TEST(CacheTlm, WhatAnInnerCacheHasNotTheOuterOneMayHave) {
  Bench bench(16, true);
  const Cycles cold = bench.move(1, flat_box(0, 128 * kKiB), Cycles(0));
  const Cycles outer = bench.move(2, flat_box(0, 128 * kKiB), Cycles(1'000'000));
  const std::uint64_t lines = 128 * kKiB / 64, kept = bench.inner->stats().hits;
  EXPECT_LT(kept, lines / 8) << "it holds a quarter";
  // A request asks the outer one for all from its first missing line to its last.
  EXPECT_LE(bench.cache->stats().hits, lines);
  EXPECT_GE(bench.cache->stats().hits + kept, lines);
  EXPECT_EQ(bench.dram->stats(0).bytes_transferred, 128 * kKiB);
  bench.move(3, flat_box(0, 16 * kKiB), Cycles(2'000'000));
  const Cycles inner = bench.move(4, flat_box(0, 16 * kKiB), Cycles(3'000'000));
  EXPECT_GT(bench.inner->stats().hits - kept, 16 * kKiB / 64 * 3 / 4);
  EXPECT_LT(outer, cold);
  EXPECT_LT(8 * inner.value(), outer.value()) << "an eighth of the bytes";
  // Of 2,048 requests each takes both look-ups, the inner miss's way and 1 ns on each port.
  const double expected = 2048 * (50 + 10 + 20 + 30 + 2) / 16.0;
  EXPECT_LT(std::abs(static_cast<double>(outer.value()) / expected - 1), 0.05) << outer;
}

}  // namespace
}  // namespace takt
