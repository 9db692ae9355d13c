// SPDX-License-Identifier: Apache-2.0
// Formulas check the channel: expected, counted and the deviation are printed, also when they
// agree.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "models/common/dram/dram_core.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

using testing::ddr3;
using testing::ddr4;
using testing::hbm2;
using testing::without_refresh;

void expect_near_pct(const char* what, double expected, double counted, double tolerance_pct) {
  const double deviation = (counted - expected) / expected * 100;
  std::printf("%-46s expected %12.4f counted %12.4f deviation %+.3f %%\n", what, expected, counted,
              deviation);
  EXPECT_LE(std::abs(deviation), tolerance_pct) << what;
}

DramRequest read_at(std::uint64_t address, std::uint64_t size) {
  return {address, Bytes(size), false, false};
}
DramRequest write_at(std::uint64_t address, std::uint64_t size) {
  return {address, Bytes(size), true, false};
}

/// Bytes from one row set to the same groups of the next bank, and to the next row of the same
/// bank.
std::uint64_t bank_step(const Memory& m) {
  return m.timing.row_bytes.value() * m.timing.bank_groups;
}
std::uint64_t row_step(const Memory& m) { return bank_step(m) * m.timing.banks_per_group; }

class Formula : public ::testing::TestWithParam<Memory> {
 protected:
  Memory memory_ = GetParam();
  const DramTiming& t_ = memory_.timing;
  std::uint64_t burst_ = t_.burst_length / t_.data_rate;
  std::uint64_t burst_bytes_ = t_.bus_bits / 8 * t_.burst_length;
};

TEST_P(Formula, UnloadedReadOfAClosedRow) {
  DramCore core(memory_);
  const DramBooking b = core.issue(Cycles(100), read_at(0, burst_bytes_));
  expect_near_pct("closed row: tRCD + CL + burst", t_.rcd + t_.cl + burst_,
                  static_cast<double>(b.done.value() - 100), 0);
}

TEST_P(Formula, UnloadedReadOfAnotherRow) {
  DramCore core(memory_);
  core.issue(Cycles(100), read_at(0, burst_bytes_));
  const DramBooking b = core.issue(Cycles(1000), read_at(row_step(memory_), burst_bytes_));
  expect_near_pct("other row: tRP + tRCD + CL + burst", t_.rp + t_.rcd + t_.cl + burst_,
                  static_cast<double>(b.done.value() - 1000), 0);
}

TEST_P(Formula, UnloadedReadOfAnOpenRow) {
  DramCore core(memory_);
  core.issue(Cycles(100), read_at(0, burst_bytes_));
  const DramBooking b = core.issue(Cycles(1000), read_at(0, burst_bytes_));
  expect_near_pct("open row: CL + burst", t_.cl + burst_,
                  static_cast<double>(b.done.value() - 1000), 0);
}

TEST_P(Formula, UnloadedWrite) {
  DramCore core(memory_);
  const DramBooking b = core.issue(Cycles(100), write_at(0, burst_bytes_));
  expect_near_pct("closed row: tRCD + CWL + burst", t_.rcd + t_.cwl + burst_,
                  static_cast<double>(b.done.value() - 100), 0);
}

TEST_P(Formula, ClosedPageAlwaysOpensItsRow) {
  memory_.open_page = false;
  DramCore core(memory_);
  core.issue(Cycles(100), read_at(0, burst_bytes_));
  const DramBooking b = core.issue(Cycles(1000), read_at(0, burst_bytes_));
  expect_near_pct("closed page: tRCD + CL + burst", t_.rcd + t_.cl + burst_,
                  static_cast<double>(b.done.value() - 1000), 0);
}

/// Plays `runs` in order, each chosen when a controller would choose it; the end of the last.
template <class RunAt>
Cycles stream(DramCore& core, std::uint64_t runs, RunAt&& run_at) {
  Cycles done{};
  for (std::uint64_t i = 0; i < runs; ++i) done = core.issue(core.decide_at(), run_at(i)).done;
  return done;
}

TEST_P(Formula, StreamRunsAtThePeakLessRefresh) {
  for (const bool write : {false, true}) {
    DramCore core(memory_);
    const std::uint64_t row = t_.row_bytes.value(), runs = 40'000'000 / row;
    const Cycles end = stream(core, runs, [&](std::uint64_t i) {
      return DramRequest{i * row, Bytes(row), write, false};
    });
    // Every tREFI the columns stop for: close, refresh, open.
    const double peak = static_cast<double>(burst_bytes_) / static_cast<double>(burst_);
    const double lost = t_.rp + t_.rfc + t_.rcd;
    expect_near_pct(write ? "write stream, bytes a clock" : "read stream, bytes a clock",
                    peak * (1 - lost / t_.refi),
                    static_cast<double>(runs * row) / static_cast<double>(end.value()), 1.0);
    EXPECT_NEAR(static_cast<double>(core.stats().refreshes),
                static_cast<double>(end.value()) / t_.refi, 1.5);
  }
}

TEST_P(Formula, EveryRowMissesInOneBank) {
  DramCore core(without_refresh(memory_));
  const Cycles end = stream(
      core, 10'000, [&](std::uint64_t i) { return read_at(i * row_step(memory_), burst_bytes_); });
  const double trc = std::max(t_.ras, t_.rcd + t_.rtp) + t_.rp;
  expect_near_pct("one bank, all rows new: tRC an access", trc,
                  static_cast<double>(end.value()) / 10'000, 0.5);
}

TEST_P(Formula, EveryRowMissesAcrossBanks) {
  DramCore core(without_refresh(memory_));
  // Bank, then bank group, then row: no bank comes again before all others had their turn.
  const std::uint64_t banks = t_.banks_per_group, groups = t_.bank_groups;
  const Cycles end = stream(core, 10'000, [&](std::uint64_t i) {
    const std::uint64_t group = i % groups, bank = i / groups % banks, row = i / groups / banks;
    return read_at(row * row_step(memory_) + bank * bank_step(memory_) + group * burst_bytes_,
                   burst_bytes_);
  });
  const double all_banks =
      static_cast<double>(t_.ras + t_.rp) / static_cast<double>(banks * groups);
  const double bound = std::max({t_.faw / 4.0, double(t_.rrd_s), double(burst_), all_banks});
  expect_near_pct("all banks, all rows new: tFAW / 4 or tRRD", bound,
                  static_cast<double>(end.value()) / 10'000, 0.5);
}

TEST_P(Formula, ReadsAndWritesInTurn) {
  DramCore core(without_refresh(memory_));
  const Cycles end = stream(core, 10'000, [&](std::uint64_t i) {
    return DramRequest{0, Bytes(burst_bytes_), i % 2 == 1, false};
  });
  const double to_write = t_.cl + burst_ + 2.0 - t_.cwl;
  const double to_read = t_.cwl + burst_ + static_cast<double>(t_.wtr_l);
  expect_near_pct("read, write, read: turnarounds", (to_write + to_read) / 2,
                  static_cast<double>(end.value()) / 10'000, 0.5);
  EXPECT_GT(core.stats().turnaround, 0u);
}

TEST_P(Formula, RatedBandwidthBelowThePeakIsKept) {
  for (const double share : {0.9, 0.63, 0.31}) {
    Memory slow = without_refresh(memory_);
    slow.bandwidth_bytes_per_s =
        static_cast<std::uint64_t>(static_cast<double>(slow.bandwidth_bytes_per_s) * share);
    DramCore core(slow);
    const std::uint64_t row = t_.row_bytes.value(), runs = 20'000'000 / row;
    const Cycles end = stream(core, runs, [&](std::uint64_t i) { return read_at(i * row, row); });
    const double rated =
        static_cast<double>(slow.bandwidth_bytes_per_s) / static_cast<double>(t_.clock_hz);
    const double counted = static_cast<double>(runs * row) / static_cast<double>(end.value());
    expect_near_pct("rated below peak, bytes a clock", rated, counted, 0.1);
    EXPECT_LE(counted, rated) << "contention only ever adds";
  }
}

// Few bursts are within the rated bandwidth as well, from the first request to the last byte.
TEST_P(Formula, NotEvenAFewBurstsAreAboveTheRatedBandwidth) {
  for (const double share : {1.0, 0.9, 0.04}) {
    Memory slow = without_refresh(memory_);
    slow.bandwidth_bytes_per_s =
        static_cast<std::uint64_t>(static_cast<double>(slow.bandwidth_bytes_per_s) * share);
    const double rated =
        static_cast<double>(slow.bandwidth_bytes_per_s) / static_cast<double>(t_.clock_hz);
    const std::uint64_t of_a_row = t_.row_bytes.value() / burst_bytes_;
    for (std::uint64_t bursts = 1; bursts <= std::min<std::uint64_t>(of_a_row, 40); ++bursts) {
      DramCore core(slow);
      const DramBooking booking = core.issue(Cycles(0), read_at(0, bursts * burst_bytes_));
      const double data =
          static_cast<double>(bursts * burst_bytes_ * core.map().channels()) / rated;
      EXPECT_GE(static_cast<double>(booking.done.value()) + 1e-6, t_.rcd + t_.cl + data) << bursts;
      EXPECT_LE(static_cast<double>(booking.first.value()),
                t_.rcd + t_.cl + data / static_cast<double>(bursts) + 1);
    }
  }
}

std::string standard_of(const ::testing::TestParamInfo<Memory>& param) {
  return param.param.timing.standard.substr(0, 4);
}
INSTANTIATE_TEST_SUITE_P(Standards, Formula, ::testing::Values(hbm2(), ddr4(), ddr3()),
                         standard_of);

}  // namespace
}  // namespace takt
