// SPDX-License-Identifier: Apache-2.0
#include "models/tpu/vector_nest.h"

#include <algorithm>

#include "models/tpu/boxes.h"
#include "models/tpu/host_moves.h"
#include "sim/base/math.h"

namespace takt {

VectorNest::VectorNest(RegionPlan plan)
    : plan_(std::move(plan)), space_(*plan_.region, plan_.mapping, plan_.part) {
  loops_ = {{"images", static_cast<std::uint64_t>(space_.images.count())},
            {"rows", static_cast<std::uint64_t>(space_.rows.count())}};
  runs_[kImages] = three_runs(space_.images.count());
  runs_[kRows] = three_runs(space_.rows.count());
  if (space_.cuts_rows()) {
    loops_.push_back({"channels", static_cast<std::uint64_t>(space_.channels.count())});
    runs_[kChannels] = three_runs(space_.channels.count());
  }
  for (const VectorOperand& operand : plan_.region->operands) {
    if (operand.access != VectorOperand::Access::kWindow) continue;
    // Halos clamp at the image's edges: tiles there are runs of their own.
    runs_[kRows] =
        window_runs(space_.rows, {operand.window, operand.stride, 1, operand.pad, operand.rows},
                    Tiles{operand.window, operand.window, 0});
  }
  syncs_ = spill_needs(plan_);

  const auto node = [](Action what, std::size_t which) {
    return NestNode{-1, action_of(what, which), {}};
  };
  const auto late = [&](std::initializer_list<Role> roles) {
    for (NestNode& sync : late_syncs(plan_, roles, kLate)) body_.push_back(std::move(sync));
  };
  add_syncs(kSync, 0, syncs_.moves_in, body_);
  for (std::size_t i = 0; i < plan_.host_in_moves.size(); ++i) body_.push_back(node(kHostIn, i));
  late({Role::kHostIn});
  add_syncs(kSync, syncs_.moves_in, syncs_.own, body_);
  std::vector<NestNode> tile;
  for (std::size_t i = 0; i < plan_.operands.size(); ++i) {
    if (plan_.operands[i].resident) continue;
    const bool whole = plan_.region->operands[i].access == VectorOperand::Access::kWhole;
    (whole ? body_ : tile).push_back(node(whole ? kLoadWhole : kLoad, i));
  }
  if (!plan_.copies_by_dma()) tile.push_back(node(kVector, 0));
  if (!plan_.output.resident) tile.push_back(node(kStore, 0));
  if (space_.cuts_rows()) tile = {NestNode{kChannels, -1, tile}};
  body_.push_back(NestNode{kImages, -1, {NestNode{kRows, -1, tile}}});
  late({Role::kVector, Role::kStore});
  add_syncs(kSync, syncs_.own, syncs_.all.size(), body_);
  for (std::size_t i = 0; i < plan_.host_out_moves.size(); ++i) body_.push_back(node(kHostOut, i));
  late({Role::kHostOut});
}

NestRuns VectorNest::runs(int loop, const NestIndex&) const {
  return runs_[static_cast<std::size_t>(loop)];
}

std::uint64_t VectorNest::ordinal(const NestIndex& index) const {
  const std::uint64_t row = index[kImages] * loops_[kRows].count_max + index[kRows];
  return space_.cuts_rows() ? row * loops_[kChannels].count_max + index[kChannels] : row;
}

Range VectorNest::channels(const NestIndex& index) const {
  return space_.channels.at(space_.cuts_rows() ? index[kChannels] : 0);
}

Place5 VectorNest::place_of(const NestIndex& index) const {
  Place5 place;
  place.n = space_.images.at(index[kImages]);
  place.p = space_.rows.at(index[kRows]);
  if (space_.cuts_rows()) place.o = channels(index);
  return place;
}

/// A tile of a tensor: rows of `row_elements` in runs of `row_run`, or the parts of them that its
/// channels are.
Box VectorNest::rows_box(const ActivationView& view, Range images, Range rows,
                         std::int64_t row_elements, std::int64_t row_run,
                         const NestIndex& index) const {
  const unsigned size = bytes_of(plan_.graph->tensors[view.tensor.index].dtype);
  const std::uint64_t base = (*plan_.tensors)[view.tensor.index].address();
  const std::int64_t offset =
      view.offset + images.begin * view.stride_n + rows.begin * view.stride_h;
  const Steps image{images.count, view.stride_n}, row{rows.count, view.stride_h};
  const Steps run{row_elements / std::max<std::int64_t>(1, row_run), view.stride_w};
  if (!space_.cuts_rows() || !space_.changes(row_run)) {
    return make_box(base, offset, size, {image, row, run, {row_run, view.stride_c}});
  }
  const std::int64_t all = space_.channels.total;
  const Range part = channels(index);
  return make_box(
      base, offset + part.begin * view.stride_c, size,
      {image, row, run, {row_run / all, all * view.stride_c}, {part.count, view.stride_c}});
}

bool VectorNest::last(const NestIndex& index) const {
  std::uint64_t tiles = 1;
  for (const NestLoop& loop : loops_) tiles *= loop.count_max;
  return ordinal(index) + 1 == tiles;
}

bool VectorNest::emit(int action, const NestIndex& index, TileOp& op) const {
  const std::size_t which = which_of(action);
  switch (kind_of(action)) {
    case kHostIn: return emit_host_move(plan_, true, which, op);
    case kSync: return emit_sync(syncs_, which, op);
    case kLoadWhole:
      emit_whole_operand(plan_, which, op);
      op.gives.push_back({plan_.whole_ready, 1, Phase::kDone});
      edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadWhole)],
                  which == first_whole(plan_), false, op);
      return true;
    case kLoad: return emit_load(which, index, op);
    case kVector: return emit_vector(index, op);
    case kStore: return emit_store(index, op);
    case kHostOut: return emit_host_move(plan_, false, which, op);
    case kLate: return emit_late(plan_, which, op);
    default: CHECK(false) << "action " << action;
  }
  return false;
}

SramAccess VectorNest::operand_access(std::size_t which, const NestIndex& index, bool write) const {
  const VectorOperand& operand = plan_.region->operands[which];
  const StoredTensor& tensor = plan_.graph->tensors[operand.tensor.index];
  const OperandPlace& place = plan_.operands[which];
  const bool whole = operand.access == VectorOperand::Access::kWhole;
  const Range images = space_.images.at(index[kImages]);
  const Range rows = VectorSpace::operand_rows(operand, space_.rows.at(index[kRows]));
  SramAccess access;
  access.buffer = place.buffer;
  access.address = place.address;
  access.bytes = static_cast<std::uint64_t>(images.count) * rows.count *
                 space_.elements(operand.row_elements, operand.row_run, channels(index)) *
                 bytes_of(tensor.dtype);
  access.span = access.bytes;
  if (whole) {
    access.bytes = access.span = tensor.bytes();
  } else if (place.resident) {
    access.span = tensor.bytes();
  } else {
    access.address += (ordinal(index) % place.slots) * place.slot_bytes;
  }
  access.write = write;
  access.role = Transfer::Role::kOperand;
  access.operand = static_cast<std::uint8_t>(which);
  return access;
}

SramAccess VectorNest::output_access(const NestIndex& index, bool write) const {
  const StoredTensor& tensor = plan_.graph->tensors[plan_.region->output.tensor.index];
  const OperandPlace& place = plan_.output;
  SramAccess access;
  access.buffer = place.buffer;
  access.address = place.address;
  const VectorWork& work = plan_.region->vector;
  access.bytes = static_cast<std::uint64_t>(space_.images.at(index[kImages]).count) *
                 space_.rows.at(index[kRows]).count *
                 space_.elements(work.row_elements, work.row_run, channels(index)) *
                 bytes_of(tensor.dtype);
  access.span = place.resident ? tensor.bytes() : access.bytes;
  if (!place.resident) access.address += (ordinal(index) % place.slots) * place.slot_bytes;
  access.write = write;
  access.role = Transfer::Role::kOutput;
  return access;
}

std::uint32_t VectorNest::whole_operands() const {
  std::uint32_t whole = 0;
  for (std::size_t i = 0; i < plan_.operands.size(); ++i) {
    whole += plan_.region->operands[i].access == VectorOperand::Access::kWhole &&
             !plan_.operands[i].resident;
  }
  return whole;
}

bool VectorNest::emit_load(std::size_t which, const NestIndex& index, TileOp& op) const {
  const VectorOperand& operand = plan_.region->operands[which];
  const Range images = space_.images.at(index[kImages]);
  const Range rows = VectorSpace::operand_rows(operand, space_.rows.at(index[kRows]));
  op.kind = TileOpKind::kLoad;
  op.unit = plan_.dma_in;
  op.place = place_of(index);
  op.transfer.role = Transfer::Role::kOperand;
  op.transfer.operand = static_cast<std::uint8_t>(which);
  op.transfer.tensor = operand.tensor;
  op.transfer.space = (*plan_.tensors)[operand.tensor.index].space();
  op.transfer.buffer = plan_.operands[which].buffer;
  ActivationView view = operand.view;
  view.tensor = operand.tensor;
  op.transfer.remote = rows_box(view, images, rows, operand.row_elements, operand.row_run, index);
  compress(plan_, op.transfer);
  const SramAccess access = operand_access(which, index, true);
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  op.needs.push_back({plan_.operand_free[which], 1, Phase::kDone});
  op.gives.push_back({plan_.operand_ready[which], 1, Phase::kDone});
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kLoadOperand)],
              first(index) && which == first_aligned(plan_), false, op);
  return true;
}

bool VectorNest::emit_vector(const NestIndex& index, TileOp& op) const {
  const VectorWork& work = plan_.region->vector;
  const Range images = space_.images.at(index[kImages]);
  const Range rows = space_.rows.at(index[kRows]);
  op.kind = TileOpKind::kVector;
  op.unit = plan_.vector;
  op.place = place_of(index);
  const std::uint64_t tile_rows = static_cast<std::uint64_t>(images.count) * rows.count;
  const Range part = channels(index);
  op.vector.elements = tile_rows * space_.elements(work.row_elements, work.row_run, part);
  const VectorUnit& unit = plan_.machine->vector;
  const auto share = [&](std::uint64_t a_row) {
    const auto all = static_cast<std::uint64_t>(space_.channels.total);
    return ceil_div(tile_rows * a_row * static_cast<std::uint64_t>(part.count), all);
  };
  // What has no arithmetic still passes through the lanes once.
  op.vector.lane_ops = std::max<std::uint64_t>(op.vector.elements, share(work.lane_ops_per_row));
  op.vector.lane_ops += share(work.reductions_per_row) * unit.row_reduction.value() * unit.lanes;
  const std::uint32_t whole = whole_operands();
  for (std::size_t i = 0; i < plan_.operands.size(); ++i) {
    const bool tiled = plan_.region->operands[i].access != VectorOperand::Access::kWhole;
    if (!plan_.operands[i].resident && tiled) {
      op.needs.push_back({plan_.operand_ready[i], 1, Phase::kDone});
      op.gives.push_back({plan_.operand_free[i], 1, Phase::kDone});
    }
    op.accesses.push_back(operand_access(i, index, false));
  }
  if (whole > 0 && first(index)) op.needs.push_back({plan_.whole_ready, whole, Phase::kDone});
  op.accesses.push_back(output_access(index, true));
  if (!plan_.output.resident) {
    op.needs.push_back({plan_.output_free, 1, Phase::kDone});
    op.gives.push_back({plan_.output_ready, 1, Phase::kDone});
  }
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kVector)], first(index), last(index), op);
  return true;
}

bool VectorNest::emit_store(const NestIndex& index, TileOp& op) const {
  const Region& region = *plan_.region;
  const Range images = space_.images.at(index[kImages]);
  const Range rows = space_.rows.at(index[kRows]);
  const ActivationView& view = region.output;
  op.kind = TileOpKind::kStore;
  op.unit = plan_.dma_out;
  op.place = place_of(index);
  op.transfer.role = Transfer::Role::kOutput;
  op.transfer.tensor = view.tensor;
  op.transfer.space = (*plan_.tensors)[view.tensor.index].space();
  op.transfer.buffer = plan_.output.buffer;
  op.transfer.remote =
      rows_box(view, images, rows, region.vector.row_elements, region.vector.row_run, index);
  compress(plan_, op.transfer);
  // A region that only moves data stores from where it loaded to.
  const SramAccess access = output_access(index, false);
  op.transfer.address = access.address;
  op.accesses.push_back(access);
  op.needs.push_back({plan_.output_ready, 1, Phase::kDone});
  op.gives.push_back({plan_.output_free, 1, Phase::kDone});
  const std::uint32_t whole = whole_operands();
  if (plan_.copies_by_dma() && whole > 0 && first(index)) {
    op.needs.push_back({plan_.whole_ready, whole, Phase::kDone});
  }
  edge_tokens(plan_.tokens[static_cast<std::size_t>(Role::kStore)], first(index), last(index), op);
  return true;
}

}  // namespace takt
