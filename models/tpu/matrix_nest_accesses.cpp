// SPDX-License-Identifier: Apache-2.0
// What an op of a matrix nest touches on chip: buffer bytes and accumulator rows.
#include "models/tpu/matrix_nest.h"

namespace takt {

SramAccess MatrixNest::slot_access(const OperandPlace& place, std::uint64_t ordinal,
                                   std::uint64_t bytes, std::uint64_t span, bool write) const {
  SramAccess access;
  access.buffer = place.buffer;
  access.address =
      place.address + (place.resident ? 0 : (ordinal % place.slots) * place.slot_bytes);
  access.bytes = bytes;
  access.span = span;
  access.write = write;
  return access;
}

void MatrixNest::accumulator_of(const NestIndex& index, const Tile& t, const Pass& pass,
                                TileOp& op) const {
  // Blocks take the accumulators in turn; while a tile's reduction goes on, all its blocks stay.
  std::uint64_t block = 0;
  for (int loop : {kG1, kM1, kN1}) {
    block = block * static_cast<std::uint64_t>(passes_of_array(loop, t, pass.array)) +
            index[static_cast<std::size_t>(loop)];
  }
  const auto blocks = static_cast<std::uint64_t>(space_.accumulator_blocks());
  const std::uint64_t slot = (block_prefix_[pass.array][output_ordinal(index)] + block) % blocks;
  op.accumulator = static_cast<std::uint64_t>(pass.array) * plan_.machine->matrix.accumulator_rows +
                   slot * static_cast<std::uint64_t>(space_.block_rows());
  op.accumulator_rows =
      static_cast<std::uint64_t>(space_.sum_rows(pass.m.count, pass.g.count * pass.n.count));
}

void MatrixNest::matrix_accesses(const NestIndex& index, const Tile& t, const Pass& pass,
                                 TileOp& op) const {
  const std::uint64_t size = space_.element_bytes;
  // An array takes the window of each pixel; rows of inputs reach all PEs of a diagonal at once.
  std::uint64_t in = static_cast<std::uint64_t>(pass.g.count) * pass.m.count * pass.k.count * size;
  if (row_stationary()) {
    in = static_cast<std::uint64_t>(t.n.count) * space_.input_pixels(t.p, t.q) * t.c.count * size;
  }
  std::uint64_t weights =
      static_cast<std::uint64_t>(pass.g.count) * pass.n.count * pass.k.count * size;
  const bool weights_move =
      space_.on_lanes || !weights_stay(space_.dataflow) || op.matrix.load_stationary;
  const bool inputs_move =
      space_.on_lanes || space_.dataflow != Dataflow::kInputStationary || op.matrix.load_stationary;
  if (inputs_move) {
    const StoredTensor& tensor = plan_.graph->tensors[plan_.region->matrix.input.tensor.index];
    const Range h = input_rows(t), w = input_cols(t);
    // From the first byte of the pass's first group to the last byte of its last.
    const auto groups = static_cast<std::uint64_t>(pass.g.count);
    const bool inside = plan_.region->matrix.input_groups_inside();
    const std::uint64_t pixels = static_cast<std::uint64_t>(t.n.count) * h.count * w.count;
    const std::uint64_t element = static_cast<std::uint64_t>(t.c.count) * size;
    const std::uint64_t pitch = inside ? static_cast<std::uint64_t>(t.g.count) * element : element;
    const std::uint64_t span = pixels == 0 ? 0
                               : inside    ? (pixels - 1) * pitch + groups * element
                                           : groups * pixels * element;
    SramAccess access =
        slot_access(plan_.input, tile_ordinal(input_level_, index), in, span, false);
    if (plan_.input.resident) {
      access.span = tensor.bytes();
    } else {
      if (inside) access.pitch = static_cast<std::uint32_t>(pitch);
      access.address +=
          static_cast<std::uint64_t>(pass.g.begin) * (inside ? element : pixels * element) +
          static_cast<std::uint64_t>(t.c_before) * pixels * size;
    }
    access.role = Transfer::Role::kInput;
    op.accesses.push_back(access);
  }
  if (weights_move) {
    const bool by_pass = plan_.mapping.fetch == WeightFetch::kPass;
    const std::uint32_t array = weights_by_array_ ? pass.array : 0;
    std::uint64_t ordinal = weight_level_ >= kG1 ? pass_ordinal(weight_level_, index, t, array)
                                                 : tile_ordinal(weight_level_, index);
    if (!plan_.weight_ring_start.empty()) ordinal += plan_.weight_ring_start[array];
    const std::uint64_t tile_bytes = weights;
    // A lane holds its sum and nothing else: every product reads a weight.
    if (space_.on_lanes) weights *= static_cast<std::uint64_t>(pass.m.count);
    SramAccess access = slot_access(plan_.weight, ordinal, weights, tile_bytes, false);
    access.address += array * plan_.weight.slots * plan_.weight.slot_bytes;
    access.role = Transfer::Role::kWeight;
    if (plan_.weight.resident) {
      access.span = plan_.graph->tensors[plan_.region->matrix.weight.tensor.index].bytes();
    } else if (by_pass) {
      access.pitch = static_cast<std::uint32_t>(pass.n.count * static_cast<std::int64_t>(size));
    } else {
      // Tile [g][k][o]: this pass's corner, and a row of all the tile's outputs to the next k.
      const auto row = static_cast<std::uint64_t>(t.o.count) * size;
      access.pitch = static_cast<std::uint32_t>(row);
      access.address +=
          (static_cast<std::uint64_t>(pass.g.begin) * t.reduction + t.c_before + pass.k.begin) *
              row +
          static_cast<std::uint64_t>(pass.n.begin) * size;
      access.span = (static_cast<std::uint64_t>(pass.g.count) * pass.k.count - 1) * row +
                    static_cast<std::uint64_t>(pass.n.count) * size;
    }
    op.accesses.push_back(access);
  }
}

SramAccess MatrixNest::block_access(const OperandPlace& place, TensorId id, const NestIndex& index,
                                    const Tile& t, const Pass& pass) const {
  // Tile [g][n][p][q][o] or [n][p][q][g][o]: this block's first pixel and output.
  const StoredTensor& tensor = plan_.graph->tensors[id.index];
  const std::uint64_t size = bytes_of(tensor.dtype);
  const bool inside = plan_.region->matrix.output_groups_inside(plan_.region->output);
  const std::uint64_t group = static_cast<std::uint64_t>(t.o.count) * size;
  const std::uint64_t row = inside ? static_cast<std::uint64_t>(t.g.count) * group : group;
  const std::uint64_t next_group = inside ? group : static_cast<std::uint64_t>(t.pixels) * row;
  const std::uint64_t width = static_cast<std::uint64_t>(pass.n.count) * size;
  const auto pixels = static_cast<std::uint64_t>(pass.m.count);
  const auto groups = static_cast<std::uint64_t>(pass.g.count);
  SramAccess access = slot_access(place, output_ordinal(index), groups * pixels * width,
                                  (pixels - 1) * row + (groups - 1) * next_group + width, false);
  if (place.resident) {
    access.span = tensor.bytes();
    return access;
  }
  access.pitch = static_cast<std::uint32_t>(row);
  access.address += static_cast<std::uint64_t>(pass.g.begin) * next_group +
                    static_cast<std::uint64_t>(pass.m.begin) * row +
                    static_cast<std::uint64_t>(pass.n.begin) * size;
  return access;
}

}  // namespace takt
