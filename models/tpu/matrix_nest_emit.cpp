// SPDX-License-Identifier: Apache-2.0
// Which op an action is, and the array's: transfers are in matrix_nest_transfers.cpp, the vector
// unit's ops in matrix_nest_vector.cpp.
#include <algorithm>

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

void MatrixNest::share_tokens(bool takes, const std::vector<ChannelId>& needs,
                              const std::vector<ChannelId>& gives, TileOp& op) const {
  for (std::uint32_t a = 0; a < space_.arrays; ++a) {
    if (!array_used(a)) continue;
    if (takes) add_token(op.needs, needs[a]);
    add_token(op.gives, gives[a]);
  }
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
  return first_below(count_[kC1] > 1 ? kC1 : level, index);
}

void MatrixNest::operand_tokens(const NestIndex& index, const Tile& t, const Pass& pass,
                                TileOp& op) const {
  const bool stay = !space_.on_lanes && op.matrix.load_stationary && weights_stay(space_.dataflow);
  const Phase read = space_.on_lanes ? Phase::kDone : Phase::kIssued;
  if (!plan_.weight.resident) {
    if (first_below(weight_level_, index)) add_token(op.needs, plan_.weight_ready[pass.array]);
    if (last_below(slot_level(weight_level_), index, t, pass.array)) {
      add_token(op.gives, plan_.weight_free[pass.array], stay ? Phase::kStationaryLoaded : read);
    }
  }
  if (!plan_.input.resident) {
    if (first_below(input_level_, index)) add_token(op.needs, plan_.input_ready[pass.array]);
    if (last_below(slot_level(input_level_), index, t, pass.array)) {
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
  const bool first_k = sums_begin(index) && passes_begin(index);
  m.accumulate = !first_k;
  m.last_k = sums_end(index, kLastTile) && passes_end(index, t);
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

}  // namespace takt
