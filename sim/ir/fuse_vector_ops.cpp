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
  Region region = vector_region(group, allocate_rows(group, cut), cut, false);
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
  Region region = vector_region(group, allocate_rows(group, cut), cut, false);
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
  Region region = vector_region(group, allocate_rows(group, cut), cut, false);
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
