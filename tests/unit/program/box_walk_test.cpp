// SPDX-License-Identifier: Apache-2.0
#include "sim/program/box_walk.h"

#include <gtest/gtest.h>

#include "tests/support/boxes.h"

namespace takt {
namespace {

using testing::bytes_of;
using testing::random_box;

TEST(BoxWalk, ATransposedTileIsWalkedInRows) {
  // Keys of a head: 64 channels of 197 tokens that lie 768 bytes apart, as a tile [channel][token].
  Box box;
  box.address = 5000;
  box.row_bytes = 1;
  box.dims[3] = {64, 1};
  box.dims[4] = {197, 768};
  const Box walk = in_memory_order(box);
  EXPECT_EQ(walk.address, 5000u);
  EXPECT_EQ(walk.row_bytes, 64u);
  EXPECT_EQ(walk.dims[4].count, 197u);
  EXPECT_EQ(walk.dims[4].stride, 768);
  EXPECT_EQ(walk.rows(), 197u);
}

TEST(BoxWalk, RowsInOrderStayAsManyAsTheyAre) {
  Box box;
  box.row_bytes = 64;
  box.dims[3] = {14, 14 * 64};
  box.dims[4] = {14, 64};
  EXPECT_EQ(in_memory_order(box).rows(), 1u);
  EXPECT_EQ(rows_in_memory_order(box).rows(), 196u);
  std::swap(box.dims[3], box.dims[4]);  // column by column: they are walked as memory has them
  EXPECT_EQ(rows_in_memory_order(box).rows(), 1u);
}

TEST(BoxWalk, DimensionsThatGoOnAreOne) {
  Box box;
  box.row_bytes = 4;
  box.dims[2] = {3, 400};  // 4 rows of 100 B: the next begins where these end
  box.dims[3] = {5, 4};    // part of the row
  box.dims[4] = {4, 100};
  const Box walk = in_memory_order(box);
  EXPECT_EQ(walk.row_bytes, 20u);
  EXPECT_EQ(walk.dims[4].count, 12u);
  EXPECT_EQ(walk.dims[4].stride, 100);
  EXPECT_EQ(walk.rows(), 12u);
}

TEST(BoxWalk, RepetitionsStayOutside) {
  Box box;
  box.row_bytes = 8;
  box.dims[4] = {6, 0};
  box.dims[3] = {2, -64};
  const Box walk = in_memory_order(box);
  EXPECT_EQ(walk.dims[4].stride, -64);
  EXPECT_EQ(walk.dims[3].count, 6u);
  EXPECT_EQ(walk.dims[3].stride, 0);
}

TEST(BoxWalk, TheSameBytesInAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Random random(seed);
    Box box = random_box(random, 60, 4);
    for (std::size_t d = 0; d + 1 < box.dims.size(); ++d) {
      std::swap(box.dims[d], box.dims[random.between(d, box.dims.size() - 1)]);
    }
    const Box walk = in_memory_order(box);
    ASSERT_EQ(bytes_of(walk), bytes_of(box)) << "seed " << seed;
    ASSERT_LE(walk.rows(), box.rows());
  }
}

}  // namespace
}  // namespace takt
