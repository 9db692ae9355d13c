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

/// Of a kernel that tiles cut, the part that k counts in.
void MatrixNest::place_kernel(const Tile& t, Place5& place) const {
  if (!space_.kernel_cut()) return;
  place.r = t.r;
  place.s = t.s;
}

Range MatrixNest::input_rows(const Tile& t) const { return space_.rows.part(t.r).needed(t.p); }
Range MatrixNest::input_cols(const Tile& t) const { return space_.cols.part(t.s).needed(t.q); }

bool MatrixNest::emit_whole(std::size_t which, TileOp& op) const {
  emit_whole_operand(plan_, which, op);
  add_token(op.gives, plan_.whole_ready);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadWhole)], which == first_whole(plan_),
              false, op);
  return true;
}

/// Weights as their network has them, rows (r, s, c) of a group's outputs.
Box MatrixNest::weight_rows(const Tile& t, const Pass& pass, std::int64_t slice,
                            std::uint64_t base) const {
  const MatrixWork& w = plan_.region->matrix;
  Range g = t.g, o = t.o, c = t.c;
  if (plan_.mapping.fetch == WeightFetch::kPass) {
    // Only where a kernel is one tap: k counts channels.
    g = {t.g.begin + pass.g.begin, pass.g.count};
    o = {t.o.begin + pass.n.begin, pass.n.count};
    c = {t.c.begin + pass.k.begin, pass.k.count};
  }
  const std::int64_t tap = w.c * w.o;
  return box_in(plan_.machine->dma.load_piece, base,
                slice + g.begin * w.r * w.s * tap + (t.r.begin * w.s + t.s.begin) * tap +
                    c.begin * w.o + o.begin,
                space_.element_bytes,
                {{g.count, w.r * w.s * tap},
                 {t.r.count, w.s * tap},
                 {t.s.count, tap},
                 {c.count, w.o},
                 {o.count, 1}});
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
    if (plan_.machine->mapper.weight_rows) return weight_rows(t, pass, slice, base);
    // Tile by tile: outputs, of these channels, of these the kernel's rows, then columns.
    const std::int64_t outputs = t.g.count * t.o.count;
    std::int64_t offset =
        slice + t.g.begin * w.o * whole_k + t.g.count * t.o.begin * whole_k +
        outputs * (t.c.begin * w.r * w.s + t.c.count * (t.r.begin * w.s + t.r.count * t.s.begin));
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
  const std::int64_t start = view.offset + t.c.begin * view.stride_c + t.o.begin * view.stride_o +
                             t.r.begin * view.stride_r + t.s.begin * view.stride_s;
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
  return box_in(plan_.machine->dma.load_piece, base, start + group_offset(view, t.g.begin), size,
                {{t.g.count, view.stride_g},
                 {t.r.count, view.stride_r},
                 {t.s.count, view.stride_s},
                 {t.c.count, view.stride_c},
                 {t.o.count, view.stride_o}});
}

bool MatrixNest::emit_weight(const NestIndex& index, TileOp& op) const {
  const Tile t = weight_tile_at(index);
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
  place_kernel(t, op.place);
  op.transfer.role = Transfer::Role::kWeight;
  op.transfer.tensor = view.tensor;
  op.transfer.space = (*plan_.tensors)[view.tensor.index].space();
  op.transfer.buffer = plan_.weight.buffer;
  op.transfer.remote = weight_box(t, pass);
  op.transfer.piece_bytes = static_cast<std::uint32_t>(plan_.machine->dma.load_piece.value());
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
  const std::uint32_t array = weights_by_array_ ? pass.array : 0;
  std::uint64_t ordinal =
      inside ? pass_ordinal(weight_level_, index, t, array) : tile_ordinal(weight_level_, index);
  if (!plan_.weight_ring_start.empty()) ordinal += plan_.weight_ring_start[array];
  const OperandPlace& place = plan_.weight;
  SramAccess access = slot_access(place, ordinal, bytes, bytes, true);
  access.address += array * place.slots * place.slot_bytes +
                    static_cast<std::uint64_t>(t.c_before) * o.count * space_.element_bytes;
  access.role = Transfer::Role::kWeight;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  if (weights_by_array_) {
    add_token(op.needs, plan_.weight_free[array]);
    add_token(op.gives, plan_.weight_ready[array]);
  } else {
    share_tokens(index[kC1] == 0 && index[kW1] == 0, plan_.weight_free, plan_.weight_ready, op);
  }
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadWeight)],
              at_start(index) && index[kArray] == 0, false, op);
  return true;
}

bool MatrixNest::emit_input(const NestIndex& index, TileOp& op) const {
  const Tile t = tile_at(index);
  const ActivationView& view = plan_.region->matrix.input;
  const Range h = input_rows(t), w = input_cols(t);
  op.kind = TileOpKind::kLoad;
  op.unit = plan_.dma_in;
  op.place.g = t.g;
  op.place.n = t.n;
  op.place.p = t.p;
  op.place.q = t.q;
  op.place.c = t.c;
  place_kernel(t, op.place);
  op.transfer.role = Transfer::Role::kInput;
  op.transfer.tensor = view.tensor;
  op.transfer.space = (*plan_.tensors)[view.tensor.index].space();
  op.transfer.buffer = plan_.input.buffer;
  const bool inside = plan_.region->matrix.input_groups_inside();
  const Steps groups{t.g.count, view.stride_g}, one{1, 0};
  op.transfer.piece_bytes = static_cast<std::uint32_t>(plan_.machine->dma.load_piece.value());
  op.transfer.remote =
      box_in(plan_.machine->dma.load_piece, (*plan_.tensors)[view.tensor.index].address(),
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
  SramAccess access =
      slot_access(plan_.input, tile_ordinal(input_level_, index), bytes, bytes, true);
  access.address +=
      static_cast<std::uint64_t>(t.c_before) * t.n.count * h.count * w.count * space_.element_bytes;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  share_tokens(index[kC1] == 0, plan_.input_free, plan_.input_ready, op);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadInput)], at_start(index), false, op);
  return true;
}

Box MatrixNest::box_in(Bytes piece, std::uint64_t base, std::int64_t offset, unsigned element_bytes,
                       std::initializer_list<Steps> dims) {
  return piece.value() > 0 ? make_box_of_rows(base, offset, element_bytes, dims)
                           : make_box(base, offset, element_bytes, dims);
}

Bytes MatrixNest::store_piece() const {
  const Dma& dma = plan_.machine->dma;
  return is_product(plan_.region->matrix) ? dma.product_store_piece : dma.store_piece;
}

Box MatrixNest::output_box(const ActivationView& view, const Tile& t, Bytes piece) const {
  const StoredTensor& tensor = plan_.graph->tensors[view.tensor.index];
  const bool inside = plan_.region->matrix.output_groups_inside(plan_.region->output);
  const Steps groups{t.g.count, view.stride_g}, one{1, 0};
  return box_in(piece, (*plan_.tensors)[view.tensor.index].address(),
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
  if (!sums_end(index, output_level_)) return false;  // other parts of the reduction come first
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
  op.transfer.remote = output_box(operand.view, t, plan_.machine->dma.load_piece);
  op.transfer.piece_bytes = static_cast<std::uint32_t>(plan_.machine->dma.load_piece.value());
  compress(plan_, op.transfer);
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
  SramAccess access = slot_access(plan_.operands[which], output_ordinal(index), bytes, bytes, true);
  access.role = Transfer::Role::kOperand;
  access.operand = op.transfer.operand;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  add_token(op.needs, plan_.operand_free[which]);
  add_token(op.gives, plan_.operand_ready[which]);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadOperand)],
              output_ordinal(index) == 0 && which == first_aligned(plan_), false, op);
  return true;
}

bool MatrixNest::emit_store(const NestIndex& index, TileOp& op) const {
  if (!sums_end(index, output_level_)) return false;
  const Tile t = tile_at(index);
  const ActivationView& view = plan_.region->output;
  op.kind = TileOpKind::kStore;
  op.unit = plan_.dma_out;
  place_output_tile(t, op);
  op.transfer.role = Transfer::Role::kOutput;
  op.transfer.tensor = view.tensor;
  op.transfer.space = (*plan_.tensors)[view.tensor.index].space();
  op.transfer.buffer = plan_.output.buffer;
  op.transfer.remote = output_box(view, t, store_piece());
  op.transfer.piece_bytes = static_cast<std::uint32_t>(store_piece().value());
  compress(plan_, op.transfer);
  const std::uint64_t bytes = op.transfer.remote.bytes().value();
  SramAccess access = slot_access(plan_.output, output_ordinal(index), bytes, bytes, false);
  access.role = Transfer::Role::kOutput;
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  add_token(op.needs, plan_.output_ready);
  add_token(op.gives, plan_.output_free);
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kStore)], output_ordinal(index) == 0,
              last_tile_up_to(output_level_, index), op);
  return true;
}

}  // namespace takt
