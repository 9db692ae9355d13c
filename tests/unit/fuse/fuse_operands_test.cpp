// SPDX-License-Identifier: Apache-2.0
// How much a region may read: fusion stops before it is more than a tile op can name.
#include <gtest/gtest.h>

#include "sim/ir/fuse.h"
#include "tests/unit/fuse/graph_maker.h"

namespace takt::testing {
namespace {

TEST(FuseOperands, NoRegionReadsMoreThanAnOpCanName) {
  GraphMaker make;
  std::vector<TensorId> all;
  for (int i = 0; i < 24; ++i) all.push_back(make.input({1, 4, 8, 8}));
  TensorId sum = make.conv(all[0], 4, 3, 1, 1, 1, "a");
  for (std::size_t i = 1; i < all.size(); ++i) sum = make.binary(BinaryKind::kAdd, sum, all[i]);
  sum = make.max_pool(sum, 3, 1, 1);
  for (const TensorId x : all) sum = make.binary(BinaryKind::kAdd, x, sum);
  const auto fused = fuse(make.output(sum), {});
  ASSERT_TRUE(fused.ok());
  const RegionGraph& regions = *fused;
  std::size_t operands = 0;
  for (const Region& region : regions.regions) {
    EXPECT_LE(region.operands.size(), kRegionOperandsMax) << region.name;
    operands += region.operands.size();
  }
  // Of the fewest regions that do: 24 operands behind the convolution, 1 + 24 behind the pool, and
  // the stream of each region that goes on where another had to stop.
  EXPECT_EQ(regions.regions.size(), 8U);
  EXPECT_EQ(operands, 24U + 3 + 25 + 3);
}

}  // namespace
}  // namespace takt::testing
