// SPDX-License-Identifier: Apache-2.0
// Vector regions: a stream of rows, cut so that what is normalised together lies in one row.
#include <algorithm>

#include "sim/base/check.h"
#include "sim/ir/fuse_grid.h"
#include "sim/ir/print_names.h"

namespace takt::fusing {
namespace {

std::vector<std::size_t> outside(const RowCut& cut) {
  return {cut.order.begin(), cut.order.begin() + static_cast<std::ptrdiff_t>(cut.row_from)};
}

}  // namespace

// A result in a part of a concatenation is walked with a loop more, and operands in other orders
// cut the loops anew. Where it is one too many, the result lies alone, and the concatenation
// copies.
View Fuser::allocate_rows(const Group& group, const RowCut& cut) {
  auto& claim = claims_[group.result.index];
  auto& storage = prepared_[group.result.index];
  if (claim && !storage && group.chain.empty()) {
    std::vector<View> alone = aligned_operands(group, cut);
    const View part = allocate(group.result, cut.order);
    std::vector<View> there = alone;
    there.push_back(part);
    alone.push_back(dense_view({}, shape(group.stream), cut.order));
    if (!walk_exactly({part}, cut) || (!walk_exactly(there, cut) && walk_exactly(alone, cut))) {
      claim.reset();
      storage.reset();
    }
  }
  return allocate_result(group, cut.order);
}

std::vector<View> Fuser::aligned_operands(const Group& group, const RowCut& cut) const {
  std::vector<View> views;
  for (const Step& step : group.steps) {
    for (const Operand& operand : step.operands) {
      const auto access = access_of(operand.view, outside(cut), false);
      if (access == VectorOperand::Access::kAligned) views.push_back(operand.view);
    }
  }
  return views;
}

/// Is the operand seen in the shape that it has, not broadcast or through other views?
bool Fuser::is_as_placed(const Operand& operand) {
  const View now = placed(operand.tensor);
  return now.stored == operand.view.stored && now.offset == operand.view.offset &&
         now.dims == operand.view.dims;
}

void Fuser::read_whole(const Operand& operand, VectorOperand& o) {
  o.tensor = o.view.tensor = operand.view.stored;
  o.view.offset = operand.view.offset;
  o.walks = false;
  o.rows = 1;
  o.row_elements = o.row_run = distinct(operand.view);
}

// What takes more loops than there are beside the result is first written out in its order.
View Fuser::dense_copy(const Operand& operand, const Shape& to, const DimOrder& order) {
  if (is_as_placed(operand)) {
    return materialise(operand.tensor, order, graph_.tensor(operand.tensor).name + ".copy");
  }
  const std::string name = graph_.tensor(operand.tensor).name + ".wide";
  const View wide = new_stored(operand.tensor, name, to, order, stored_dtype(operand.tensor),
                               TensorKind::kActivation);
  copy(name, producer_[operand.tensor.index], operand.view, wide);
  return wide;
}

// Behind the result come the operands that change with every row, as far as they nest. The others,
// which are read whole, are the answer; it has blanks for those.
std::vector<VectorOperand> Fuser::divide_operands(const Group& group, const RowCut& cut,
                                                  std::vector<View>& views) {
  std::vector<VectorOperand> whole;
  for (const Step& step : group.steps) {
    for (const Operand& operand : step.operands) {
      whole.emplace_back();
      VectorOperand& o = whole.back();
      o.access = access_of(operand.view, outside(cut), false);
      views.push_back(operand.view);
      if (o.access == VectorOperand::Access::kAligned && !walk_exactly(views, cut)) {
        // A row asks for elements of a mask beside its own, which a copy in its shape has lost.
        const bool as_it_is = !group.row_axes.empty() && !is_as_placed(operand);
        if (as_it_is) o.access = VectorOperand::Access::kWhole;
        if (!as_it_is) views.back() = dense_copy(operand, shape(group.stream), cut.order);
      }
      if (o.access == VectorOperand::Access::kAligned) continue;
      views.pop_back();
      read_whole(operand, o);
    }
  }
  return whole;
}

Region Fuser::vector_region(const Group& group, const View& out, const RowCut& cut,
                            bool may_split) {
  Region region;
  region.kind = Region::Kind::kVector;
  const Op& first = op(group.members.front());
  region.op = word_for(first);
  region.name = first.name.empty() ? region.op : first.name;
  region.members = group.members;
  for (std::size_t i = 1; i < group.members.size(); ++i) {
    if (!is_view(op(group.members[i]))) region.fused.push_back(op(group.members[i]).name);
  }
  region.dtype = stored_dtype(group.result);

  std::vector<View> views{out};
  const std::vector<VectorOperand> whole = divide_operands(group, cut, views);
  auto grid = grid_of(views, cut);
  CHECK(grid && grid->exact) << "dense operands take no more loops than the result: "
                             << region.name;
  if (may_split && group.row_axes.empty()) split_rows(*grid);

  VectorWork& work = region.vector;
  work.images = grid->images;
  work.rows = grid->rows;
  work.row_run = grid->run;
  work.row_elements = grid->runs * grid->run;
  region.output = grid->walks[0];
  region.shape = {{"rows", work.images * work.rows}, {"elements", work.row_elements}};

  std::size_t next = 1, at = 0;
  for (const Step& step : group.steps) {
    VectorStep entry{step.what, step.cost.per_element, step.op};
    work.lane_ops_per_row += work.row_elements * step.cost.per_element;
    if (step.cost.per_row && step.row_extent > 0) {
      const std::int64_t rows = std::max<std::int64_t>(1, work.row_elements / step.row_extent);
      work.lane_ops_per_row += rows * step.cost.per_row;
      work.reductions_per_row += rows * step.cost.reductions;
    }
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      VectorOperand o = whole[at++];
      if (o.access == VectorOperand::Access::kAligned) {
        o.view = grid->walks[next++];
        o.tensor = o.view.tensor;
        o.rows = o.view.stride_h != 0 ? work.rows : 1;
        o.row_run = o.view.stride_c != 0 ? work.row_run : 1;
        o.row_elements = (o.view.stride_w != 0 ? grid->runs : 1) * o.row_run;
      }
      region.operands.push_back(o);
      if (entry.operand < 0) entry.operand = static_cast<int>(region.operands.size()) - 1;
      ++entry.operand_count;
    }
    region.epilogue.push_back(std::move(entry));
  }
  work.moves_only = work.lane_ops_per_row == 0;
  return region;
}

void Fuser::elementwise(OpId id) {
  const Op& o = op(id);
  const Shape& out_shape = shape(o.outputs[0]);
  Group group;
  group.members = {id};
  group.stream = group.result = o.outputs[0];
  // The layout of the first operand that has the result's shape.
  DimOrder order = row_major(out_shape.size());
  for (TensorId input : o.inputs) {
    if (!input.valid() || is_parameter(input) || shape(input) != out_shape) continue;
    order = order_in_memory(placed(input));
    break;
  }
  Step step;
  step.op = id;
  step.what = word_for(o);
  step.cost = lane_cost(graph_, o, stored_dtype(o.outputs[0]));
  step.row_extent = row_extent(o);
  for (std::size_t i = 0; i < o.inputs.size(); ++i) {
    if (!o.inputs[i].valid() || (i > 0 && immediate(o, i))) continue;
    const auto view = operand_view(o, i, out_shape);
    CHECK(view.has_value()) << "an operand of " << o.name << " has no place";
    step.operands.push_back({o.inputs[i], *view});
  }
  group.steps.push_back(std::move(step));
  if (o.kind == OpKind::kSoftmax || o.kind == OpKind::kLayerNorm || o.kind == OpKind::kRmsNorm) {
    for (std::int64_t axis : std::get<AxesAttrs>(o.attributes).axes) {
      group.row_axes.insert(static_cast<std::size_t>(axis));
    }
  } else if (o.kind == OpKind::kInstanceNorm || o.kind == OpKind::kGroupNorm) {
    const std::size_t from = o.kind == OpKind::kGroupNorm ? 1 : 2;
    for (std::size_t d = from; d < out_shape.size(); ++d) group.row_axes.insert(d);
  }
  group = grow(std::move(group), order, true);
  const RowCut cut = cut_rows(group, order);
  Region region = vector_region(group, allocate_rows(group, cut), cut, o.kind != OpKind::kLrn);
  const std::int64_t channels = out_shape.size() > 1 ? out_shape[1] : 1;
  if (o.kind == OpKind::kLrn) {
    // It reads neighbours among the channels, which lie innermost: whole pixels.
    allow_cuts(region.vector, region.vector.row_run, channels);
  } else if (o.kind == OpKind::kGroupNorm && !cut.order.empty() && cut.order.back() == 1) {
    allow_cuts(region.vector, channels, channels / std::get<AxesAttrs>(o.attributes).groups);
  } else if (const std::int64_t inner = free_channels(group, cut); inner > 1) {
    allow_cuts(region.vector, group.row_axes.empty() ? region.vector.row_run : inner);
  }
  add_region(std::move(region));
}

void Fuser::copy(const std::string& name, OpId id, const View& from, const View& to) {
  if (to.elements() == 0) return;
  Region region;
  region.kind = Region::Kind::kVector;
  region.op = "copy";
  region.name = name;
  if (id.valid()) region.members = {id};
  region.dtype = out_.tensors[to.stored.index].dtype;
  RowCut cut;
  cut.order = order_in_memory(to);
  cut.row_from = cut.order.empty() ? 0 : cut.order.size() - 1;
  // Rows of more dimensions where those of one leave too many outside.
  while (cut.row_from > 0 && !walk_exactly({to, from}, cut)) --cut.row_from;
  const auto grid = grid_of({to, from}, cut);
  CHECK(grid.has_value()) << "what is copied to has one stride a dimension: " << name;
  if (!grid->exact) return copy_in_parts(name, id, from, to);
  region.vector.images = grid->images;
  region.vector.rows = grid->rows;
  region.vector.row_run = grid->run;
  region.vector.row_elements = grid->runs * grid->run;
  region.vector.moves_only = true;
  if (grid->walks[1].stride_c != 0) allow_cuts(region.vector, grid->run);
  region.shape = {{"rows", grid->images * grid->rows}, {"elements", region.vector.row_elements}};
  region.output = grid->walks[0];
  VectorOperand operand;
  operand.tensor = from.stored;
  operand.view = grid->walks[1];
  operand.rows = grid->rows;
  operand.row_elements = region.vector.row_elements;
  operand.row_run = grid->run;
  region.operands.push_back(operand);
  VectorStep step;
  step.what = "copy";
  step.lane_ops = 0;
  step.op = id;
  step.operand = 0;
  step.operand_count = 1;
  region.epilogue.push_back(step);
  add_region(std::move(region));
}

}  // namespace takt::fusing
