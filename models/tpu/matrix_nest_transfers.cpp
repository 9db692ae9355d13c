// SPDX-License-Identifier: Apache-2.0
// Loads and stores of a matrix nest.
#include <algorithm>

#include "models/tpu/boxes.h"
#include "models/tpu/host_moves.h"
#include "models/tpu/matrix_nest.h"
#include "models/tpu/nest_parts.h"

namespace takt {
template <class View>
std::int64_t MatrixNest::group_offset(const View& view, std::int64_t g) const {
  const MatrixWork& w = plan_.region->matrix;
  const std::int64_t inner = w.g / w.g_outer;
  return g / inner * view.stride_g_outer + g % inner * view.stride_g;
}

bool MatrixNest::emit_whole(std::size_t which, TileOp& op) const {
  emit_whole_operand(plan_, which, op);
  add_token(op.gives, plan_.whole_ready);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadWhole)], which == first_whole(plan_),
              false, op);
  return true;
}

Box MatrixNest::weight_box(const Tile& t, const Pass& pass) const {
  const MatrixWork& w = plan_.region->matrix;
  const WeightView& view = w.weight;
  const bool by_pass = plan_.mapping.fetch == WeightFetch::kPass;
  const std::uint64_t base = (*plan_.tensors)[view.tensor.index].address();
  const unsigned size = space_.element_bytes;
  if (view.packed) {
    // Laid out tile by tile by the compiler: everything before this tile, then before this pass.
    const std::int64_t whole_k = w.c * w.r * w.s;
    // A slice of a larger parameter (gates of one weight) starts where the slice does.
    const std::int64_t all = (*plan_.graph).tensors[view.tensor.index].elements;
    const std::int64_t slice = std::clamp<std::int64_t>(all - w.g * w.o * whole_k, 0, view.offset);
    std::int64_t offset = slice + t.g.begin * w.o * whole_k + t.g.count * t.o.begin * whole_k +
                          t.g.count * t.o.count * t.c.begin * w.r * w.s;
    std::int64_t elements = t.g.count * t.o.count * t.reduction;
    if (by_pass) {
      offset += pass.g.begin * t.o.count * t.reduction + pass.n.begin * t.reduction +
                pass.n.count * pass.k.begin;
      elements = pass.g.count * pass.n.count * pass.k.count;
    }
    Box box;
    box.address = base + static_cast<std::uint64_t>(offset) * size;
    box.row_bytes = static_cast<std::uint64_t>(elements) * size;
    return box;
  }
  const std::int64_t start = view.offset + t.c.begin * view.stride_c + t.o.begin * view.stride_o;
  if (by_pass) {
    // The mapper cuts stored operands into passes only where r = s = 1: k counts channels.
    return make_box(base,
                    start + group_offset(view, t.g.begin + pass.g.begin) +
                        pass.k.begin * view.stride_c + pass.n.begin * view.stride_o,
                    size,
                    {{pass.g.count, view.stride_g},
                     {pass.k.count, view.stride_c},
                     {pass.n.count, view.stride_o}});
  }
  return make_box(base, start + group_offset(view, t.g.begin), size,
                  {{t.g.count, view.stride_g},
                   {w.r, view.stride_r},
                   {w.s, view.stride_s},
                   {t.c.count, view.stride_c},
                   {t.o.count, view.stride_o}});
}

bool MatrixNest::emit_weight(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  const WeightView& view = plan_.region->matrix.weight;
  const bool by_pass = plan_.mapping.fetch == WeightFetch::kPass;
  const bool inside = weight_level_ >= kG1;
  const Pass pass = pass_at(index, t);
  if (inside && weights_by_array_ && !pass.valid) return false;
  op.kind = TileOpKind::kLoad;
  op.unit = plan_.weight_in;
  Range g = t.g, o = t.o, k{0, t.reduction};
  if (by_pass) {
    g = {t.g.begin + pass.g.begin, pass.g.count};
    o = {t.o.begin + pass.n.begin, pass.n.count};
    k = pass.k;
  }
  op.place.g = g;
  op.place.o = o;
  op.place.k = k;
  op.place.c = t.c;
  op.transfer.role = Transfer::Role::kWeight;
  op.transfer.tensor = view.tensor;
  op.transfer.space = (*plan_.tensors)[view.tensor.index].space();
  op.transfer.buffer = plan_.weight.buffer;
  op.transfer.remote = weight_box(t, pass);
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
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
    add_token(op.needs, plan_.weight_free[array]);
    add_token(op.gives, plan_.weight_ready[array]);
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
  op.transfer.space = (*plan_.tensors)[view.tensor.index].space();
  op.transfer.buffer = plan_.input.buffer;
  const bool inside = plan_.region->matrix.input_groups_inside();
  const Steps groups{t.g.count, view.stride_g}, one{1, 0};
  op.transfer.remote =
      make_box((*plan_.tensors)[view.tensor.index].address(),
               view.offset + group_offset(view, t.g.begin) + t.n.begin * view.stride_n +
                   h.begin * view.stride_h + w.begin * view.stride_w + t.c.begin * view.stride_c,
               space_.element_bytes,
               {inside ? one : groups,
                {t.n.count, view.stride_n},
                {h.count, view.stride_h},
                {w.count, view.stride_w},
                inside ? groups : one,
                {t.c.count, view.stride_c}});
  compress(plan_, op.transfer);
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
  const bool inside = plan_.region->matrix.output_groups_inside(plan_.region->output);
  const Steps groups{t.g.count, view.stride_g}, one{1, 0};
  return make_box((*plan_.tensors)[view.tensor.index].address(),
                  view.offset + group_offset(view, t.g.begin) + t.n.begin * view.stride_n +
                      t.p.begin * view.stride_h + t.q.begin * view.stride_w +
                      t.o.begin * view.stride_c,
                  bytes_of(tensor.dtype),
                  {inside ? one : groups,
                   {t.n.count, view.stride_n},
                   {t.p.count, view.stride_h},
                   {t.q.count, view.stride_w},
                   inside ? groups : one,
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
  op.transfer.space = (*plan_.tensors)[operand.tensor.index].space();
  op.transfer.buffer = plan_.operands[which].buffer;
  op.transfer.remote = output_box(operand.view, t);
  compress(plan_, op.transfer);
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
  SramAccess access =
      slot_access(plan_.operands[which], tile_ordinal(output_level_, index), bytes, bytes, true);
  access.role = Transfer::Role::kOperand;
  access.operand = op.transfer.operand;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  add_token(op.needs, plan_.operand_free[which]);
  add_token(op.gives, plan_.operand_ready[which]);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadOperand)],
              at_start(index) && which == first_aligned(plan_), false, op);
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
  op.transfer.space = (*plan_.tensors)[view.tensor.index].space();
  op.transfer.buffer = plan_.output.buffer;
  op.transfer.remote = output_box(view, t);
  compress(plan_, op.transfer);
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
  SramAccess access =
      slot_access(plan_.output, tile_ordinal(output_level_, index), bytes, bytes, false);
  access.role = Transfer::Role::kOutput;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  add_token(op.needs, plan_.output_ready);
  add_token(op.gives, plan_.output_free);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kStore)],
              tile_ordinal(kOInner, index) == 0, last_tile_up_to(output_level_, index), op);
  return true;
}

}  // namespace takt
