// SPDX-License-Identifier: Apache-2.0
#pragma once
// The geometry of a mapped vector region: tiles of images and rows, and the operand rows they need.

#include "sim/mapper/tile_space.h"

namespace takt {

/// Does the region only move one tensor's rows?
bool copies_only(const Region& region);
/// Does it move them from DRAM to DRAM, so that what is loaded is stored and no lane is used? What
/// stays on chip at either end passes through the lanes.
inline bool copies_by_dma(const Region& region, bool source_resident, bool output_resident) {
  return copies_only(region) && !source_resident && !output_resident;
}

struct VectorSpace {
  VectorSpace(const Region& region, const RegionMapping& mapping, std::uint32_t part);
  Tiles images, rows;
  Tiles channels;  ///< of each row (VectorWork::channels)
  /// Does a tile hold parts of rows?
  bool cuts_rows() const { return channels.count() > 1; }
  /// Elements of rows of `row_elements` in runs of `row_run` that lie in a part of the channels:
  /// all of them if they do not change with the channel.
  std::int64_t elements(std::int64_t row_elements, std::int64_t row_run, Range part) const {
    return changes(row_run) ? row_elements / channels.total * part.count : row_elements;
  }
  /// Do rows in such runs change with the channel?
  bool changes(std::int64_t row_run) const { return row_run % channels.total == 0; }
  bool empty() const { return images.total <= 0 || rows.total <= 0; }
  /// Rows of an operand as a window axis.
  static WindowAxis axis(const VectorOperand& operand);
  /// Rows of `operand` that output rows `out` need.
  static Range operand_rows(const VectorOperand& operand, Range out);
  /// Bytes of the largest tile of an operand; elements of the output's.
  std::uint64_t operand_tile_bytes(const VectorOperand& operand, const StoredTensor& tensor) const;
  std::uint64_t output_tile_elements(const Region& region) const;
};

}  // namespace takt
