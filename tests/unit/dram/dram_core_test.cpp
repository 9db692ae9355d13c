// SPDX-License-Identifier: Apache-2.0
#include "models/common/dram/dram_core.h"

#include <gtest/gtest.h>

#include <vector>

#include "sim/base/random.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

using testing::ddr3;
using testing::ddr4;
using testing::hbm2;
using testing::without_refresh;

constexpr std::uint64_t kBurst = 64;  // bytes: HBM2, DDR4 and DDR3 alike

std::vector<std::uint64_t> values(const DramStats& stats) {
  std::vector<std::uint64_t> all;
  stats.describe([&](const char*, const char*, const char*, std::uint64_t v) { all.push_back(v); });
  return all;
}

/// A run of 1 to a row's worth of bytes somewhere in a few rows, so that they meet often.
DramRequest random_run(Random& random, const Memory& memory) {
  const std::uint64_t row = memory.timing.row_bytes.value();
  const std::uint64_t begin = random.between(0, row - 1);
  const std::uint64_t size =
      random.between(0, 2) == 0 ? row - begin : random.between(1, row - begin);
  return {random.between(0, 200) * row + begin, Bytes(size), random.between(0, 3) == 0, false};
}

// The same bytes as one burst each, played at the same moment.
DramBooking issue_by_bursts(DramCore& core, Cycles now, const DramRequest& run) {
  DramBooking all;
  const std::uint64_t end = run.address + run.size.value();
  for (std::uint64_t at = run.address; at < end;) {
    const std::uint64_t next = std::min(end, (at / kBurst + 1) * kBurst);
    const DramBooking one = core.issue(now, {at, Bytes(next - at), run.write, next < end});
    if (at == run.address) all.first = one.first;
    all.done = one.done;
    at = next;
  }
  return all;
}

TEST(DramCore, CoalescedRunsTakeTheTimesOfTheirBursts) {
  for (Memory memory : {hbm2(), ddr4(), ddr3()}) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      Random random(seed);
      memory.open_page = seed % 3 != 0;
      const std::uint64_t peak = memory.timing.clock_hz * 2 * memory.timing.bus_bits / 8;
      memory.bandwidth_bytes_per_s = seed % 2 == 0 ? peak : random.between(peak / 4, peak);
      if (seed % 4 == 0) memory.timing.refi = 700;  // refresh in the midst of many runs
      if (seed % 5 == 0) memory.timing.ccd_l = memory.timing.ccd_s * 5;
      DramCore whole(memory), bursts(memory);
      Cycles now{};
      for (int i = 0; i < 800; ++i) {
        const DramRequest run = random_run(random, memory);
        now = std::max(now, whole.decide_at());
        if (random.between(0, 9) == 0) now += Cycles(random.between(0, 20'000));
        const DramBooking a = whole.issue(now, run);
        const DramBooking b = issue_by_bursts(bursts, now, run);
        ASSERT_EQ(a.first, b.first) << memory.timing.standard << " seed " << seed << " run " << i;
        ASSERT_EQ(a.done, b.done) << memory.timing.standard << " seed " << seed << " run " << i;
        ASSERT_EQ(whole.decide_at(), bursts.decide_at());
      }
      EXPECT_EQ(values(whole.stats()), values(bursts.stats()));
      EXPECT_GT(whole.stats().refreshes, 10u);
    }
  }
}

// At a byte a second a burst waits for millions of refreshes: they are counted, not stepped
// through.
TEST(DramCore, AVerySlowPaceTakesNoLongerToSimulate) {
  Memory memory = ddr4();
  memory.bandwidth_bytes_per_s = 1;
  DramCore core(memory);
  const std::uint64_t bursts = 32;
  const DramBooking booking = core.issue(Cycles(0), {0, Bytes(bursts * kBurst), false, false});
  const std::uint64_t pace = kBurst * core.map().channels() * memory.timing.clock_hz;
  EXPECT_GE(booking.done.value(), bursts * pace) << "never above the rated bandwidth";
  EXPECT_LT(booking.done.value(), bursts * pace + memory.timing.refi);
  const std::uint64_t due = (bursts - 1) * pace / memory.timing.refi;
  EXPECT_GE(core.stats().refreshes, due);
  EXPECT_LE(core.stats().refreshes, due + 1);
}

TEST(DramCore, ProbeSaysWhatIssueDoesAndChangesNothing) {
  DramCore core(ddr4());
  Random random(7);
  for (int i = 0; i < 300; ++i) {
    const DramRequest run = random_run(random, ddr4());
    const Cycles now = core.decide_at();
    const std::vector<std::uint64_t> before = values(core.stats());
    const DramBooking first = core.probe(now, run);
    const DramBooking second = core.probe(now, run);
    EXPECT_EQ(values(core.stats()), before);
    const DramBooking issued = core.issue(now, run);
    EXPECT_EQ(first.done, issued.done);
    EXPECT_EQ(second.first, issued.first);
  }
}

TEST(DramCore, ABiggerRunNeverEndsEarlier) {
  Random random(11);
  DramCore core(hbm2());
  for (int i = 0; i < 200; ++i) {
    DramRequest run = random_run(random, hbm2());
    const std::uint64_t row = 1024, most = row - run.address % row;
    Cycles last{};
    for (std::uint64_t size = 1; size <= most; size += random.between(1, 70)) {
      run.size = Bytes(size);
      const Cycles done = core.probe(core.decide_at(), run).done;
      EXPECT_GE(done.value(), last.value()) << size << " bytes";
      last = done;
    }
    core.issue(core.decide_at(), run);
  }
}

TEST(DramCore, NothingIsFasterThanItsFloor) {
  for (const Memory& memory : {hbm2(), ddr4(), ddr3()}) {
    const DramTiming& t = memory.timing;
    const std::uint64_t floor = std::min(t.cl, t.cwl) + t.burst_length / t.data_rate;
    DramCore core(memory);
    Random random(3);
    Cycles now{};
    std::uint64_t bursts = 0;
    for (int i = 0; i < 2000; ++i) {
      now = std::max(now, core.decide_at()) + Cycles(random.between(0, 30));
      const DramRequest run = random_run(random, memory);
      const DramBooking b = core.issue(now, run);
      EXPECT_GE(b.first.value(), now.value() + floor);
      EXPECT_GE(b.done.value(), b.first.value());
      bursts += (run.address + run.size.value() - 1) / kBurst - run.address / kBurst + 1;
      // All bursts so far, back to back, and the floor of one.
      EXPECT_GE(b.done.value(), (bursts - 1) * t.burst_length / t.data_rate + floor);
    }
    EXPECT_EQ(core.stats().bytes_transferred, bursts * kBurst);
    EXPECT_EQ(core.stats().bus_busy, bursts * t.burst_length / t.data_rate);
    EXPECT_EQ(core.stats().row_hits + core.stats().row_misses + core.stats().row_conflicts, bursts);
    EXPECT_EQ(core.stats().reads + core.stats().writes, bursts);
    EXPECT_LT(core.stats().bytes_requested, core.stats().bytes_transferred);
  }
}

// Both sides of a gate: the second command comes when the rule allows it, and not a cycle later.
TEST(DramCore, ActivationsKeepTheirDistance) {
  const Memory memory = without_refresh(hbm2());
  const DramTiming& t = memory.timing;
  const std::uint64_t set = 4096;
  const auto first_data = [&](std::vector<std::uint64_t> addresses) {
    DramCore core(memory);
    Cycles last{};
    for (std::uint64_t a : addresses)
      last = core.issue(Cycles(0), {a, Bytes(64), false, false}).done;
    return last.value();
  };
  const std::uint64_t one = t.rcd + t.cl + 2;
  EXPECT_EQ(first_data({0}), one);
  EXPECT_EQ(first_data({0, set}), one + t.rrd_l) << "same group, other bank";
  EXPECT_EQ(first_data({0, set + 64}), one + t.rrd_s) << "other group";
  EXPECT_EQ(first_data({0, 64, 128, 192}), one + 3 * t.rrd_s);
  EXPECT_EQ(first_data({0, 64, 128, 192, set}), one + t.faw) << "the fifth waits for the first";
  EXPECT_EQ(first_data({0, 4 * set}), one + t.ras + t.rp) << "same bank, other row";
}

TEST(DramCore, AWriteIsSafeBeforeItsRowCloses) {
  const Memory memory = without_refresh(hbm2());
  const DramTiming& t = memory.timing;
  DramCore core(memory);
  core.issue(Cycles(0), {0, Bytes(1024), true, false});
  const DramBooking more = core.issue(Cycles(0), {1024, Bytes(1024), true, false});
  const DramBooking other = core.issue(Cycles(0), {4 * 4096, Bytes(64), false, false});
  // The last burst of group 0 is four before the last of all: three bursts of two clocks.
  EXPECT_EQ(other.done.value(), more.done.value() - 3 * 2 + t.wr + t.rp + t.rcd + t.cl + 2);
}

TEST(DramCore, ARequestWaitsForTheRefreshItMeets) {
  const Memory memory = hbm2();
  const DramTiming& t = memory.timing;
  DramCore core(memory);
  EXPECT_EQ(core.issue(Cycles(t.refi + 10), {0, Bytes(64), false, false}).done.value(),
            std::uint64_t{t.refi} + t.rfc + t.rcd + t.cl + 2);
  EXPECT_EQ(core.stats().refreshes, 1u);
  // Long idle: all refreshes in between were made, none is in the way.
  const std::uint64_t later = 1000ull * t.refi + 2000;
  EXPECT_EQ(core.issue(Cycles(later), {0, Bytes(64), false, false}).done.value(),
            later + t.rcd + t.cl + 2);
  EXPECT_EQ(core.stats().refreshes, 1000u);
}

TEST(DramCore, TheFirstRefreshKeepsItsPhase) {
  const Memory memory = hbm2();
  DramCore early(memory, Cycles(100)), usual(memory);
  for (DramCore* core : {&early, &usual}) core->issue(Cycles(100), {0, Bytes(64), false, false});
  EXPECT_EQ(early.stats().refreshes, 1u);
  EXPECT_EQ(usual.stats().refreshes, 0u);
  early.issue(Cycles(100 + memory.timing.refi), {0, Bytes(64), false, false});
  EXPECT_EQ(early.stats().refreshes, 2u);
}

TEST(DramMap, PlacesAndAddressesAreInverse) {
  Random random(5);
  for (std::uint32_t channels : {1u, 3u, 8u}) {
    const DramMap map(hbm2(channels));
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t address = random.between(0, std::uint64_t{1} << 40);
      EXPECT_EQ(map.address(map.place(address)), address);
    }
  }
  const DramMap map(hbm2(8));
  EXPECT_EQ(map.place(255).channel, 0u);
  EXPECT_EQ(map.place(256).channel, 1u);
  EXPECT_EQ(map.place(8 * 256).channel, 0u);
  EXPECT_EQ(map.place(8 * 256).address, 256u);
}

TEST(DramMap, ConsecutiveBurstsLieInConsecutiveGroups) {
  const DramMap map(hbm2());
  for (std::uint64_t burst = 0; burst < 64; ++burst) {
    const DramMap::Cell cell = map.cell(burst * kBurst);
    EXPECT_EQ(cell.group, burst % 4);
    EXPECT_EQ(cell.bank, 0u);
    EXPECT_EQ(cell.row, 0u);
  }
  EXPECT_EQ(map.cell(4096).bank, 1u);
  EXPECT_EQ(map.cell(4 * 4096).bank, 0u);
  EXPECT_EQ(map.cell(4 * 4096).row, 1u);
}

TEST(DramCoreDeathTest, RunsThatCrossRowsAreOurBug) {
  DramCore core(hbm2());
  EXPECT_THROW(core.issue(Cycles(0), {1000, Bytes(100), false, false}), InternalError);
  EXPECT_THROW(core.issue(Cycles(0), {0, Bytes(0), false, false}), InternalError);
}

}  // namespace
}  // namespace takt
