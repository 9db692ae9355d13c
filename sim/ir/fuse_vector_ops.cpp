// SPDX-License-Identifier: Apache-2.0
// Vector operators whose result has another shape than what they read.
#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"
#include "sim/ir/resize_mode.h"

namespace takt::fusing {
namespace {

// From here on a reduction reads its operand row by row instead of holding all of it.
constexpr std::int64_t kStreamElements = 64;

std::int64_t stride_or_zero(const View& view, std::size_t dim) {
  return dim < view.dims.size() ? single_stride(view.dims[dim]).value_or(0) : 0;
}

std::int64_t at(const Shape& dims, std::size_t d) { return d < dims.size() ? dims[d] : 1; }

/// An operand [N, C, H, W] as images of rows of pixels; it is channel-last or nearly so.
VectorOperand image_rows(const View& view) {
  const Shape dims = view.shape();
  VectorOperand operand;
  operand.tensor = operand.view.tensor = view.stored;
  operand.view.offset = view.offset;
  operand.view.stride_n = stride_or_zero(view, 0);
  operand.view.stride_c = stride_or_zero(view, 1);
  operand.view.stride_h = stride_or_zero(view, 2);
  operand.view.stride_w = stride_or_zero(view, 3);
  operand.rows = at(dims, 2);
  operand.row_run = dims[1];
  operand.row_elements = dims[1] * at(dims, 3);
  if (operand.view.stride_c == 1 && operand.view.stride_w == dims[1]) {
    operand.row_run = operand.row_elements;  // pixels touch: one run
    operand.view.stride_w = 0;
  }
  return operand;
}

/// Loops over dimensions [first, last) of the order, outermost first; neighbours in memory are one.
std::vector<Loop> walk_of(const View& view, const DimOrder& order, std::size_t first,
                          std::size_t last) {
  std::vector<Loop> loops;
  for (std::size_t i = first; i < last; ++i) {
    for (const Factor piece : view.dims[order[i]]) loops.push_back({piece.extent, {piece.stride}});
  }
  return merged(std::move(loops));
}

/// Rows of the dimensions from `first` on, as an operand can name them: one stride from row to row,
/// runs of one stride within.
bool rows_lie_readable(const View& view, const DimOrder& order, std::size_t first) {
  return walk_of(view, order, 0, first).size() <= 1 &&
         walk_of(view, order, first, order.size()).size() <= 2;
}

}  // namespace

Group Fuser::single(OpId id) const {
  const Op& o = op(id);
  Group group;
  group.members = {id};
  group.stream = group.result = o.outputs[0];
  Step step;
  step.op = id;
  step.what = word_for(o);
  step.cost = lane_cost(graph_, o, stored_dtype(o.inputs[0]));
  step.row_extent = 0;  // per_row is part of an element here
  group.steps.push_back(std::move(step));
  group.read_first = o.inputs.size();
  return group;
}

void Fuser::pool(OpId id) {
  const Op& o = op(id);
  const auto& window = std::get<WindowAttrs>(o.attributes);
  const std::size_t rank = shape(o.inputs[0]).size();
  if (rank != 3 && rank != 4) return unsupported(o, "only 1-D and 2-D pooling is lowered");
  const DimOrder order = channel_last(rank);
  const View in = strided(o.inputs[0], order);
  const Group group = grow(single(id), order, false);
  RowCut cut{order, 2, true};
  Region region = vector_region(group, allocate_result(group, order), cut, false);
  VectorOperand main = image_rows(in);
  main.access = VectorOperand::Access::kWindow;
  main.window = (window.kernel[0] - 1) * window.dilation[0] + 1;
  main.stride = window.stride[0];
  main.pad = window.pad_begin[0];
  main_operand(region, main);
  const Shape& dims = shape(o.inputs[0]);
  allow_cuts(region.vector, dims[1]);
  region.shape = {{"n", dims[0]},
                  {"c", dims[1]},
                  {"h", dims[2]},
                  {"w", at(dims, 3)},
                  {"r", window.kernel[0]},
                  {"s", window.kernel[1]},
                  {"stride", window.stride[0]},
                  {"pad", window.pad_begin[0]}};
  add_region(std::move(region));
}

// Global pools, reductions, ArgMax, TopK. In memory order the dimensions before the first reduced
// one are independent: a row of the result each. What each needs is a row of the operand, or, if
// that would be long, as many rows as the first reduced dimension has indices, one after another.
void Fuser::reduction(OpId id) {
  const Op& o = op(id);
  View in = placed(o.inputs[0]);
  const Shape& dims = shape(o.inputs[0]);
  const Shape& out_dims = shape(o.outputs[0]);
  std::set<std::size_t> reduced;
  if (const auto* attrs = std::get_if<AxesAttrs>(&o.attributes)) {
    for (std::int64_t axis : attrs->axes) reduced.insert(static_cast<std::size_t>(axis));
    for (std::size_t d = 0; attrs->axes.empty() && d < dims.size(); ++d) reduced.insert(d);
  } else {
    for (std::size_t d = 2; d < dims.size(); ++d) reduced.insert(d);
  }
  const auto first_reduced = [&reduced](const DimOrder& order) {
    std::size_t first = 0;
    while (first < order.size() && !reduced.count(order[first])) ++first;
    return first;
  };
  DimOrder in_order = order_in_memory(in);
  if (!rows_lie_readable(in, in_order, first_reduced(in_order))) {
    in = materialise(o.inputs[0], in_order, graph_.tensor(o.inputs[0]).name + ".copy");
    in_order = order_in_memory(in);
  }
  const std::size_t first = first_reduced(in_order);

  // The same order without the reduced dimensions, unless they stay with extent 1.
  const bool keeps = out_dims.size() == dims.size();
  DimOrder order;
  std::size_t outer = 0;
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    if (!keeps && reduced.count(in_order[i])) continue;
    const auto gone = keeps ? 0 : std::count_if(reduced.begin(), reduced.end(), [&](std::size_t d) {
      return d < in_order[i];
    });
    order.push_back(in_order[i] - static_cast<std::size_t>(gone));
    if (i < first) ++outer;
  }
  const Group group = grow(single(id), order, false);
  const RowCut cut{order, outer, false};
  Region region = vector_region(group, allocate_result(group, order), cut, false);
  read_rows(region, in, reduced, in_order, first);
  const Region values = region;
  add_region(std::move(region));
  if (o.kind == OpKind::kTopK)
    top_k_indices(id, values, cut,
                  [&](Region& indices) { read_rows(indices, in, reduced, in_order, first); });
}

// The operand of a reduction: `first` dimensions in memory order are independent.
void Fuser::read_rows(Region& region, const View& in, const std::set<std::size_t>& reduced,
                      const DimOrder& in_order, std::size_t first) {
  const Shape dims = in.shape();
  std::int64_t independent = 1;
  for (std::size_t i = 0; i < first; ++i) independent *= dims[in_order[i]];
  const std::int64_t each = elements_of(dims) / independent;
  std::int64_t inner = 1;  // what lies behind the last reduced dimension is independent too
  for (std::size_t i = in_order.size(); i-- > first && !reduced.count(in_order[i]);) {
    inner *= dims[in_order[i]];
  }
  const std::int64_t length = first < in_order.size() ? dims[in_order[first]] : 1;
  // Strides of all that lies in one loop, not of a dimension: one of extent 1 has none.
  const auto step = [](const std::vector<Loop>& loops) {
    return loops.empty() ? std::int64_t{0} : loops.back().strides[0];
  };
  const std::size_t behind = std::min(first + 1, in_order.size());
  const std::int64_t above = step(walk_of(in, in_order, 0, first));
  const std::vector<Loop> row = walk_of(in, in_order, first, in_order.size());
  const std::vector<Loop> lines = walk_of(in, in_order, first, behind);
  const std::vector<Loop> line = walk_of(in, in_order, behind, in_order.size());
  VectorOperand main;
  main.tensor = main.view.tensor = in.stored;
  main.view.offset = in.offset;
  main.view.stride_c = step(row);
  if (each / length >= kStreamElements && region.vector.images == 1 && lines.size() <= 1 &&
      line.size() <= 1) {
    region.vector.images = region.vector.rows;
    region.vector.rows = 1;
    for (VectorOperand& other : region.operands) {
      other.view.stride_n = std::exchange(other.view.stride_h, 0);
    }
    region.output.stride_n = std::exchange(region.output.stride_h, 0);
    main.access = VectorOperand::Access::kWindow;
    main.rows = main.window = main.stride = length;
    main.row_elements = main.row_run = each / length;
    main.view.stride_h = step(lines);
    main.view.stride_n = above;
  } else {
    main.rows = region.vector.rows;
    main.row_elements = main.row_run = each;
    main.view.stride_h = above;
    if (region.vector.images > 1) main.view.stride_n = above * region.vector.rows;
    if (row.size() == 2) {
      main.row_run = row.back().extent;
      main.view.stride_w = row.front().strides[0];
    }
  }
  main_operand(region, main);
  if (main.row_run % inner == 0) allow_cuts(region.vector, inner);
  region.shape = {{"rows", independent}, {"elements", each}};
}

// The indices of a TopK: found by the same comparisons, which the values' region pays for; the rows
// are read again.
void Fuser::top_k_indices(OpId id, const Region& values, const RowCut& cut,
                          const std::function<void(Region&)>& read) {
  const Op& o = op(id);
  if (o.outputs.size() < 2 || !o.outputs[1].valid()) return;
  const TensorId indices = o.outputs[1];
  if (readers_[indices.index].empty() && !graph_.tensor(indices).is_output) return;
  Group group = single(id);
  group.stream = group.result = indices;
  const View to = allocate(indices, cut.order);
  places_[indices.index] = to;
  Region region = vector_region(group, to, cut, false);
  read(region);
  region.name = values.name + ".indices";
  region.dtype = values.dtype;
  region.vector.lane_ops_per_row = 0;
  add_region(std::move(region));
}

// Rows of the input and of the output advance together where their numbers divide each other.
void Fuser::resize(OpId id) {
  const Op& o = op(id);
  const std::size_t rank = shape(o.inputs[0]).size();
  if (rank != 3 && rank != 4)
    return unsupported(o, "only resizing of 1-D and 2-D images is lowered");
  const std::string kernel = resize_kernel(std::get<MoveAttrs>(o.attributes).mode);
  const DimOrder order = channel_last(rank);
  const View in = strided(o.inputs[0], order);
  const std::int64_t from = shape(o.inputs[0])[2], to = shape(o.outputs[0])[2];
  const Group group = grow(single(id), order, false);
  RowCut cut{order, 2, true};
  Region region = vector_region(group, allocate_result(group, order), cut, false);
  VectorOperand main = image_rows(in);
  // Rows of the input that one row of the output is interpolated from.
  const std::int64_t taps = kernel == "linear" ? 2 : kernel == "cubic" ? 4 : 1;
  if (from >= to) {
    main.access = VectorOperand::Access::kWindow;
    main.stride = from / to;
    main.window = std::max(taps, from - (to - 1) * main.stride);
    if (kernel == "cubic") {  // one row before the pixel, two behind it
      main.pad = 1;
      main.window += 2;
    }
  } else {
    // Several rows of the output come from one of the input: over an image, all of it is read.
    main.access = VectorOperand::Access::kWhole;
    main.walks = false;
    main.row_elements = elements_of(shape(o.inputs[0]));
    main.row_run = main.row_elements;
    main.rows = 1;
  }
  main_operand(region, main);
  add_region(std::move(region));
}

void Fuser::pad(OpId id) {
  const Op& o = op(id);
  const auto& attrs = std::get<MoveAttrs>(o.attributes);
  const View in = placed(o.inputs[0]);
  const Shape& dims = shape(o.inputs[0]);
  const DimOrder order = order_in_memory(in);
  Group group = single(id);
  group = grow(std::move(group), order, false);
  RowCut cut = cut_rows(group, order);
  const auto padded = [&](std::size_t d) { return attrs.begin[d] != 0 || attrs.end[d] != 0; };
  const bool constant = attrs.mode.empty() || attrs.mode == "constant";
  // Rows above and below an image may be the constant; else what is padded lies in one row.
  const bool of_image = constant && cut.images && cut.row_from == 2 && !padded(0);
  for (std::size_t i = 0; !of_image && i < cut.row_from; ++i) {
    if (padded(order[i])) cut.row_from = i;
  }
  Region region = vector_region(group, allocate_result(group, order), cut, false);
  std::int64_t inner = 1;  // of an image its channels, else all behind the last padded dimension
  for (std::size_t i = order.size(); i-- > cut.row_from && !padded(order[i]);) {
    if (!of_image || order[i] == 1) inner *= dims[order[i]];
  }
  allow_cuts(region.vector, inner);
  VectorOperand main;
  main.tensor = main.view.tensor = in.stored;
  main.view.offset = in.offset;
  if (of_image) {
    main = image_rows(in);
    main.access = VectorOperand::Access::kWindow;
    main.pad = attrs.begin[2];
  } else if (cut.row_from > 0) {
    main.rows = region.vector.rows;
    main.row_elements = elements_of(dims) / (region.vector.images * region.vector.rows);
    main.row_run = main.row_elements;
    main.view.stride_h = main.row_elements;
    main.view.stride_n = main.row_elements * main.rows;
    main.view.stride_c = 1;
  } else {
    main.access = VectorOperand::Access::kWhole;
    main.walks = false;
    main.row_elements = main.row_run = elements_of(dims);
    main.rows = 1;
  }
  main_operand(region, main);
  add_region(std::move(region));
}

}  // namespace takt::fusing
