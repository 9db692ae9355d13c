// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/vector_space.h"

#include <algorithm>

namespace takt {

bool copies_only(const Region& region) {
  if (region.kind != Region::Kind::kVector || !region.vector.moves_only) return false;
  // Whole rows of the first operand, as many and as long as the results'; any other (indices of a
  // gather) is read ahead. Padding has to be made, so that goes through the lanes.
  const auto whole = [](const VectorOperand& o) {
    return o.access == VectorOperand::Access::kWhole;
  };
  return !region.operands.empty() && region.operands[0].access == VectorOperand::Access::kAligned &&
         region.operands[0].row_elements == region.vector.row_elements &&
         std::all_of(region.operands.begin() + 1, region.operands.end(), whole);
}

VectorSpace::VectorSpace(const Region& region, const RegionMapping& mapping, std::uint32_t part) {
  images = {region.vector.images, std::clamp<std::int64_t>(mapping.n, 1, region.vector.images), 0};
  rows = {region.vector.rows, std::clamp<std::int64_t>(mapping.rows, 1, region.vector.rows), 0};
  const std::int64_t all = region.vector.channels;
  channels = {all, std::clamp<std::int64_t>(mapping.channels > 0 ? mapping.channels : all, 1, all),
              0};
  Tiles* cut = mapping.cut == RegionMapping::Cut::kImages ? &images
               : mapping.cut == RegionMapping::Cut::kRows ? &rows
                                                          : nullptr;
  if (cut != nullptr) cut_share(*cut, part, mapping.parts);
}

WindowAxis VectorSpace::axis(const VectorOperand& operand) {
  if (operand.access != VectorOperand::Access::kWindow) return {1, 1, 1, 0, operand.rows};
  return {operand.window, operand.stride, 1, operand.pad, operand.rows};
}

Range VectorSpace::operand_rows(const VectorOperand& operand, Range out) {
  if (operand.access != VectorOperand::Access::kWindow) return out;
  return axis(operand).needed(out);
}

std::uint64_t VectorSpace::operand_tile_bytes(const VectorOperand& operand,
                                              const StoredTensor& tensor) const {
  if (operand.access == VectorOperand::Access::kWhole) return tensor.bytes();
  std::int64_t tile_rows = rows.extent;
  if (operand.access == VectorOperand::Access::kWindow) {
    tile_rows = std::min(operand.rows, (rows.extent - 1) * operand.stride + operand.window);
  }
  const std::int64_t row = elements(operand.row_elements, operand.row_run, {0, channels.extent});
  return static_cast<std::uint64_t>(images.extent) * tile_rows * row * bytes_of(tensor.dtype);
}

std::uint64_t VectorSpace::output_tile_elements(const Region& region) const {
  const VectorWork& work = region.vector;
  return static_cast<std::uint64_t>(images.extent) * rows.extent *
         elements(work.row_elements, work.row_run, {0, channels.extent});
}

}  // namespace takt
