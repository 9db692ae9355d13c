// SPDX-License-Identifier: Apache-2.0
#include "sim/base/clock_domain.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace takt {
namespace {

constexpr std::uint64_t kClocks[] = {
    1, 700'000'000, 940'000'000, 1'000'000'000, 1'400'000'000, 1'593'000'000, 666'666'667};

TEST(ClockDomain, EdgesAreRoundedUpToAFemtosecond) {
  EXPECT_EQ(ClockDomain(1'000'000'000).time_of(Cycles(3)), Femtoseconds(3'000'000));
  EXPECT_EQ(ClockDomain(1'400'000'000).time_of(Cycles(1)), Femtoseconds(714'286));  // 714285.7
  EXPECT_EQ(ClockDomain(1'400'000'000).time_of(Cycles(7)), Femtoseconds(5'000'000));
}

TEST(ClockDomain, CyclesSurviveTheWayThroughTime) {
  for (const std::uint64_t hz : kClocks) {
    const ClockDomain clock(hz);
    Random random(hz);
    // Up to what 64 bits of femtoseconds hold: five hours.
    const std::uint64_t cycle_max = hz * 15'000;
    for (int i = 0; i < 2000; ++i) {
      const Cycles cycle(random.between(0, cycle_max));
      const Femtoseconds edge = clock.time_of(cycle);
      ASSERT_EQ(clock.cycle_at(edge), cycle) << hz;
      ASSERT_EQ(clock.cycle_at(edge + Femtoseconds(1)), cycle + Cycles(1)) << hz;
      if (cycle > Cycles(0)) {
        ASSERT_EQ(clock.cycle_at(edge - Femtoseconds(1)), cycle) << hz;
      }
    }
  }
}

TEST(ClockDomain, MovingRoundsUpToACycle) {
  const ClockDomain clock(1'000'000'000);
  EXPECT_EQ(clock.cycles_to_move(Bytes(256), 256'000'000'000), Cycles(1));
  EXPECT_EQ(clock.cycles_to_move(Bytes(257), 256'000'000'000), Cycles(2));
  EXPECT_EQ(clock.cycles_to_move(Bytes(0), 256'000'000'000), Cycles(0));
  // 70 GB at 3 B/s in a fast clock: no overflow in between.
  EXPECT_EQ(ClockDomain(3'000'000'000).cycles_to_move(Bytes(3'000'000'000), 3),
            Cycles(3'000'000'000'000'000'000));
}

TEST(ClockDomain, AClockNeedsAFrequency) { EXPECT_THROW(ClockDomain(0), InternalError); }

}  // namespace
}  // namespace takt
