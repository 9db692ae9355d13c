// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/repetition.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

/// A core that does the same ever again; another one was played before it, up to `other_end`.
struct TwoCores {
  explicit TwoCores(Cycles other_end) {
    state.units.resize(1);
    state.extents.resize(2);
    state.extents[0] = {true, Cycles(0), other_end, {}, {}};
    state.core = 1;
  }
  void iteration() {
    const Booking b = state.units[0].pipe.issue(Cycles(10), Cycles(3), {}, UnitAccount::kWaitInput);
    state.units[0].touched = state.tick;
    state.extent().worked = true;
    state.extent().end = std::max(state.extent().end, b.done);
  }
  /// Of how many iterations were `times` played?
  std::uint64_t play(std::uint64_t times) {
    Repetition repeats;
    for (std::uint64_t i = 0; i < times; ++i) {
      const std::uint64_t since = ++state.tick;
      repeats.begin(state);
      iteration();
      if (repeats.end(state, since, times - i - 1)) return i + 1;
    }
    return times;
  }
  PlayState state;
};

TEST(Repetition, SkipsWhatRepeatsThoughAnotherCoreHasComeFurther) {
  for (const std::uint64_t other : {0U, 7'003U, 1'000'000U}) {
    TwoCores cores{Cycles(other)};
    EXPECT_LE(cores.play(1000), 3u) << other;
    EXPECT_EQ(cores.state.extents[0].end, Cycles(other));
    EXPECT_EQ(cores.state.extents[1].end, Cycles(10'003));
    EXPECT_EQ(cores.state.units[0].pipe.free(), Cycles(10'000));
    EXPECT_EQ(cores.state.units[0].pipe.ledger()[UnitAccount::kBusy], 10'000u);
  }
}

}  // namespace
}  // namespace takt
