// SPDX-License-Identifier: Apache-2.0
#include "models/common/dma/box_runs_core.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/boxes.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

using testing::bytes_of;
using testing::flat_box;
using testing::hbm2;
using testing::random_box;
using testing::strided_box;

std::vector<DmaRun> all_runs(const Box& box, const DramMap& map, std::uint64_t burst = 64,
                             std::uint32_t bursts_max = 1000, std::uint32_t piece = 0) {
  BoxRuns runs(box, map, Bytes(burst), bursts_max, piece);
  std::vector<DmaRun> all;
  DmaRun run;
  while (runs.next(run)) all.push_back(run);
  EXPECT_FALSE(runs.next(run)) << "the end is the end";
  return all;
}

TEST(BoxRuns, EveryByteOfABoxIsInExactlyOneRun) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Random random(seed);
    Memory memory = hbm2(static_cast<std::uint32_t>(random.between(1, 8)));
    memory.interleave = Bytes(std::uint64_t{64} << random.between(0, 4));
    memory.hashed = seed % 2 == 0;
    const DramMap map(memory);
    const Box box = random_box(random, seed % 7 == 0 ? 20'000 : 700, 3);
    const std::uint64_t burst = std::uint64_t{32} << random.between(0, 3);
    const std::uint32_t bursts_max = static_cast<std::uint32_t>(random.between(1, 20));
    const auto piece = static_cast<std::uint32_t>(seed % 3 == 0 ? random.between(1, 200) : 0);
    std::vector<std::uint64_t> moved;
    for (const DmaRun& run : all_runs(box, map, burst, bursts_max, piece)) {
      ASSERT_TRUE(piece == 0 || run.size <= Bytes(piece)) << "seed " << seed;
      const DramMap::Place first = map.place(run.address);
      const std::uint64_t end = first.address + run.size.value();
      ASSERT_EQ(first.address / map.run_bytes(), (end - 1) / map.run_bytes()) << "seed " << seed;
      ASSERT_LE(run.bursts, bursts_max);
      ASSERT_EQ(run.bursts, (end - 1) / burst - first.address / burst + 1);
      for (std::uint64_t at = first.address; at < end; ++at) {
        moved.push_back(map.address({first.channel, at}));
      }
    }
    std::sort(moved.begin(), moved.end());
    ASSERT_EQ(moved, bytes_of(box)) << "seed " << seed;
  }
}

TEST(BoxRuns, HashedChannelsMeetEveryStride) {
  Memory memory = hbm2(8);
  const std::uint64_t round = memory.interleave.value() * memory.channels;
  for (const bool hashed : {false, true}) {
    memory.hashed = hashed;
    const DramMap map(memory);
    std::vector<int> rows(memory.channels);
    // One interleave of each round: by address always the same channel's.
    for (std::uint64_t i = 0; i < 256; ++i) ++rows[map.place(i * round).channel];
    EXPECT_EQ(*std::max_element(rows.begin(), rows.end()), hashed ? 32 : 256);
  }
}

TEST(BoxRuns, RowsThatTouchAreOne) {
  const DramMap map(hbm2());
  EXPECT_EQ(all_runs(strided_box(0, 16, 64, 16), map).size(), 1u) << "1 KiB in 64 rows of 16 B";
  EXPECT_EQ(all_runs(strided_box(0, 16, 64, 17), map).size(), 65u) << "one crosses a DRAM row";
  Box nested = strided_box(4096, 16, 4, 16);
  nested.dims[3] = {8, 64};  // [8][4] rows of 16 B, all contiguous
  EXPECT_EQ(all_runs(nested, map).size(), 1u);
  nested.dims[2] = {2, 1024};  // and a gap behind each 512 B
  EXPECT_EQ(all_runs(nested, map).size(), 2u);
}

TEST(BoxRuns, RowsThatTouchAcrossAnOddStrideAreOneToo) {
  const DramMap map(hbm2());
  Box box = flat_box(0, 100);
  box.dims[4] = {2, 300};  // rows at 0 and 300
  box.dims[3] = {2, 400};  // and at 400 and 700: 300..500 in one piece
  EXPECT_EQ(all_runs(box, map).size(), 3u);
}

TEST(BoxRuns, AStreamOverChannelsIsARowEach) {
  const DramMap map(hbm2(8));  // 256 B stripes, 1 KiB rows
  const std::vector<DmaRun> runs = all_runs(flat_box(0, 64 * 1024), map);
  ASSERT_EQ(runs.size(), 64u);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    EXPECT_EQ(map.place(runs[i].address).channel, i % 8);
    EXPECT_EQ(runs[i].size, Bytes(1024));
  }
}

TEST(BoxRuns, ShortRowsCostABurstEach) {
  const DramMap map(hbm2());
  std::uint32_t bursts = 0;
  for (const DmaRun& run : all_runs(strided_box(0, 16, 100, 1024), map, 256)) bursts += run.bursts;
  EXPECT_EQ(bursts, 100u) << "1600 B, but not 7 bursts of 256 B";
}

TEST(BoxRuns, RowsThatAreTakenInPiecesAreCutFromTheirStart) {
  const DramMap map(hbm2());
  // Four rows of 96 B that touch: each is 64 B and 32 B, of which the odd rows' first cross a
  // burst.
  std::vector<std::uint64_t> sizes;
  std::uint32_t bursts = 0;
  for (const DmaRun& run : all_runs(strided_box(0, 96, 4, 96), map, 64, 16, 64)) {
    sizes.push_back(run.size.value());
    bursts += run.bursts;
  }
  EXPECT_EQ(sizes, (std::vector<std::uint64_t>{64, 32, 64, 32, 64, 32, 64, 32}));
  EXPECT_EQ(bursts, 4u * 2 + 2);
}

TEST(BoxRuns, NothingHasNoRuns) {
  const DramMap map(hbm2());
  EXPECT_TRUE(all_runs(flat_box(0, 0), map).empty());
  EXPECT_TRUE(all_runs(strided_box(0, 16, 0, 16), map).empty());
}

}  // namespace
}  // namespace takt
