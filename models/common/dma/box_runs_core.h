// SPDX-License-Identifier: Apache-2.0
#pragma once
// A box of bytes as the DRAM sees it: runs of consecutive bytes of one channel and row, one by one,
// never as a list.

#include <array>

#include "models/common/dram/dram_map.h"
#include "sim/program/tile_op.h"

namespace takt {

/// Consecutive bytes of one channel that stay in one of its rows (DramMap::run_bytes()).
struct DmaRun {
  std::uint64_t address = 0;  ///< device address of the first byte
  Bytes size{};
  std::uint32_t bursts = 0;  ///< of the DMA's burst size, begun or whole: what it takes of credits
};

/// Yields the runs of a box in the order of its rows; rows that touch are one. Where the interleave
/// is finer than a DRAM row, the stripes of a piece that lie on one channel come as one run.
class BoxRuns {
 public:
  /// No run has more than `bursts_max` bursts of `burst` bytes. With `piece_bytes` > 0 the box's
  /// rows are not joined, and each is cut from its start into pieces that are runs of their own.
  BoxRuns(const Box& box, const DramMap& map, Bytes burst, std::uint32_t bursts_max,
          std::uint32_t piece_bytes = 0);
  /// For slots that are filled later.
  explicit BoxRuns(const DramMap& map) : map_(&map) {}
  /// The next run, or false at the end.
  bool next(DmaRun& run);

 private:
  bool next_segment();
  bool next_row_piece();
  void step_row();
  bool next_piece();

  const DramMap* map_;
  Divisor burst_, block_;
  std::uint64_t run_max_ = 0;  ///< bytes
  // The box with its innermost contiguous dimensions folded into the row.
  std::uint64_t row_bytes_ = 0;
  std::array<Box::Dim, Box::kDims> dims_{};  ///< innermost first; only those with count > 1
  std::array<std::uint32_t, Box::kDims> index_{};
  std::size_t rank_ = 0;
  bool rows_left_ = false;
  std::uint64_t row_address_ = 0;           ///< of the next row
  std::uint64_t piece_bytes_ = 0;           ///< > 0: of a row …
  std::uint64_t row_at_ = 0, row_end_ = 0;  ///< … of which this is left
  // What is left of the contiguous bytes at hand: [begin, end) of the device …
  std::uint64_t begin_ = 0, end_ = 0;
  // … of the block of stripes at hand, [block_begin, block_end): stripes from next_stripe on …
  std::uint64_t block_begin_ = 0, block_end_ = 0;
  std::uint64_t next_stripe_ = 0, stripes_end_ = 0, last_stripe_ = 0;
  // … of the channel's piece at hand: [piece.address, piece_end) of the channel.
  DramMap::Place piece_{};
  std::uint64_t piece_end_ = 0;
};

}  // namespace takt
