// SPDX-License-Identifier: Apache-2.0
#include "models/common/vector_unit/vector_timing.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

Cycles busy(std::uint32_t lanes, std::uint64_t lane_ops) {
  VectorUnit unit;
  unit.lanes = lanes;
  VectorTile tile;
  tile.lane_ops = lane_ops;
  return VectorTiming(unit).busy(tile);
}

TEST(VectorTiming, LanesWorkInLockstep) {
  EXPECT_EQ(busy(128, 1), Cycles(1));
  EXPECT_EQ(busy(128, 128), Cycles(1));
  EXPECT_EQ(busy(128, 129), Cycles(2));
  EXPECT_EQ(busy(1, 1'000'000'000'000), Cycles(1'000'000'000'000));
}

TEST(VectorTiming, NoWorkTakesNoTime) { EXPECT_EQ(busy(128, 0), Cycles(0)); }

TEST(VectorTiming, WorkWithoutLanesIsOurBug) {
  EXPECT_THROW(busy(0, 1), InternalError);
  EXPECT_EQ(busy(0, 0), Cycles(0));
}

TEST(VectorTiming, TheLatencyIsTheMachines) {
  VectorUnit unit;
  unit.latency = Cycles(12);
  EXPECT_EQ(VectorTiming(unit).latency(), Cycles(12));
}

}  // namespace
}  // namespace takt
