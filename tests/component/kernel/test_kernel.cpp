// SPDX-License-Identifier: Apache-2.0
// The kernel's edge: exact time, reports as our errors, reasons to stop. Each simulation runs in a
// child, so that the tests also pass in one process.
#include <gtest/gtest.h>

#include <systemc>

#include "sim/base/random.h"
#include "sim/kernel/child_process.h"
#include "sim/kernel/clock_bridge.h"
#include "sim/kernel/kernel.h"
#include "sim/kernel/watchdog.h"

namespace takt {
namespace {

/// Runs a method of the test's choice every `period` cycles, `times` times.
class Ticker : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Ticker);
  Ticker(sc_core::sc_module_name name, const ClockBridge& bridge, Cycles period,
         std::uint64_t times, std::function<void(std::uint64_t)> work)
      : sc_module(name), bridge_(bridge), period_(period), left_(times), work_(std::move(work)) {
    SC_METHOD(step);
    sensitive << wake_;
  }

 private:
  void step() {
    work_(count_);
    if (--left_ == 0) return;
    ++count_;
    wake_.notify(bridge_.delay_until(period_ * count_));
  }
  ClockBridge bridge_;
  Cycles period_;
  std::uint64_t left_, count_ = 0;
  std::function<void(std::uint64_t)> work_;
  sc_core::sc_event wake_;
};

TEST(ClockBridge, CyclesSurviveTheWayThroughTime) {
  const std::string report = run_in_child_or_throw([] {
    prepare_kernel();
    std::string wrong;
    // 1.4 GHz and 940 MHz are no whole number of femtoseconds, 1 GHz and 700 kHz cross the fast
    // path.
    for (const std::uint64_t hz :
         {1'000'000'000ull, 1'400'000'000ull, 940'000'000ull, 700'000ull}) {
      const ClockBridge bridge{ClockDomain(hz)};
      Random random(hz);
      for (int i = 0; i < 1000; ++i) {
        const Cycles cycle(random.between(0, 1'000'000'000));
        if (bridge.cycle_at(bridge.time_of(cycle)) != cycle) wrong += std::to_string(hz) + " ";
        const sc_core::sc_time later = bridge.time_of(cycle) + sc_core::sc_time(1, sc_core::SC_FS);
        if (bridge.cycle_at(later) != cycle + Cycles(1)) wrong += "+" + std::to_string(hz) + " ";
      }
    }
    return "wrong: " + wrong;
  });
  EXPECT_EQ(report, "wrong: ");
}

TEST(ClockBridge, AMillionCyclesOfAnUnevenClockDoNotDrift) {
  const std::string report = run_in_child_or_throw([] {
    prepare_kernel();
    ClockBridge bridge{ClockDomain(1'400'000'000)};
    Cycles last{};
    Ticker ticker("ticker", bridge, Cycles(1000), 1001,
                  [&](std::uint64_t) { last = bridge.now(); });
    const bool starved = run_kernel(Femtoseconds(0)) == KernelStop::kStarved;
    return std::to_string(last.value()) + " cycles in " +
           std::to_string(sc_core::sc_time_stamp().value()) + " fs" + (starved ? "" : "?");
  });
  // 10^6 / 1.4 GHz = 714285714285.714… fs, rounded up
  EXPECT_EQ(report, "1000000 cycles in 714285714286 fs");
}

TEST(Kernel, StopsAtTheLimit) {
  const std::string report = run_in_child_or_throw([] {
    prepare_kernel();
    const ClockBridge bridge{ClockDomain(1'000'000'000)};
    std::uint64_t ticks = 0;
    Ticker ticker("ticker", bridge, Cycles(10), 1000, [&](std::uint64_t) { ++ticks; });
    const KernelStop stop = run_kernel(ClockDomain(1'000'000'000).time_of(Cycles(95)));
    return std::to_string(ticks) + (stop == KernelStop::kLimit ? " limit" : " other");
  });
  EXPECT_EQ(report, "10 limit");
}

TEST(Kernel, AnExceptionInAProcessSaysWhereAndWhen) {
  const ChildOutcome outcome = run_in_child([] {
    prepare_kernel();
    const ClockBridge bridge{ClockDomain(1'000'000'000)};
    Ticker ticker("ticker", bridge, Cycles(7), 10,
                  [&](std::uint64_t i) { CHECK(i < 3) << "three is too many"; });
    run_kernel(Femtoseconds(0));
    return std::string();
  });
  EXPECT_EQ(outcome.kind, ChildOutcome::Kind::kThrew);
  EXPECT_NE(outcome.error.find("three is too many"), std::string::npos) << outcome.error;
  EXPECT_NE(outcome.error.find("ticker.step at 21 ns"), std::string::npos) << outcome.error;
}

TEST(Kernel, AFatalReportThrowsAndDoesNotAbort) {
  const ChildOutcome outcome = run_in_child([] {
    prepare_kernel();
    SC_REPORT_FATAL("dram", "no such bank");
    return std::string();
  });
  EXPECT_EQ(outcome.kind, ChildOutcome::Kind::kThrew);
  EXPECT_NE(outcome.error.find("no such bank"), std::string::npos) << outcome.error;
}

TEST(Kernel, ASecondSimulationInOneProcessIsRefused) {
  const ChildOutcome outcome = run_in_child([] {
    prepare_kernel();
    const ClockBridge bridge{ClockDomain(1'000'000'000)};
    Ticker ticker("ticker", bridge, Cycles(1), 1, [](std::uint64_t) {});
    run_kernel(Femtoseconds(0));
    prepare_kernel();
    return std::string();
  });
  EXPECT_NE(outcome.error.find("a second simulation"), std::string::npos) << outcome.error;
}

TEST(Watchdog, SeesTheStopFlag) {
  const std::string report = run_in_child_or_throw([] {
    prepare_kernel();
    std::atomic<bool> stop{false};
    Watchdog watchdog(&stop);
    const ClockBridge bridge{ClockDomain(1'000'000'000)};
    Ticker ticker("ticker", bridge, Cycles(1), 100'000, [&](std::uint64_t i) {
      if (i == 5000) stop = true;
      watchdog.tick();
    });
    const KernelStop why = run_kernel(Femtoseconds(0));
    return std::string(why == KernelStop::kPaused ? "paused " : "other ") +
           (watchdog.interrupted() ? "interrupted " : "") + std::to_string(watchdog.activations());
  });
  EXPECT_EQ(report, "paused interrupted 5056");  // the next multiple of 64 after 5,001
}

}  // namespace
}  // namespace takt
