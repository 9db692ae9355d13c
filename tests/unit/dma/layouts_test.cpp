// SPDX-License-Identifier: Apache-2.0
// The same tile of a feature map in three layouts: what a DMA engine asks for and what the DRAM's
// rows make of it, beside counts byte by byte. Expected, counted and the deviation are printed.

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>

#include "models/common/dma/box_runs_core.h"
#include "models/common/dram/dram_core.h"
#include "tests/support/boxes.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

// A tile of 8 x 12 pixels and 32 channels, from pixel (3, 5) and channel 16 of 64 x 56 x 56 bytes.
constexpr std::uint32_t kChannels = 64, kSide = 56;
constexpr std::uint32_t kTop = 3, kLeft = 5, kFirst = 16, kRows = 8, kColumns = 12, kTile = 32;

Box channels_last() {
  Box box = testing::flat_box((kTop * kSide + kLeft) * kChannels + kFirst, kTile);
  box.dims[3] = {kRows, kSide * kChannels};
  box.dims[4] = {kColumns, kChannels};
  return box;
}

Box channels_first() {
  Box box = testing::flat_box((kFirst * kSide + kTop) * kSide + kLeft, kColumns);
  box.dims[3] = {kTile, kSide * kSide};
  box.dims[4] = {kRows, kSide};
  return box;
}

/// Blocks of 16 channels, within which the channel runs fastest.
Box blocked() {
  constexpr std::uint32_t kBlock = 16;
  Box box = testing::flat_box((kFirst / kBlock * kSide * kSide + kTop * kSide + kLeft) * kBlock,
                              kColumns * kBlock);
  box.dims[3] = {kTile / kBlock, kSide * kSide * kBlock};
  box.dims[4] = {kRows, kSide * kBlock};
  return box;
}

struct Played {
  std::uint64_t runs = 0;
  DramStats stats;
  std::uint64_t cycles = 0;
};

Played play(const Box& box, const Memory& memory) {
  DramCore core(memory);
  BoxRuns runs(box, core.map(), Bytes(64), 1000);
  Played played;
  DmaRun run;
  while (runs.next(run)) {
    ++played.runs;
    const DramRequest request{core.map().place(run.address).address, run.size, false, false};
    played.cycles = core.issue(Cycles(0), request).done.value();
  }
  played.stats = core.stats();
  return played;
}

void expect(const char* layout, const char* what, std::uint64_t expected, std::uint64_t counted) {
  std::printf("%-15s %-16s expected %6llu counted %6llu deviation %+.3f %%\n", layout, what,
              static_cast<unsigned long long>(expected), static_cast<unsigned long long>(counted),
              (static_cast<double>(counted) / static_cast<double>(expected) - 1) * 100);
  EXPECT_EQ(counted, expected) << layout << ", " << what;
}

TEST(Layouts, ATileMovesTheBurstsAndOpensTheRowsThatItsBytesLieIn) {
  const Memory memory = testing::without_refresh(testing::ddr4());
  const DramMap map(memory);
  const std::uint64_t burst = map.burst_bytes();
  std::map<std::string, Played> played;
  const struct {
    const char* name;
    Box box;
    std::uint64_t runs;  ///< of consecutive bytes: 8 x 12, 32 x 8, 2 x 8
  } layouts[] = {{"channels last", channels_last(), 96},
                 {"channels first", channels_first(), 256},
                 {"blocks of 16", blocked(), 16}};
  for (const auto& layout : layouts) {
    SCOPED_TRACE(layout.name);
    ASSERT_EQ(layout.box.bytes(), Bytes(kRows * kColumns * kTile));
    // Byte by byte: bursts of each run, and the DRAM rows that they lie in. A run ends with its
    // row.
    std::uint64_t bursts = 0, runs = layout.runs;
    std::set<std::uint64_t> rows;
    for (std::uint32_t i = 0; i < layout.box.dims[3].count; ++i) {
      for (std::uint32_t j = 0; j < layout.box.dims[4].count; ++j) {
        const std::uint64_t begin = layout.box.address +
                                    static_cast<std::uint64_t>(layout.box.dims[3].stride) * i +
                                    static_cast<std::uint64_t>(layout.box.dims[4].stride) * j;
        std::set<std::uint64_t> of_run, rows_of_run;
        for (std::uint64_t at = begin; at < begin + layout.box.row_bytes; ++at) {
          of_run.insert(at / burst);
          rows_of_run.insert(map.row_of(map.place(at).address));
        }
        bursts += of_run.size();
        runs += rows_of_run.size() - 1;
        rows.insert(rows_of_run.begin(), rows_of_run.end());
      }
    }
    const Played p = play(layout.box, memory);
    expect(layout.name, "runs", runs, p.runs);
    expect(layout.name, "bursts", bursts, p.stats.reads);
    // Rows opened: one of each bank group that its bursts meet, at most; the tile opens none twice.
    EXPECT_GE(p.stats.activations, rows.size());
    EXPECT_LE(p.stats.activations, rows.size() * memory.timing.bank_groups);
    EXPECT_EQ(p.stats.row_conflicts, 0u);
    std::printf("%-15s rows %llu, activations %llu, %llu cycles\n", layout.name,
                static_cast<unsigned long long>(rows.size()),
                static_cast<unsigned long long>(p.stats.activations),
                static_cast<unsigned long long>(p.cycles));
    played[layout.name] = p;
  }
  EXPECT_LT(played["blocks of 16"].cycles, played["channels last"].cycles);
  EXPECT_LT(played["channels last"].cycles, played["channels first"].cycles);
}

}  // namespace
}  // namespace takt
