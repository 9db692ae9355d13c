// SPDX-License-Identifier: Apache-2.0
#include "models/common/dma/dma_core.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <queue>

#include "sim/base/math.h"
#include "tests/support/boxes.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

Dma dma_of(std::uint32_t queue, std::uint32_t outstanding, std::uint64_t burst) {
  Dma dma;
  dma.queue = queue;
  dma.outstanding = outstanding;
  dma.burst = Bytes(burst);
  return dma;
}

using testing::flat_box;
using testing::hbm2;
using testing::random_box;
using testing::strided_box;

/// When a run's first and last bursts are over.
struct Answer {
  Femtoseconds first, done;
};

/// A memory that answers any burst after a latency, as many at a time as are asked for.
struct Latency {
  Femtoseconds latency;
  Answer operator()(const DmaCore::Request& r) { return {r.at + latency, r.at + latency}; }
};

DmaDescriptor descriptor(std::uint64_t id, const Box& box, Femtoseconds start = Femtoseconds(0)) {
  DmaDescriptor d;
  d.id = id;
  d.box = box;
  d.start = d.free_floor = d.done_floor = start;
  return d;
}

/// Plays until nothing is left; the end of each descriptor by id.
template <class MemoryModel>
std::map<std::uint64_t, Femtoseconds> drain(DmaCore& core, MemoryModel memory) {
  std::map<std::uint64_t, Femtoseconds> ends;
  std::queue<DmaCore::Request> asked;
  for (;;) {
    DmaCore::Request request;
    while (core.next_run(request)) asked.push(request);
    if (asked.empty()) return ends;
    request = asked.front();
    asked.pop();
    const Answer answer = memory(request);
    const auto finished = core.answer(request, answer.first, answer.done);
    if (finished) ends[finished->id] = finished->done;
  }
}

// Little: bytes in flight = bandwidth x latency.
TEST(DmaCore, BandwidthIsOutstandingTimesBurstOverLatency) {
  const DramMap map(hbm2());
  for (const std::uint32_t outstanding : {1u, 2u, 5u, 16u, 40u, 64u}) {
    for (const std::uint64_t burst : {64u, 256u}) {
      DmaCore core(dma_of(16, outstanding, burst), map);
      const Latency memory{Femtoseconds(155'000'000)};
      const std::uint64_t bytes = 8 << 20;
      core.submit(descriptor(1, flat_box(0, bytes)));
      const double seconds = static_cast<double>(drain(core, memory)[1].value()) * 1e-15;
      const double expected = outstanding * static_cast<double>(burst) / 155e-9;
      const double counted = static_cast<double>(bytes) / seconds;
      std::printf("%2u bursts of %3u B in flight: expected %8.4f GB/s counted %8.4f (%+.3f %%)\n",
                  outstanding, static_cast<unsigned>(burst), expected * 1e-9, counted * 1e-9,
                  (counted / expected - 1) * 100);
      EXPECT_NEAR(counted / expected, 1, 0.01);
    }
  }
}

// The way to the memory counts like the memory's own latency, and issuing bounds the rate.
TEST(DmaCore, LatencyOfTheWayAndIntervalOfRequests) {
  const DramMap map(hbm2());
  const std::uint64_t bytes = 8 << 20;
  const auto seconds = [&](Dma dma, Femtoseconds memory) {
    DmaCore core(dma, map);
    core.submit(descriptor(1, flat_box(0, bytes)));
    return static_cast<double>(drain(core, Latency{memory})[1].value()) * 1e-15;
  };
  Dma dma;
  dma.outstanding = 16;
  dma.burst = Bytes(64);
  const double whole = seconds(dma, Femtoseconds(155'000'000));
  dma.latency = Femtoseconds(55'000'000);
  EXPECT_DOUBLE_EQ(seconds(dma, Femtoseconds(100'000'000)), whole);
  dma.request_interval = Femtoseconds(20'000'000);  // 64 B in 20 ns, slower than 16 in 155 ns
  EXPECT_NEAR(seconds(dma, Femtoseconds(100'000'000)) / (bytes / 64 * 20e-9), 1, 0.01);
}

// The same bound when the rows are short: then a burst carries only a row.
TEST(DmaCore, ShortRowsWasteBurstsInFlight) {
  const DramMap map(hbm2());
  DmaCore core(dma_of(16, 8, 256), map);
  core.submit(descriptor(1, strided_box(0, 16, 4000, 1024)));
  const double end = static_cast<double>(drain(core, Latency{Femtoseconds(100'000)})[1].value());
  EXPECT_NEAR(end, 4000.0 / 8 * 100'000, 200'000);
}

TEST(DmaCore, ATransferIsNeverFasterThanItsFloor) {
  const DramMap map(hbm2());
  DmaCore core(dma_of(16, 64, 64), map);
  DmaDescriptor d = descriptor(1, flat_box(0, 4096), Femtoseconds(500));
  d.free_floor = Femtoseconds(128'500);
  d.done_floor = Femtoseconds(144'500);
  core.submit(d);
  DmaCore::Request request;
  std::optional<DmaCore::Finished> finished;
  while (core.next_run(request)) {
    EXPECT_GE(request.at, d.start);
    finished = core.answer(request, request.at + Femtoseconds(10), request.at + Femtoseconds(10));
  }
  EXPECT_TRUE(request.completes);
  EXPECT_EQ(request.free, d.free_floor);
  EXPECT_EQ(finished->done, d.done_floor);
}

TEST(DmaCore, ASlowMemoryMakesItLate) {
  const DramMap map(hbm2());
  DmaCore core(dma_of(16, 64, 64), map);
  DmaDescriptor d = descriptor(1, flat_box(0, 1024));
  d.done_floor = Femtoseconds(1000);
  core.submit(d);
  EXPECT_EQ(drain(core, Latency{Femtoseconds(7000)})[1], Femtoseconds(7000));
}

TEST(DmaCore, TheQueueHoldsSoManyDescriptors) {
  const DramMap map(hbm2());
  DmaCore core(dma_of(2, 1, 64), map);
  core.submit(descriptor(1, flat_box(0, 128)));
  core.submit(descriptor(2, flat_box(0, 128)));
  EXPECT_FALSE(core.has_room());
  EXPECT_THROW(core.submit(descriptor(3, flat_box(0, 64))), InternalError);
  DmaCore::Request first, second;
  ASSERT_TRUE(core.next_run(first));
  EXPECT_FALSE(core.next_run(second)) << "the only burst in flight is not back";
  core.answer(first, Femtoseconds(10), Femtoseconds(10));
  ASSERT_TRUE(core.next_run(second));
  EXPECT_TRUE(second.completes);
  EXPECT_TRUE(core.has_room()) << "all of descriptor 1 is asked for";
  EXPECT_EQ(second.at, Femtoseconds(10));
}

/// One burst takes `latency`, the channel gives one a `gap`: like DRAM, in arrival order.
struct Pipe {
  Femtoseconds latency, gap;
  Femtoseconds free{};
  Answer operator()(const DmaCore::Request& r) {
    const Femtoseconds start = std::max(r.at, free);
    free = start + gap * r.run.bursts;
    return {start + latency, start + latency + gap * (r.run.bursts - 1)};
  }
};

TEST(DmaCore, BytesAreConservedAndDescriptorsEndOnce) {
  const DramMap map(hbm2(4));
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    DmaCore core(dma_of(100, static_cast<std::uint32_t>(random.between(1, 80)), 64), map);
    std::uint64_t bytes = 0;
    Femtoseconds start{};
    for (std::uint64_t id = 0; id < 40; ++id) {
      DmaDescriptor d = descriptor(id, random_box(random), start);
      bytes += d.box.bytes().value();
      core.submit(d);
      start += Femtoseconds(random.between(0, 100'000));
    }
    const auto ends = drain(core, Pipe{Femtoseconds(20'000), Femtoseconds(2'000), {}});
    EXPECT_EQ(ends.size(), 40u) << "seed " << seed;
    EXPECT_EQ(core.stats().bytes_read, bytes);
    EXPECT_EQ(core.stats().bytes_written, 0u);
    EXPECT_GE(core.stats().bursts * 64, bytes);
    // Bursts one after the other at the pipe's rate.
    EXPECT_GE(ends.at(39).value() + 40'000, core.stats().bursts * 2'000);
  }
}

// On one channel strictly. On several the stripes of a channel are asked for together, so that a
// longer transfer has its bursts in another order: those of a stripe may then wait less for
// credits.
TEST(DmaCore, ABiggerTransferNeverEndsEarlier) {
  const Femtoseconds burst(2'000);
  for (const std::uint32_t channels : {1u, 4u}) {
    const DramMap map(hbm2(channels));
    const Femtoseconds slack = channels == 1 ? Femtoseconds(0) : burst * 4;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      Random random(seed);
      const std::uint32_t outstanding = static_cast<std::uint32_t>(random.between(1, 64));
      const std::uint64_t address = random.between(0, 5000);
      Femtoseconds last{};
      for (std::uint64_t size = 1; size < 30'000; size += random.between(1, 900)) {
        DmaCore core(dma_of(4, outstanding, 64), map);
        core.submit(descriptor(0, flat_box(address, size)));
        const Femtoseconds end = drain(core, Pipe{Femtoseconds(20'000), burst, {}})[0];
        EXPECT_GE(end + slack, last) << "seed " << seed << ", " << size << " B at " << address
                                     << ", " << outstanding << " in flight";
        last = end;
      }
    }
  }
}

TEST(CreditRing, ComesBackAtEvenDistancesAndExactlyAtTheEnd) {
  CreditRing ring(4);
  EXPECT_EQ(ring.take(4).last, Femtoseconds(0));
  EXPECT_EQ(ring.known(), 0u);
  ring.give(3, Femtoseconds(100), Femtoseconds(121));
  EXPECT_EQ(ring.take(1).first, Femtoseconds(101));  // 121 - 2 x 10
  const CreditRing::Span rest = ring.take(2);
  EXPECT_EQ(rest.first, Femtoseconds(111));
  EXPECT_EQ(rest.last, Femtoseconds(121));
  EXPECT_THROW(ring.take(1), InternalError);
}

}  // namespace
}  // namespace takt
