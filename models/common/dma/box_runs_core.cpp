// SPDX-License-Identifier: Apache-2.0
#include "models/common/dma/box_runs_core.h"

#include <algorithm>

#include "sim/base/math.h"
#include "sim/program/box_walk.h"

namespace takt {

BoxRuns::BoxRuns(const Box& box, const DramMap& map, Bytes burst, std::uint32_t bursts_max,
                 std::uint32_t piece_bytes)
    : map_(&map),
      burst_(burst.value()),
      block_(map.run_bytes() * map.channels()),
      run_max_(burst.value() * bursts_max),
      row_address_(box.address),
      piece_bytes_(piece_bytes) {
  CHECK(bursts_max > 0) << "a DMA without bursts";
  CHECK(map.run_bytes() % map.interleave() == 0 || map.channels() == 1)
      << "an interleave of " << map.interleave() << " does not divide a row";
  const Box walk = piece_bytes > 0 ? rows_in_memory_order(box) : in_memory_order(box);
  row_bytes_ = walk.row_bytes;
  rows_left_ = row_bytes_ > 0;
  for (std::size_t d = walk.dims.size(); d-- > 0;) {
    const Box::Dim& dim = walk.dims[d];
    if (dim.count == 0) rows_left_ = false;
    if (dim.count > 1) dims_[rank_++] = dim;
  }
}

// The next contiguous bytes: a row, and those after it as long as each begins where the one before
// ended.
bool BoxRuns::next_segment() {
  if (piece_bytes_ > 0) return next_row_piece();
  if (!rows_left_) return false;
  begin_ = row_address_;
  end_ = begin_ + row_bytes_;
  for (;;) {
    step_row();
    if (!rows_left_ || row_address_ != end_) return true;
    end_ += row_bytes_;
  }
}

bool BoxRuns::next_row_piece() {
  if (row_at_ == row_end_) {
    if (!rows_left_) return false;
    row_at_ = row_address_;
    row_end_ = row_at_ + row_bytes_;
    step_row();
  }
  begin_ = row_at_;
  end_ = row_at_ = std::min(row_end_, begin_ + piece_bytes_);
  return true;
}

void BoxRuns::step_row() {
  for (std::size_t d = 0; d < rank_; ++d) {
    const std::uint64_t stride = static_cast<std::uint64_t>(dims_[d].stride);  // wraps as it should
    if (++index_[d] < dims_[d].count) {
      row_address_ += stride;
      return;
    }
    row_address_ -= stride * (dims_[d].count - 1);
    index_[d] = 0;
  }
  rows_left_ = false;
}

// The next channel's share of the bytes at hand. A block is one row of every channel: within it the
// share of a channel is contiguous there, because only the ends of the first and of the last stripe
// are missing.
bool BoxRuns::next_piece() {
  const std::uint64_t interleave = map_->interleave(), channels = map_->channels();
  if (next_stripe_ == stripes_end_) {
    if (begin_ == end_ && !next_segment()) return false;
    block_begin_ = begin_;
    block_end_ = std::min(end_, (block_.quotient(begin_) + 1) * block_.value());
    begin_ = block_end_;
    next_stripe_ = map_->stripe_of(block_begin_);
    last_stripe_ = map_->stripe_of(block_end_ - 1);
    stripes_end_ = std::min(next_stripe_ + channels, last_stripe_ + 1);
  }
  const std::uint64_t stripe = next_stripe_++;
  piece_ = map_->place(std::max(block_begin_, stripe * interleave));
  const std::uint64_t mine = last_stripe_ - map_->channel_of(last_stripe_ - stripe);
  piece_end_ = map_->place(std::min(block_end_, (mine + 1) * interleave) - 1).address + 1;
  return true;
}

bool BoxRuns::next(DmaRun& run) {
  if (piece_.address == piece_end_ && !next_piece()) return false;
  const std::uint64_t first_burst = burst_.quotient(piece_.address);
  const std::uint64_t run_end = std::min(piece_end_, first_burst * burst_.value() + run_max_);
  run.address = map_->address(piece_);
  run.size = Bytes(run_end - piece_.address);
  run.bursts = static_cast<std::uint32_t>(burst_.quotient(run_end - 1) - first_burst + 1);
  piece_.address = run_end;
  return true;
}

}  // namespace takt
