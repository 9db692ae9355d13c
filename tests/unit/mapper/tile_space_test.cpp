// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/tile_space.h"

#include <gtest/gtest.h>

#include "sim/mapper/vector_space.h"
#include "tests/support/random_network.h"

namespace takt::test {
namespace {

Machine array(std::uint32_t rows, std::uint32_t cols, Dataflow dataflow, std::uint32_t count = 1) {
  Machine m;
  m.matrix.rows = rows;
  m.matrix.cols = cols;
  m.matrix.dataflow = dataflow;
  m.matrix.count = count;
  m.matrix.accumulator_rows = 64;
  m.matrix.rate.fill({1, 1});
  return m;
}

/// 3 x 3, stride 2, padding 1: 15 x 15 x 8 -> 8 x 8 x 20.
Region conv() {
  Region region;
  region.kind = Region::Kind::kMatrix;
  MatrixWork& w = region.matrix;
  w.n = 2, w.p = w.q = 8, w.o = 20, w.r = w.s = 3, w.c = 8;
  w.in_h = w.in_w = 15;
  w.stride_h = w.stride_w = 2;
  w.pad_h = w.pad_w = 1;
  return region;
}

RegionMapping tile(std::int64_t n, std::int64_t p, std::int64_t q, std::int64_t o, std::int64_t c) {
  RegionMapping m;
  m.n = n, m.p = p, m.q = q, m.o = o, m.c = c;
  return m;
}

TEST(Tiles, TheLastIsRagged) {
  const Tiles tiles{10, 4, 100};
  EXPECT_EQ(tiles.count(), 3);
  EXPECT_EQ(tiles.at(0).begin, 100);
  EXPECT_EQ(tiles.at(0).count, 4);
  EXPECT_EQ(tiles.at(2).begin, 108);
  EXPECT_EQ(tiles.at(2).count, 2);
}

// Output rows [b, b+n) of a 3-row window with stride 2 and padding 1 need inputs [2b-1, 2b+2n).
TEST(WindowAxis, HalosAreCutAtTheEdges) {
  const WindowAxis axis{3, 2, 1, 1, 15};
  const auto needed = [&](std::int64_t begin, std::int64_t count) {
    const Range r = axis.needed({begin, count});
    return std::make_pair(r.begin, r.begin + r.count);
  };
  EXPECT_EQ(needed(0, 1), std::make_pair(0L, 2L));
  EXPECT_EQ(needed(1, 2), std::make_pair(1L, 6L));
  EXPECT_EQ(needed(7, 1), std::make_pair(13L, 15L));
  EXPECT_EQ(needed(0, 8), std::make_pair(0L, 15L));
  const WindowAxis deep{1, 1, 1, 5, 3};  // all of it padding before row 5
  EXPECT_EQ(deep.needed({0, 2}).count, 0);
  EXPECT_EQ(deep.needed({4, 2}).count, 1);
}

TEST(WindowAxis, AWalkCountsHalosAsOftenAsTheyAreFetched) {
  const WindowAxis axis{3, 2, 1, 1, 15};
  // Tiles of 3: [0, 6), [5, 12), [11, 15).
  const WindowWalk w = walk({8, 3, 0}, axis);
  EXPECT_EQ(w.fetched, 6u + 7u + 4u);
  EXPECT_EQ(w.runs, 3u);
  // Eight single rows: first, six alike, last.
  EXPECT_EQ(walk({8, 1, 0}, axis).fetched, 2u + 6u * 3u + 2u);
  EXPECT_EQ(walk({8, 1, 0}, axis).runs, 3u);
  EXPECT_EQ(walk({1000, 7, 0}, {1, 1, 1, 0, 1000}).fetched, 1000u);
  EXPECT_EQ(walk({1000, 1000, 0}, {1, 1, 1, 0, 1000}).runs, 1u);
}

TEST(TileSpace, CountsTilesAndTheirBytes) {
  const Machine machine = array(16, 8, Dataflow::kWeightStationary);
  const TileSpace s(conv(), machine, tile(1, 3, 8, 12, 8), 0);
  EXPECT_EQ(s.n.count(), 2);
  EXPECT_EQ(s.p.count(), 3);
  EXPECT_EQ(s.q.count(), 1);
  EXPECT_EQ(s.o.count(), 2);
  EXPECT_EQ(s.c.count(), 1);
  EXPECT_EQ(s.input_tile_bytes(), 7u * 15u * 8u);  // the middle tile has both halos
  EXPECT_EQ(s.weight_tile_bytes(WeightFetch::kTile), 72u * 12u);
  EXPECT_EQ(s.weight_tile_bytes(WeightFetch::kPass), 16u * 8u);
  EXPECT_EQ(s.output_tile_elements(), 3u * 8u * 12u);
}

TEST(TileSpace, PassesFollowTheDataflow) {
  const RegionMapping m = tile(1, 4, 8, 20, 8);
  // 32 pixels, half of 64 accumulator rows; 72 of the reduction on 16 rows; 20 outputs on 8
  // columns.
  const TileSpace ws(conv(), array(16, 8, Dataflow::kWeightStationary), m, 0);
  EXPECT_EQ(ws.pass.m, 32);
  EXPECT_EQ(ws.pass.k, 16);
  EXPECT_EQ(ws.pass.n, 8);
  EXPECT_EQ(ws.block_rows(), 32);
  EXPECT_EQ(ws.accumulator_blocks(), 2);
  EXPECT_EQ(ws.blocks_held(), 1);
  // Pixels on the columns, outputs streaming.
  const TileSpace is(conv(), array(16, 8, Dataflow::kInputStationary), m, 0);
  EXPECT_EQ(is.pass.m, 8);
  EXPECT_EQ(is.pass.n, 20);
  EXPECT_EQ(is.block_rows(), 20);
  EXPECT_EQ(is.accumulator_blocks(), 3);
  // Pixels on the rows, outputs on the columns, all of the reduction streams.
  const TileSpace os(conv(), array(16, 8, Dataflow::kOutputStationary), m, 0);
  EXPECT_EQ(os.pass.m, 16);
  EXPECT_EQ(os.pass.n, 8);
  EXPECT_EQ(os.pass.k, 72);
}

// A reduction cut into buffer tiles holds every block of the tile in the accumulators.
TEST(TileSpace, ACutReductionHoldsAllBlocks) {
  const TileSpace s(conv(), array(16, 8, Dataflow::kWeightStationary), tile(1, 2, 4, 20, 4), 0);
  EXPECT_EQ(s.c.count(), 2);
  EXPECT_EQ(s.block_rows(), 8);
  EXPECT_EQ(s.accumulator_blocks(), 8);
  EXPECT_EQ(s.blocks_held(), 3);  // 20 outputs on 8 columns
}

TEST(TileSpace, ArraysShareWhateverHasAPassForEach) {
  const Dataflow ws = Dataflow::kWeightStationary;
  const TileSpace channels(conv(), array(16, 8, ws, 3), tile(1, 2, 8, 20, 8), 0);
  EXPECT_EQ(channels.split, ArraySplit::kChannels);
  EXPECT_EQ(channels.arrays_used(), 3u);
  const TileSpace pixels(conv(), array(16, 8, ws, 3), tile(1, 2, 8, 8, 8), 0);
  EXPECT_EQ(pixels.split, ArraySplit::kPixels);
  EXPECT_EQ(pixels.pass.m, 6);  // 16 pixels over three arrays
  EXPECT_EQ(pixels.arrays_used(), 3u);
  Region grouped = conv();
  grouped.matrix.g = 4;
  RegionMapping m = tile(1, 2, 8, 8, 8);
  m.g = 4;
  EXPECT_EQ(TileSpace(grouped, array(16, 8, ws, 3), m, 0).split, ArraySplit::kGroups);
}

TEST(TileSpace, CoresShareOneDimension) {
  const Machine machine = array(16, 8, Dataflow::kWeightStationary);
  RegionMapping m = tile(1, 8, 8, 20, 8);
  m.cut = RegionMapping::Cut::kRows;
  m.parts = 3;
  std::int64_t rows = 0;
  for (std::uint32_t part = 0; part < 3; ++part) {
    const TileSpace s(conv(), machine, m, part);
    EXPECT_EQ(s.p.first, rows);
    EXPECT_FALSE(s.empty());
    rows += s.p.total;
  }
  EXPECT_EQ(rows, 8);
}

TEST(VectorSpace, PoolingNeedsWindowsOfRows) {
  Region pool;
  pool.vector.images = 2, pool.vector.rows = 4, pool.vector.row_elements = 10;
  VectorOperand x;
  x.access = VectorOperand::Access::kWindow;
  x.row_elements = 40, x.rows = 8, x.window = 3, x.stride = 2, x.pad = 1;
  RegionMapping m;
  m.engine = WorkUnit::kVector;
  m.rows = 2;
  const VectorSpace s(pool, m, 0);
  EXPECT_EQ(s.rows.count(), 2);
  EXPECT_EQ(VectorSpace::operand_rows(x, {0, 2}).count, 4);  // rows -1..4, cut at 0
  EXPECT_EQ(VectorSpace::operand_rows(x, {2, 2}).count, 5);
  StoredTensor stored;
  stored.elements = 2 * 8 * 40;
  EXPECT_EQ(s.operand_tile_bytes(x, stored), 5u * 40u);
  EXPECT_EQ(s.output_tile_elements(pool), 20u);
}

}  // namespace
}  // namespace takt::test
