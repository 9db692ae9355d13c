// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/footprint.h"

#include "sim/base/math.h"
#include "sim/mapper/vector_space.h"

namespace takt {

bool copies_by_dma(const Region& region, const RegionRoom& room) {
  return copies_only(region) &&
         copies_by_dma(region, room.operand_resident[0], room.output_resident);
}

Footprint footprint(const Region& region, const RegionGraph& graph, const Machine& machine,
                    const RegionMapping& m, const RegionRoom& room) {
  Footprint f;
  const bool vector = region.kind == Region::Kind::kVector;
  const VectorSpace rows(region, m, 0);
  const TileSpace space(region, machine, m, 0);
  const StoredTensor& out = graph.tensors[region.output.tensor.index];
  const std::uint64_t out_elements =
      vector ? rows.output_tile_elements(region) : space.output_tile_elements();
  const bool shares_slot = copies_by_dma(region, room);
  if (!room.output_resident && !shares_slot)
    f.output = round_up(out_elements * bytes_of(out.dtype), 64);
  f.unified_total = f.output * m.output_slots;
  for (std::size_t i = 0; i < region.operands.size(); ++i) {
    const VectorOperand& operand = region.operands[i];
    const StoredTensor& tensor = graph.tensors[operand.tensor.index];
    const bool whole = operand.access == VectorOperand::Access::kWhole;
    std::uint64_t bytes = 0;
    if (!room.operand_resident[i]) {
      bytes = whole    ? tensor.bytes()
              : vector ? rows.operand_tile_bytes(operand, tensor)
                       : space.output_tile_elements() * bytes_of(tensor.dtype);
    }
    f.operands.push_back(round_up(bytes, 64));
    if (whole) f.whole += f.operands.back();
    f.unified_total += f.operands.back() * (whole ? 1 : m.operand_slots);
  }
  if (vector) return f;
  if (!room.input_resident) f.input = round_up(space.input_tile_bytes(), 64);
  if (!room.weight_resident) f.weight = round_up(space.weight_tile_bytes(m.fetch), 64);
  f.unified_total += f.input * m.input_slots;
  // An array each with tiles of its own holds its own slots.
  const std::uint64_t copies = m.fetch == WeightFetch::kPass ? space.arrays : 1;
  // The vector unit reads the unified buffer alone.
  const bool apart = room.weight_bytes > 0 && !space.on_lanes;
  (apart ? f.weight_total : f.unified_total) += f.weight * m.weight_slots * copies;
  return f;
}

}  // namespace takt
