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
