// SPDX-License-Identifier: Apache-2.0
#include "models/common/sram/sram_core.h"

#include <gtest/gtest.h>

#include "sim/base/math.h"
#include "sim/base/random.h"

namespace takt {
namespace {

/// 4 banks of 16 B a cycle, 64 KiB.
Buffer buffer(bool shared_port = true) {
  Buffer b;
  b.name = "unified";
  b.size = Bytes(64 << 10);
  b.banks = 4;
  b.width = Bytes(16);
  b.shared_port = shared_port;
  return b;
}

SramRequest access(std::uint64_t start, std::uint64_t duration, std::uint64_t bytes, bool write,
                   std::uint64_t address = 0, std::uint64_t span = 4096) {
  return {Cycles(start), Cycles(duration), address, bytes, span, write};
}

TEST(SramCore, DemandThatFitsIsNeverHeldUp) {
  SramCore core(buffer());
  EXPECT_EQ(core.issue(access(0, 100, 3200, false)), Cycles(0));  // 32 of 64 B a cycle
  EXPECT_EQ(core.issue(access(10, 50, 1600, true)), Cycles(0));   // the other 32
  EXPECT_EQ(core.stats().conflict_cycles, 0u);
}

TEST(SramCore, AloneAtFullWidthIsNeverHeldUp) {
  SramCore core(buffer());
  for (std::uint64_t duration : {1u, 3u, 7u, 1000u}) {
    EXPECT_EQ(core.issue(access(duration * 10'000, duration, duration * 64, false)), Cycles(0));
  }
}

TEST(SramCore, TheSecondOfTwoFullDemandsWaitsForTheFirst) {
  SramCore core(buffer());
  core.issue(access(0, 100, 6400, false));
  EXPECT_EQ(core.probe(access(0, 100, 6400, true)), Cycles(100));
  EXPECT_EQ(core.probe(access(60, 100, 6400, true)), Cycles(40));
  EXPECT_EQ(core.probe(access(100, 100, 6400, true)), Cycles(0));
  EXPECT_EQ(core.issue(access(60, 100, 6400, true)), Cycles(40));
  EXPECT_EQ(core.stats().conflicts, 1u);
  EXPECT_EQ(core.stats().conflict_cycles, 40u);
  EXPECT_EQ(core.stats().bytes_written, 6400u);
}

TEST(SramCore, GetsWhatIsLeftOfThePorts) {
  SramCore core(buffer());
  core.issue(access(0, 100, 4800, false));  // 48 of 64 B a cycle
  // Wants 32 a cycle for 100 cycles, gets 16 for 100, then 32: 1600 left at 32 = 50 cycles more.
  EXPECT_EQ(core.issue(access(0, 100, 3200, true)), Cycles(50));
}

TEST(SramCore, PortsOfTheirOwnDoNotExcludeEachOther) {
  SramCore core(buffer(/*shared_port=*/false));
  core.issue(access(0, 100, 6400, false));
  EXPECT_EQ(core.issue(access(0, 100, 6400, true)), Cycles(0)) << "1R1W";
  EXPECT_EQ(core.issue(access(0, 100, 6400, true)), Cycles(100)) << "but two writes";
}

TEST(SramCore, FootprintsInOtherBanksDoNotCollide) {
  SramCore core(buffer());
  core.issue(access(0, 100, 1600, false, 0, 16));                          // bank 0, full
  EXPECT_EQ(core.probe(access(0, 100, 1600, true, 16, 16)), Cycles(0));    // bank 1
  EXPECT_EQ(core.probe(access(0, 100, 1600, true, 64, 16)), Cycles(100));  // bank 0 again
  EXPECT_EQ(core.probe(access(0, 100, 1600, true, 48, 32)), Cycles(100))
      << "in step: bank 3 waits for bank 0";
}

TEST(SramCore, ASmallRangeHasFewBanks) {
  SramCore core(buffer());
  EXPECT_EQ(core.probe(access(0, 100, 3200, false, 0, 32)), Cycles(0)) << "two banks: 32 B a cycle";
  EXPECT_EQ(core.probe(access(0, 100, 3200, false, 0, 16)), Cycles(100)) << "one bank: 16";
}

TEST(SramCore, NothingIsHeldUpByNothing) {
  SramCore core(buffer());
  core.issue(access(0, 100, 6400, false));
  EXPECT_EQ(core.issue(access(0, 100, 0, true)), Cycles(0));
  EXPECT_EQ(core.stats().writes, 0u);
}

TEST(SramCore, ProbeChangesNothing) {
  SramCore core(buffer());
  Random random(4);
  for (std::uint64_t i = 0; i < 500; ++i) {
    const SramRequest r =
        access(i * 20, random.between(1, 90), random.between(1, 4000), random.between(0, 1) == 0,
               random.between(0, 500), random.between(1, 400));
    const Cycles first = core.probe(r);
    EXPECT_EQ(core.probe(r), first);
    EXPECT_EQ(core.issue(r), first);
  }
}

// However they meet, the ports never move more than they can.
TEST(SramCore, ThePortsNeverMoveMoreThanTheyCan) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    SramCore core(buffer());
    std::uint64_t bytes = 0, end = 0, start = 0, bookings = 0;
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t duration = random.between(1, 200);
      const SramRequest r =
          access(start, duration, random.between(1, duration * 64), random.between(0, 1) == 0);
      end = std::max(end, start + duration + core.issue(r).value());
      bytes += r.bytes;
      // Rates are rounded down by less than 1/65536 B a cycle and bank, for each booking.
      bookings += core.remembered() + 1;
      EXPECT_GE(static_cast<double>(end) * 64 + 0.02 * static_cast<double>(bookings),
                static_cast<double>(bytes))
          << "seed " << seed << " access " << i;
      start += random.between(0, 40);
    }
    EXPECT_GT(core.stats().conflict_cycles, 0u);
  }
}

TEST(SramCore, MoreBytesAreNeverHeldUpLess) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    SramCore core(buffer());
    for (int i = 0; i < 5; ++i) {
      core.issue(access(random.between(0, 100), random.between(1, 200), random.between(1, 9000),
                        random.between(0, 1) == 0));
    }
    Cycles last{};
    for (std::uint64_t bytes = 1; bytes < 6400; bytes += 97) {
      const Cycles held = core.probe(access(100, 100, bytes, true));
      EXPECT_GE(held, last) << "seed " << seed << ", " << bytes << " B";
      last = held;
    }
  }
}

TEST(SramCore, ForgetsWhatIsOver) {
  SramCore core(buffer());
  for (std::uint64_t i = 0; i < 10'000; ++i) core.issue(access(i * 10, 30, 600, i % 2 == 0));
  EXPECT_LE(core.remembered(), 16u);
}

TEST(SramCore, ManyBanksAreKeptInSixtyFourSets) {
  Buffer b = buffer();
  b.banks = 256;
  SramCore core(b);
  EXPECT_EQ(core.issue(access(0, 100, 256 * 16 * 100, false, 0, 64 << 10)), Cycles(0));
  EXPECT_EQ(core.issue(access(0, 100, 256 * 16 * 100, true, 0, 64 << 10)), Cycles(100));
}

}  // namespace
}  // namespace takt
