// SPDX-License-Identifier: Apache-2.0
// Formulas check the ports of a buffer: expected, counted and the deviation are printed, also when
// they agree.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "models/common/sram/sram_core.h"

namespace takt {
namespace {

void expect_near_pct(const std::string& what, double expected, double counted,
                     double tolerance_pct) {
  const double deviation = (counted - expected) / expected * 100;
  std::printf("%-58s expected %10.2f counted %10.2f deviation %+.3f %%\n", what.c_str(), expected,
              counted, deviation);
  EXPECT_LE(std::abs(deviation), tolerance_pct) << what;
}

/// One bank moves `width` bytes a cycle and port.
Buffer buffer(std::uint32_t banks, std::uint64_t width, bool shared_port) {
  Buffer b;
  b.name = "unified";
  b.size = Bytes(std::uint64_t{1} << 20);
  b.banks = banks;
  b.width = Bytes(width);
  b.shared_port = shared_port;
  return b;
}

/// The whole buffer, evenly.
SramRequest access(std::uint64_t start, std::uint64_t duration, std::uint64_t bytes, bool write) {
  return {Cycles(start), Cycles(duration), 0, bytes, std::uint64_t{1} << 20, write};
}

double end_of(SramCore& core, const SramRequest& request) {
  return static_cast<double>((request.start + request.duration + core.issue(request)).value());
}

// Array, DMA and vector unit at once, each at the full width: the last ends when the ports have
// moved the bytes of all, one after the other.
TEST(SramFormula, FullDemandsAddUp) {
  for (const std::uint32_t banks : {1u, 8u, 24u}) {
    for (const int requesters : {2, 3, 5}) {
      SramCore core(buffer(banks, 32, true));
      const std::uint64_t rate = std::uint64_t{banks} * 32, cycles = 1000;
      double end = 0;
      for (int i = 0; i < requesters; ++i) {
        end = std::max(end, end_of(core, access(0, cycles, rate * cycles, i % 2 == 1)));
      }
      expect_near_pct(std::to_string(requesters) + " full demands on " + std::to_string(banks) +
                          " banks, cycles: bytes / ports",
                      static_cast<double>(requesters) * static_cast<double>(cycles), end, 0.1);
    }
  }
}

// A share x of the ports is taken for D cycles; who wants all of them for D gets 1 - x of them,
// then all: D (1 + x) in all.
TEST(SramFormula, ALoadTakesItsShareOfTheTime) {
  for (const std::uint64_t tenths : {1u, 3u, 5u, 9u}) {
    SramCore core(buffer(16, 64, true));
    const std::uint64_t rate = 16 * 64, cycles = 2000;
    end_of(core, access(0, cycles, rate * cycles * tenths / 10, false));
    const double end = end_of(core, access(0, cycles, rate * cycles, true));
    const double share = static_cast<double>(tenths) / 10;
    expect_near_pct(
        "all of the ports beside " + std::to_string(tenths * 10) + " % of them, cycles: D (1 + x)",
        static_cast<double>(cycles) * (1 + share), end, 0.1);
  }
}

// Who streams for long beside a load of x of the ports runs at 1 - x.
TEST(SramFormula, ALongStreamRunsAtWhatIsLeft) {
  for (const std::uint64_t tenths : {2u, 5u, 8u}) {
    SramCore core(buffer(8, 32, true));
    const std::uint64_t rate = 8 * 32, cycles = 1'000'000;
    end_of(core, access(0, cycles, rate * cycles * tenths / 10, false));
    const std::uint64_t bytes = rate * 1000;
    double end = 0;
    std::uint64_t start = 0, moved = 0;
    while (start < cycles - 20'000) {
      end = end_of(core, access(start, 1000, bytes, true));
      start = static_cast<std::uint64_t>(end);
      moved += bytes;
    }
    expect_near_pct("a stream beside " + std::to_string(tenths * 10) +
                        " % of the ports, B a cycle: what is left",
                    static_cast<double>(rate) * (1 - static_cast<double>(tenths) / 10),
                    static_cast<double>(moved) / end, 0.1);
  }
}

// 1R1W: reads and writes have a port each, so as much of both as of one.
TEST(SramFormula, TwoPortsMoveTwiceAsMuch) {
  for (const bool shared : {true, false}) {
    SramCore core(buffer(4, 16, shared));
    const std::uint64_t rate = 64, cycles = 5000;
    const double read = end_of(core, access(0, cycles, rate * cycles, false));
    const double end = std::max(read, end_of(core, access(0, cycles, rate * cycles, true)));
    expect_near_pct(shared ? "a read and a write on 1RW, B a cycle: one width"
                           : "a read and a write on 1R1W, B a cycle: two widths",
                    static_cast<double>(shared ? rate : 2 * rate),
                    2 * static_cast<double>(rate * cycles) / end, 0.1);
  }
}

}  // namespace
}  // namespace takt
