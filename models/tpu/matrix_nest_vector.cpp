// SPDX-License-Identifier: Apache-2.0
// The vector unit's ops of a matrix nest.
#include <algorithm>

#include "models/tpu/matrix_nest.h"
#include "models/tpu/nest_parts.h"

namespace takt {

bool MatrixNest::emit_vector(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  NestIndex at = index;
  at[kK1] = 0;
  const Pass pass = pass_at(at, t);
  if (!pass.valid) return false;
  if (!sums_end(index, kLastTile)) return space_.on_lanes && emit_part(index, t, pass, op);
  const bool passes_follow =
      space_.by_steps && static_cast<std::int64_t>(index[kW1]) + 1 < t.passes_k;
  if (!steps_end(index, t) || passes_follow) return false;
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
  begun[kC1] = begun[kW1] = 0;
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
  const bool begins = space_.on_lanes ? at_start(index) : first && output_ordinal(index) == 0;
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kVector)], begins, last && at_end(index),
              op);
  return true;
}

/// A part of the reduction: the sums stay in the lanes, and the next part's op goes on with them.
bool MatrixNest::emit_part(const NestIndex& index, const Tile& t, const Pass& pass,
                           TileOp& op) const {
  op.kind = TileOpKind::kVector;
  op.unit = plan_.vector;
  op.place = place_of(t, pass);
  product_on_lanes(index, t, pass, op);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kVector)], at_start(index), false, op);
  return true;
}

/// The sums are made by the op itself, one on a lane, a multiply-accumulate a cycle.
void MatrixNest::product_on_lanes(const NestIndex& index, const Tile& t, const Pass& pass,
                                  TileOp& op) const {
  op.place.k = pass.k;
  op.vector.macs =
      static_cast<std::uint64_t>(pass.g.count) * pass.m.count * pass.n.count * pass.k.count;
  op.vector.lane_ops += op.vector.macs;
  operand_tokens(index, t, pass, op);
  matrix_accesses(index, t, pass, op);
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

}  // namespace takt
