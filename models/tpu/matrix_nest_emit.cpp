// SPDX-License-Identifier: Apache-2.0
// The ops of a matrix nest: what each action is at an index; transfers are in
// matrix_nest_transfers.cpp.
#include <algorithm>

#include "models/tpu/boxes.h"
#include "models/tpu/host_moves.h"
#include "models/tpu/matrix_nest.h"
#include "models/tpu/nest_parts.h"

namespace takt {
bool MatrixNest::emit(int action, const NestIndex& index, TileOp& op) const {
  const std::size_t which = which_of(action);
  switch (kind_of(action)) {
    case kHostIn: return emit_host_move(plan_, true, which, op);
    case kSync: return emit_sync(syncs_, which, op);
    case kLoadWhole: return emit_whole(which, op);
    case kLoadWeight: return emit_weight(index, op);
    case kLoadInput: return emit_input(index, op);
    case kLoadOperand: return emit_operand(which, index, op);
    case kMatrix: return emit_matrix(index, op);
    case kVector: return emit_vector(index, op);
    case kStore: return emit_store(index, op);
    case kHostOut: return emit_host_move(plan_, false, which, op);
    case kLate: return emit_late(plan_, which, op);
    case kDelay:
      // The processor looks for a tile before it asks for the first one.
      op.kind = TileOpKind::kSync;
      op.unit = plan_.dma_in;
      op.delay = Cycles(plan_.machine->mapper.step.value() *
                        static_cast<std::uint64_t>(plan_.mapping.steps));
      return true;
    default: CHECK(false) << "action " << action;
  }
  return false;
}

bool MatrixNest::array_used(std::uint32_t array) const {
  return split_passes(tile_at(NestIndex(kLoops, 0))) > array;
}

void MatrixNest::share_tokens(const std::vector<ChannelId>& needs,
                              const std::vector<ChannelId>& gives, TileOp& op) const {
  for (std::uint32_t a = 0; a < space_.arrays; ++a) {
    if (!array_used(a)) continue;
    add_token(op.needs, needs[a]);
    add_token(op.gives, gives[a]);
  }
}

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

bool MatrixNest::loads_stationary(const NestIndex& index, const Tile& t) const {
  if (space_.dataflow == Dataflow::kOutputStationary) return false;
  const bool weights = weights_stay(space_.dataflow);
  // Several operands follow each other within a tile, or one stays for all that use its tile.
  const std::uint32_t array = static_cast<std::uint32_t>(index[kArray]);
  const std::int64_t distinct =
      passes_of_array(kG1, t, array) * t.passes_k * passes_of_array(weights ? kN1 : kM1, t, array);
  if (distinct > 1) return true;
  const int level = std::min<int>(weights ? weight_tile_level() : input_level_, kLastTile);
  return first_below(level, index);
}

void MatrixNest::operand_tokens(const NestIndex& index, const Tile& t, const Pass& pass,
                                TileOp& op) const {
  const bool stay = !space_.on_lanes && op.matrix.load_stationary && weights_stay(space_.dataflow);
  const Phase read = space_.on_lanes ? Phase::kDone : Phase::kIssued;
  if (!plan_.weight.resident) {
    if (first_below(weight_level_, index)) add_token(op.needs, plan_.weight_ready[pass.array]);
    if (last_below(weight_level_, index, t, pass.array)) {
      add_token(op.gives, plan_.weight_free[pass.array], stay ? Phase::kStationaryLoaded : read);
    }
  }
  if (!plan_.input.resident) {
    if (first_below(input_level_, index)) add_token(op.needs, plan_.input_ready[pass.array]);
    if (last_below(input_level_, index, t, pass.array)) {
      // Rows of inputs pass by in order: the refill follows the pass that reads them last.
      add_token(op.gives, plan_.input_free[pass.array],
                row_stationary() ? Phase::kStationaryLoaded : read);
    }
  }
}

bool MatrixNest::emit_idle_array(const NestIndex& index, const Tile& t, std::uint32_t array,
                                 TileOp& op) const {
  // A ragged tile has no pass for this array: it passes on the tokens of tiles that all arrays
  // share.
  if (!array_used(array)) return false;
  op.kind = TileOpKind::kSync;
  op.unit = plan_.arrays[array];
  const bool once_a_tile = split_passes(t) <= array && first_below(kLastTile, index);
  const auto pass_on = [&](const OperandPlace& place, int level, ChannelId ready, ChannelId free) {
    if (place.resident || !once_a_tile || level >= kG1) return;
    if (first_below(level, index)) add_token(op.needs, ready);
    if (tile_is_last_below(level, index)) add_token(op.gives, free);
  };
  pass_on(plan_.weight, weight_level_, plan_.weight_ready[array], plan_.weight_free[array]);
  pass_on(plan_.input, input_level_, plan_.input_ready[array], plan_.input_free[array]);
  const bool shared_pass = weight_level_ >= kG1 && !weights_by_array_ && !plan_.weight.resident;
  if (shared_pass && first_below(weight_level_, index)) {
    add_token(op.needs, plan_.weight_ready[array]);
    add_token(op.gives, plan_.weight_free[array]);
  }
  if (once_a_tile) edge_tokens(plan_.array_tokens[array], at_start(index), at_end(index), op);
  return op.needs.size() + op.gives.size() > 0;
}

Place5 MatrixNest::place_of(const Tile& t, const Pass& pass) const {
  Place5 place;
  place.g = {t.g.begin + pass.g.begin, pass.g.count};
  place.n = t.n;
  place.p = t.p;
  place.q = t.q;
  place.o = {t.o.begin + pass.n.begin, pass.n.count};
  place.c = t.c;
  place.flat = pass.m;
  place_kernel(t, place);
  return place;
}

bool MatrixNest::emit_matrix(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  const Pass pass = pass_at(index, t);
  if (!pass.valid) return emit_idle_array(index, t, pass.array, op);
  op.kind = TileOpKind::kMatrix;
  op.unit = plan_.arrays[pass.array];
  MatrixTile& m = op.matrix;
  m.m = static_cast<std::uint32_t>(pass.m.count);
  m.n = static_cast<std::uint32_t>(pass.g.count * pass.n.count);
  m.k = static_cast<std::uint32_t>(pass.g.count * pass.k.count);
  m.blocks = static_cast<std::uint32_t>(pass.g.count);
  m.dtype = plan_.region->dtype;
  if (plan_.machine->matrix.command_rows > 0) {
    // A product's rows follow each other; an image's end with its last column.
    const MatrixWork& w = plan_.region->matrix;
    m.row = static_cast<std::uint32_t>(w.q == 1 && w.in_w == 1 ? pass.m.count : t.q.count);
  }
  m.load_stationary = loads_stationary(index, t);
  if (row_stationary()) m.rows = row_sets();
  const bool first_k = sums_begin(index) && index[kK1] == 0;
  m.accumulate = !first_k;
  m.last_k = sums_end(index, kLastTile) && static_cast<std::int64_t>(index[kK1]) + 1 == t.passes_k;
  op.place = place_of(t, pass);
  op.place.k = pass.k;
  accumulator_of(index, t, pass, op);
  operand_tokens(index, t, pass, op);
  if (first_k) add_token(op.needs, plan_.accumulator_free[pass.array]);
  // The sums lie where the results will: the slot must be empty before the first of them.
  if (row_stationary() && !plan_.output.resident && first_below(output_level_, index)) {
    add_token(op.needs, plan_.output_free);
  }
  if (m.last_k) add_token(op.gives, plan_.accumulator_ready[pass.array]);
  matrix_accesses(index, t, pass, op);
  if (!plan_.array_tokens.empty()) {
    edge_tokens(plan_.array_tokens[pass.array], at_start(index),
                last_below(-1, index, t, pass.array), op);
  }
  return true;
}

RowSets MatrixNest::row_sets() const {
  const MatrixWork& w = plan_.region->matrix;
  const auto narrow = [](std::int64_t value) {
    return static_cast<std::uint16_t>(std::min<std::int64_t>(value, UINT16_MAX));
  };
  RowSets rows;
  rows.kernel_rows = narrow(w.r);
  rows.kernel_cols = narrow(w.s);
  rows.stride_rows = narrow(w.stride_h);
  rows.stride_cols = narrow(w.stride_w);
  rows.filters = narrow(plan_.mapping.sets.filters);
  rows.channels = narrow(plan_.mapping.sets.channels);
  if (plan_.machine->matrix.row_stationary.gates_zeros) {
    rows.zero_ppm = plan_.graph->tensors[w.input.tensor.index].zero_ppm;
  }
  return rows;
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
          static_cast<std::uint64_t>(pass.g.begin) * (inside ? element : pixels * element);
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
          (static_cast<std::uint64_t>(pass.g.begin) * t.reduction + pass.k.begin) * row +
          static_cast<std::uint64_t>(pass.n.begin) * size;
      access.span = (static_cast<std::uint64_t>(pass.g.count) * pass.k.count - 1) * row +
                    static_cast<std::uint64_t>(pass.n.count) * size;
    }
    op.accesses.push_back(access);
  }
}

bool MatrixNest::emit_vector(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  NestIndex at = index;
  at[kK1] = 0;
  const Pass pass = pass_at(at, t);
  if (!pass.valid || !sums_end(index, kLastTile)) return false;
  op.kind = TileOpKind::kVector;
  op.unit = plan_.vector;
  const std::uint64_t elements =
      static_cast<std::uint64_t>(pass.g.count) * pass.m.count * pass.n.count;
  op.vector.elements = elements;
  std::uint64_t lane_ops = 0;
  for (const VectorStep& step : plan_.region->epilogue) lane_ops += step.lane_ops;
  // Without any step the results still pass through the lanes on their way to the buffer.
  op.vector.lane_ops = elements * std::max<std::uint64_t>(1, lane_ops);
  op.place = place_of(t, pass);
  if (space_.on_lanes) {
    op.vector.lane_ops = elements * lane_ops;
    product_on_lanes(index, t, pass, op);
  } else {
    accumulator_of(index, t, pass, op);
    add_token(op.needs, plan_.accumulator_ready[pass.array]);
    add_token(op.gives, plan_.accumulator_free[pass.array]);
  }

  // First and last block of the output tile, over all arrays.
  NestIndex begun = at;
  for (const TileDim dim : {TileDim::kC, TileDim::kR, TileDim::kS}) {
    begun[static_cast<std::size_t>(this->at(dim))] = 0;
  }
  const bool first = first_below(output_level_, begun) && pass.array == 0;
  const bool last = last_block(at, t) && tile_is_last_below(output_level_, index);
  vector_operands(index, t, pass, first, last, op);
  SramAccess out = block_access(plan_.output, plan_.region->output.tensor, index, t, pass);
  out.write = true;
  out.role = Transfer::Role::kOutput;
  op.accesses.push_back(out);
  if (!plan_.output.resident) {
    if (first && !row_stationary()) add_token(op.needs, plan_.output_free);
    if (last) add_token(op.gives, plan_.output_ready);
  }
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kVector)],
              first && output_ordinal(index) == 0, last && at_end(index), op);
  return true;
}

/// The sums are made by the op itself, one on a lane, a multiply-accumulate a cycle.
void MatrixNest::product_on_lanes(const NestIndex& index, const Tile& t, const Pass& pass,
                                  TileOp& op) const {
  op.place.k = pass.k;
  op.vector.macs = op.vector.elements * static_cast<std::uint64_t>(pass.k.count);
  op.vector.lane_ops += op.vector.macs;
  operand_tokens(index, t, pass, op);
  matrix_accesses(index, t, pass, op);
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

void MatrixNest::vector_operands(const NestIndex& index, const Tile& t, const Pass& pass,
                                 bool first, bool last, TileOp& op) const {
  std::uint32_t whole = 0;
  for (std::size_t i = 0; i < plan_.operands.size(); ++i) {
    const VectorOperand& operand = plan_.region->operands[i];
    const OperandPlace& place = plan_.operands[i];
    SramAccess access;
    if (operand.access == VectorOperand::Access::kWhole) {
      const StoredTensor& tensor = plan_.graph->tensors[operand.tensor.index];
      whole += !place.resident;
      // Of a table, one entry a channel of the block is read.
      const std::uint64_t bytes =
          static_cast<std::uint64_t>(pass.g.count) * pass.n.count * bytes_of(tensor.dtype);
      access = slot_access(place, 0, std::min(bytes, tensor.bytes()), tensor.bytes(), false);
    } else {
      access = block_access(place, operand.tensor, index, t, pass);
      if (!place.resident) {
        if (first) add_token(op.needs, plan_.operand_ready[i]);
        if (last) add_token(op.gives, plan_.operand_free[i]);
      }
    }
    access.role = Transfer::Role::kOperand;
    access.operand = static_cast<std::uint8_t>(i);
    op.accesses.push_back(access);
  }
  if (whole > 0 && first && output_ordinal(index) == 0) {
    op.needs.push_back({plan_.whole_ready, whole, Phase::kDone});
  }
}

bool MatrixNest::last_block(const NestIndex& index, const Tile& t) const {
  // In program order the last valid block: arrays are dealt in turn.
  for (int loop : {kG1, kM1, kN1}) {
    if (static_cast<std::int64_t>(index[static_cast<std::size_t>(loop)]) + 1 < count_of(loop, t))
      return false;
  }
  if (space_.arrays == 1) return true;
  const std::int64_t left = split_passes(t) % space_.arrays;
  return static_cast<std::int64_t>(index[kArray]) + 1 == (left == 0 ? space_.arrays : left);
}

bool MatrixNest::tile_is_last_below(int level, const NestIndex& index) const {
  for (int loop = level + 1; loop <= kLastTile; ++loop) {
    if (static_cast<std::int64_t>(index[static_cast<std::size_t>(loop)]) + 1 <
        count_[static_cast<std::size_t>(loop)]) {
      return false;
    }
  }
  return true;
}

}  // namespace takt
