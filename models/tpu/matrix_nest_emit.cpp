// SPDX-License-Identifier: Apache-2.0
// The ops of a matrix nest: what each action is at an index.
#include <algorithm>

#include "models/tpu/boxes.h"
#include "models/tpu/host_moves.h"
#include "models/tpu/matrix_nest.h"
#include "models/tpu/nest_parts.h"

namespace takt {
namespace {

void add(TokenList& tokens, ChannelId channel, Phase phase = Phase::kDone) {
  tokens.push_back({channel, 1, phase});
}

}  // namespace

bool MatrixNest::emit(int action, const NestIndex& index, TileOp& op) const {
  const std::size_t which = static_cast<std::size_t>(action % 1000);
  switch (action / 1000) {
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
    default: CHECK(false) << "action " << action;
  }
  return false;
}

template <class View>
std::int64_t MatrixNest::group_offset(const View& view, std::int64_t g) const {
  const MatrixWork& w = plan_.region->matrix;
  const std::int64_t inner = w.g / w.g_outer;
  return g / inner * view.stride_g_outer + g % inner * view.stride_g;
}

bool MatrixNest::array_used(std::uint32_t array) const {
  return split_passes(tile_at(NestIndex(kLoops, 0))) > array;
}

void MatrixNest::share_tokens(const std::vector<ChannelId>& needs,
                              const std::vector<ChannelId>& gives, TileOp& op) const {
  for (std::uint32_t a = 0; a < space_.arrays; ++a) {
    if (!array_used(a)) continue;
    add(op.needs, needs[a]);
    add(op.gives, gives[a]);
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

bool MatrixNest::emit_whole(std::size_t which, TileOp& op) const {
  emit_whole_operand(plan_, which, op);
  add(op.gives, plan_.whole_ready);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadWhole)], which == first_whole(plan_),
              false, op);
  return true;
}

bool MatrixNest::emit_weight(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  const WeightView& view = plan_.region->matrix.weight;
  const bool by_pass = plan_.mapping.fetch == WeightFetch::kPass;
  const bool inside = weight_level_ >= kG1;
  const Pass pass = pass_at(index, t);
  if (inside && weights_by_array_ && !pass.valid) return false;
  op.kind = TileOpKind::kLoad;
  op.unit = plan_.dma_in;
  Range g = t.g, o = t.o, k{0, t.reduction};
  if (by_pass) {
    g = {t.g.begin + pass.g, 1};
    o = {t.o.begin + pass.n.begin, pass.n.count};
    k = pass.k;
  }
  op.place.g = g;
  op.place.o = o;
  op.place.k = k;
  op.place.c = t.c;
  op.transfer.role = Transfer::Role::kWeight;
  op.transfer.tensor = view.tensor;
  op.transfer.buffer = plan_.weight.buffer;
  const std::uint64_t base = (*plan_.tensors)[view.tensor.index].dram_address;
  const std::uint64_t bytes =
      static_cast<std::uint64_t>(g.count) * o.count * k.count * space_.element_bytes;
  const std::int64_t rs = space_.r * space_.s;
  if (view.packed) {
    // Laid out tile by tile by the compiler: everything before this tile, then before this pass.
    const MatrixWork& w = plan_.region->matrix;
    const std::int64_t whole_k = w.c * rs;
    std::int64_t offset = t.g.begin * w.o * whole_k + t.g.count * t.o.begin * whole_k +
                          t.g.count * t.o.count * t.c.begin * rs;
    if (by_pass) {
      offset += pass.g * t.o.count * t.reduction + pass.n.begin * t.reduction +
                pass.n.count * pass.k.begin;
    }
    op.transfer.remote.address = base + static_cast<std::uint64_t>(offset) * space_.element_bytes;
    op.transfer.remote.row_bytes = bytes;
  } else if (by_pass) {
    // Only whole taps are cut into passes here: compile keeps to r = s = 1 for stored operands.
    op.transfer.remote =
        make_box(base,
                 view.offset + group_offset(view, g.begin) + (t.c.begin + k.begin) * view.stride_c +
                     o.begin * view.stride_o,
                 space_.element_bytes, {{k.count, view.stride_c}, {o.count, view.stride_o}});
  } else {
    op.transfer.remote =
        make_box(base,
                 view.offset + group_offset(view, g.begin) + t.c.begin * view.stride_c +
                     o.begin * view.stride_o,
                 space_.element_bytes,
                 {{g.count, view.stride_g}, {t.c.count, view.stride_c}, {o.count, view.stride_o}});
  }
  const std::uint32_t array = weights_by_array_ ? pass.array : 0;
  std::uint64_t ordinal =
      inside ? pass_ordinal(weight_level_, index, t, array) : tile_ordinal(weight_level_, index);
  if (!plan_.weight_ring_start.empty()) ordinal += plan_.weight_ring_start[array];
  const OperandPlace& place = plan_.weight;
  SramAccess access = slot_access(place, ordinal, bytes, bytes, true);
  access.address += array * place.slots * place.slot_bytes;
  access.role = Transfer::Role::kWeight;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  if (weights_by_array_) {
    add(op.needs, plan_.weight_free[array]);
    add(op.gives, plan_.weight_ready[array]);
  } else {
    share_tokens(plan_.weight_free, plan_.weight_ready, op);
  }
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadWeight)],
              at_start(index) && index[kArray] == 0, false, op);
  return true;
}

bool MatrixNest::emit_input(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  const ActivationView& view = plan_.region->matrix.input;
  const Range h = space_.rows.needed(t.p), w = space_.cols.needed(t.q);
  op.kind = TileOpKind::kLoad;
  op.unit = plan_.dma_in;
  op.place.g = t.g;
  op.place.n = t.n;
  op.place.p = t.p;
  op.place.q = t.q;
  op.place.c = t.c;
  op.transfer.role = Transfer::Role::kInput;
  op.transfer.tensor = view.tensor;
  op.transfer.buffer = plan_.input.buffer;
  op.transfer.remote =
      make_box((*plan_.tensors)[view.tensor.index].dram_address,
               view.offset + group_offset(view, t.g.begin) + t.n.begin * view.stride_n +
                   h.begin * view.stride_h + w.begin * view.stride_w + t.c.begin * view.stride_c,
               space_.element_bytes,
               {{t.g.count, view.stride_g},
                {t.n.count, view.stride_n},
                {h.count, view.stride_h},
                {w.count, view.stride_w},
                {t.c.count, view.stride_c}});
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
  const SramAccess access =
      slot_access(plan_.input, tile_ordinal(input_level_, index), bytes, bytes, true);
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  share_tokens(plan_.input_free, plan_.input_ready, op);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadInput)], at_start(index), false, op);
  return true;
}

Box MatrixNest::output_box(const ActivationView& view, const Tile& t) const {
  const StoredTensor& tensor = plan_.graph->tensors[view.tensor.index];
  return make_box((*plan_.tensors)[view.tensor.index].dram_address,
                  view.offset + group_offset(view, t.g.begin) + t.n.begin * view.stride_n +
                      t.p.begin * view.stride_h + t.q.begin * view.stride_w +
                      t.o.begin * view.stride_c,
                  bytes_of(tensor.dtype),
                  {{t.g.count, view.stride_g},
                   {t.n.count, view.stride_n},
                   {t.p.count, view.stride_h},
                   {t.q.count, view.stride_w},
                   {t.o.count, view.stride_c}});
}

void MatrixNest::place_output_tile(const Tile& t, TileOp& op) const {
  op.place.g = t.g;
  op.place.n = t.n;
  op.place.p = t.p;
  op.place.q = t.q;
  op.place.o = t.o;
}

bool MatrixNest::emit_operand(std::size_t which, const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  const VectorOperand& operand = plan_.region->operands[which];
  op.kind = TileOpKind::kLoad;
  op.unit = plan_.dma_in;
  place_output_tile(t, op);
  op.transfer.role = Transfer::Role::kOperand;
  op.transfer.operand = static_cast<std::uint8_t>(which);
  op.transfer.tensor = operand.tensor;
  op.transfer.buffer = plan_.operands[which].buffer;
  op.transfer.remote = output_box(operand.view, t);
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
  SramAccess access =
      slot_access(plan_.operands[which], tile_ordinal(output_level_, index), bytes, bytes, true);
  access.role = Transfer::Role::kOperand;
  access.operand = op.transfer.operand;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  add(op.needs, plan_.operand_free[which]);
  add(op.gives, plan_.operand_ready[which]);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadOperand)],
              at_start(index) && which == first_aligned(plan_), false, op);
  return true;
}

bool MatrixNest::loads_stationary(const NestIndex& index, const Tile& t) const {
  if (space_.dataflow == Dataflow::kOutputStationary) return false;
  const bool weights = space_.dataflow == Dataflow::kWeightStationary;
  // Several operands follow each other within a tile, or one stays for all that use its tile.
  const std::uint32_t array = static_cast<std::uint32_t>(index[kArray]);
  const std::int64_t distinct =
      passes_of_array(kG1, t, array) * t.passes_k * passes_of_array(weights ? kN1 : kM1, t, array);
  if (distinct > 1) return true;
  const int level = std::min<int>(weights ? weight_tile_level() : input_level_, kC);
  return first_below(level, index);
}

void MatrixNest::operand_tokens(const NestIndex& index, const Tile& t, const Pass& pass,
                                TileOp& op) const {
  const bool weights_stay =
      space_.dataflow == Dataflow::kWeightStationary && op.matrix.load_stationary;
  if (!plan_.weight.resident) {
    if (first_below(weight_level_, index)) add(op.needs, plan_.weight_ready[pass.array]);
    if (last_below(weight_level_, index, t, pass.array)) {
      add(op.gives, plan_.weight_free[pass.array],
          weights_stay ? Phase::kStationaryLoaded : Phase::kIssued);
    }
  }
  if (!plan_.input.resident) {
    if (first_below(input_level_, index)) add(op.needs, plan_.input_ready[pass.array]);
    if (last_below(input_level_, index, t, pass.array)) {
      add(op.gives, plan_.input_free[pass.array], Phase::kIssued);
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
  const bool once_a_tile = split_passes(t) <= array && first_below(kC, index);
  const auto pass_on = [&](const OperandPlace& place, int level, ChannelId ready, ChannelId free) {
    if (place.resident || !once_a_tile || level >= kG1) return;
    if (first_below(level, index)) add(op.needs, ready);
    if (tile_is_last_below(level, index)) add(op.gives, free);
  };
  pass_on(plan_.weight, weight_level_, plan_.weight_ready[array], plan_.weight_free[array]);
  pass_on(plan_.input, input_level_, plan_.input_ready[array], plan_.input_free[array]);
  const bool shared_pass = weight_level_ >= kG1 && !weights_by_array_ && !plan_.weight.resident;
  if (shared_pass && first_below(weight_level_, index)) {
    add(op.needs, plan_.weight_ready[array]);
    add(op.gives, plan_.weight_free[array]);
  }
  if (once_a_tile) edge_tokens(plan_.array_tokens[array], at_start(index), at_end(index), op);
  return op.needs.size() + op.gives.size() > 0;
}

bool MatrixNest::emit_matrix(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  const Pass pass = pass_at(index, t);
  if (!pass.valid) return emit_idle_array(index, t, pass.array, op);
  op.kind = TileOpKind::kMatrix;
  op.unit = plan_.arrays[pass.array];
  MatrixTile& m = op.matrix;
  m.m = static_cast<std::uint32_t>(pass.m.count);
  m.n = static_cast<std::uint32_t>(pass.n.count);
  m.k = static_cast<std::uint32_t>(pass.k.count);
  m.dtype = plan_.region->dtype;
  m.load_stationary = loads_stationary(index, t);
  const bool first_k = index[kC] == 0 && index[kK1] == 0;
  m.accumulate = !first_k;
  m.last_k = static_cast<std::int64_t>(index[kC]) + 1 == count_[kC] &&
             static_cast<std::int64_t>(index[kK1]) + 1 == t.passes_k;
  op.place = {{t.g.begin + pass.g, 1},
              t.n,
              t.p,
              t.q,
              {t.o.begin + pass.n.begin, pass.n.count},
              pass.k,
              t.c,
              pass.m};
  accumulator_of(index, t, pass, op);
  operand_tokens(index, t, pass, op);
  if (first_k) add(op.needs, plan_.accumulator_free[pass.array]);
  if (m.last_k) add(op.gives, plan_.accumulator_ready[pass.array]);
  matrix_accesses(index, t, pass, op);
  if (!plan_.array_tokens.empty()) {
    edge_tokens(plan_.array_tokens[pass.array], at_start(index),
                last_below(-1, index, t, pass.array), op);
  }
  return true;
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
  const std::uint64_t slot =
      (block_prefix_[pass.array][tile_ordinal(kOInner, index)] + block) % blocks;
  op.accumulator = static_cast<std::uint64_t>(pass.array) * plan_.machine->matrix.accumulator_rows +
                   slot * static_cast<std::uint64_t>(space_.block_rows());
  op.accumulator_rows = static_cast<std::uint64_t>(
      space_.dataflow == Dataflow::kInputStationary ? pass.n.count : pass.m.count);
}

void MatrixNest::matrix_accesses(const NestIndex& index, const Tile& t, const Pass& pass,
                                 TileOp& op) const {
  const std::uint64_t size = space_.element_bytes;
  const std::uint64_t in = static_cast<std::uint64_t>(pass.m.count) * pass.k.count * size;
  const std::uint64_t weights = static_cast<std::uint64_t>(pass.n.count) * pass.k.count * size;
  const bool weights_move =
      space_.dataflow != Dataflow::kWeightStationary || op.matrix.load_stationary;
  const bool inputs_move =
      space_.dataflow != Dataflow::kInputStationary || op.matrix.load_stationary;
  if (inputs_move) {
    const StoredTensor& tensor = plan_.graph->tensors[plan_.region->matrix.input.tensor.index];
    const Range h = space_.rows.needed(t.p), w = space_.cols.needed(t.q);
    const std::uint64_t group =
        static_cast<std::uint64_t>(t.n.count) * h.count * w.count * t.c.count * size;
    SramAccess access =
        slot_access(plan_.input, tile_ordinal(input_level_, index), in, group, false);
    if (plan_.input.resident) {
      access.span = tensor.bytes();
    } else {
      access.address += static_cast<std::uint64_t>(pass.g) * group;
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
    SramAccess access = slot_access(plan_.weight, ordinal, weights, weights, false);
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
      access.address += (static_cast<std::uint64_t>(pass.g) * t.reduction + pass.k.begin) * row +
                        static_cast<std::uint64_t>(pass.n.begin) * size;
      access.span = (static_cast<std::uint64_t>(pass.k.count) - 1) * row +
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
  if (!pass.valid || static_cast<std::int64_t>(index[kC]) + 1 != count_[kC]) return false;
  op.kind = TileOpKind::kVector;
  op.unit = plan_.vector;
  const std::uint64_t elements = static_cast<std::uint64_t>(pass.m.count) * pass.n.count;
  op.vector.elements = elements;
  std::uint64_t lane_ops = 0;
  for (const VectorStep& step : plan_.region->epilogue) lane_ops += step.lane_ops;
  // Without any step the results still pass through the lanes on their way to the buffer.
  op.vector.lane_ops = elements * std::max<std::uint64_t>(1, lane_ops);
  op.place = {{t.g.begin + pass.g, 1},
              t.n,
              t.p,
              t.q,
              {t.o.begin + pass.n.begin, pass.n.count},
              {},
              t.c,
              pass.m};
  accumulator_of(index, t, pass, op);
  add(op.needs, plan_.accumulator_ready[pass.array]);
  add(op.gives, plan_.accumulator_free[pass.array]);

  // First and last block of the output tile, over all arrays.
  NestIndex zero_c = at;
  zero_c[kC] = 0;
  const bool first = first_below(output_level_, zero_c) && pass.array == 0;
  const bool last = last_block(at, t) && tile_is_last_below(output_level_, index);
  vector_operands(index, t, pass, first, last, op);
  SramAccess out = block_access(plan_.output, plan_.region->output.tensor, index, t, pass);
  out.write = true;
  out.role = Transfer::Role::kOutput;
  op.accesses.push_back(out);
  if (!plan_.output.resident) {
    if (first) add(op.needs, plan_.output_free);
    if (last) add(op.gives, plan_.output_ready);
  }
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kVector)],
              first && tile_ordinal(kOInner, index) == 0, last && at_end(index), op);
  return true;
}

SramAccess MatrixNest::block_access(const OperandPlace& place, TensorId id, const NestIndex& index,
                                    const Tile& t, const Pass& pass) const {
  // Tile [g][n][p][q][o]: this block's first pixel and output.
  const StoredTensor& tensor = plan_.graph->tensors[id.index];
  const std::uint64_t size = bytes_of(tensor.dtype);
  const std::uint64_t row = static_cast<std::uint64_t>(t.o.count) * size;
  const std::uint64_t width = static_cast<std::uint64_t>(pass.n.count) * size;
  const std::uint64_t pixels = static_cast<std::uint64_t>(pass.m.count);
  SramAccess access = slot_access(place, tile_ordinal(output_level_, index), pixels * width,
                                  (pixels - 1) * row + width, false);
  if (place.resident) {
    access.span = tensor.bytes();
    return access;
  }
  access.pitch = static_cast<std::uint32_t>(row);
  access.address += (static_cast<std::uint64_t>(pass.g) * t.pixels + pass.m.begin) * row +
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
      const std::uint64_t bytes = static_cast<std::uint64_t>(pass.n.count) * bytes_of(tensor.dtype);
      access = slot_access(place, 0, std::min(bytes, tensor.bytes()), tensor.bytes(), false);
    } else {
      access = block_access(place, operand.tensor, index, t, pass);
      if (!place.resident) {
        if (first) add(op.needs, plan_.operand_ready[i]);
        if (last) add(op.gives, plan_.operand_free[i]);
      }
    }
    access.role = Transfer::Role::kOperand;
    access.operand = static_cast<std::uint8_t>(i);
    op.accesses.push_back(access);
  }
  if (whole > 0 && first && tile_ordinal(kOInner, index) == 0) {
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
  for (int loop = level + 1; loop <= kC; ++loop) {
    if (static_cast<std::int64_t>(index[static_cast<std::size_t>(loop)]) + 1 <
        count_[static_cast<std::size_t>(loop)]) {
      return false;
    }
  }
  return true;
}

bool MatrixNest::emit_store(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  const ActivationView& view = plan_.region->output;
  op.kind = TileOpKind::kStore;
  op.unit = plan_.dma_out;
  place_output_tile(t, op);
  op.transfer.role = Transfer::Role::kOutput;
  op.transfer.tensor = view.tensor;
  op.transfer.buffer = plan_.output.buffer;
  op.transfer.remote = output_box(view, t);
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
  SramAccess access =
      slot_access(plan_.output, tile_ordinal(output_level_, index), bytes, bytes, false);
  access.role = Transfer::Role::kOutput;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  add(op.needs, plan_.output_ready);
  add(op.gives, plan_.output_free);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kStore)],
              tile_ordinal(kOInner, index) == 0, last_tile_up_to(output_level_, index), op);
  return true;
}

}  // namespace takt
