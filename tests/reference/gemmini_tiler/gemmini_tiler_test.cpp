// SPDX-License-Identifier: Apache-2.0
// Gemmini's tiler against tilings that its own software printed.
#include "sim/mapper/gemmini_tiler.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "sim/validate/csv_table.h"

namespace takt {
namespace {

/// 256 KiB of scratchpad, 64 KiB of accumulators, half of each a tile.
constexpr GemminiRooms kRooms{16, 8192, 512};

std::string text_of(const GemminiConv& t) {
  std::ostringstream s;
  s << t.kernel_rows << '_' << t.kernel_cols << '_' << t.out_cols << '_' << t.out_rows << '_'
    << t.in_channels << '_' << t.out_channels << '_' << t.batch;
  return s.str();
}

std::string text_of(const GemminiMatmul& t) {
  std::ostringstream s;
  s << "1_1_" << t.i << "_1_" << t.k << '_' << t.j << "_1";
  return s.str();
}

// ucb-bar/dosa, layers of ResNet-50 and BERT: kernel, output columns and rows, input and output
// channels, batch of a tile.
TEST(GemminiTiler, PublishedTiles) {
  EXPECT_EQ(text_of(gemmini_conv_tile({1, 112, 112, 64, 7, 7, 3}, 2, kRooms)), "7_7_23_22_3_16_1");
  EXPECT_EQ(text_of(gemmini_conv_tile({1, 7, 7, 512, 3, 3, 512}, 1, kRooms)), "3_3_7_7_119_112_1");
  EXPECT_EQ(text_of(gemmini_matmul_tile({128, 768, 3072}, kRooms)), "1_1_80_1_816_80_1");
}

TEST(GemminiTiler, TilesFitAndCoverSmallLayers) {
  const GemminiConv small{1, 4, 4, 16, 3, 3, 16};
  const GemminiConv tile = gemmini_conv_tile(small, 1, kRooms);
  EXPECT_EQ(text_of(tile), text_of(small));
  const GemminiMatmul product = gemmini_matmul_tile({16, 16, 16}, kRooms);
  EXPECT_EQ(text_of(product), "1_1_16_1_16_16_1");
}

TEST(GemminiTiler, EveryTileOfTheData) {
  const char* folder = std::getenv("TAKT_DATA");
  const std::string path =
      (folder != nullptr ? std::string(folder) : TAKT_SOURCE_DIR "/../shared/data") +
      "/gemmini_rtl_cycles.csv";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no data: expected as " << path;
  std::ostringstream text;
  text << file.rdbuf();
  Result<CsvTable> read = CsvTable::parse(text.str(), path);
  ASSERT_TRUE(read.ok());
  CsvTable& table = *read;
  std::set<std::string> layers;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto extent = [&](const char* name) { return table.whole(i, name); };
    const bool product = table.text(i, "workload") == "bert" || extent("P") * extent("Q") == 1;
    const std::string tile =
        product ? text_of(gemmini_matmul_tile({extent("N") * extent("P"), extent("K"), extent("C")},
                                              kRooms))
                : text_of(gemmini_conv_tile({extent("N"), extent("Q"), extent("P"), extent("K"),
                                             extent("R"), extent("S"), extent("C")},
                                            extent("stride"), kRooms));
    EXPECT_EQ(tile, table.text(i, "gemmini_auto_tiling")) << "row " << i;
    std::string layer;
    for (const char* name : {"N", "C", "K", "P", "Q", "R", "S", "stride"}) {
      layer += table.text(i, name) + " ";
    }
    layers.insert(layer);
  }
  EXPECT_GE(layers.size(), 29u);
  EXPECT_TRUE(table.errors().empty());
}

}  // namespace
}  // namespace takt
