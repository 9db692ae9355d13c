// SPDX-License-Identifier: Apache-2.0
// Transposed convolutions: a product and a scatter.
#include <algorithm>

#include "sim/ir/fuse_image.h"
#include "sim/ir/fuse_state.h"

namespace takt::fusing {

// As a matrix product and a scatter: every input pixel [C] times [C, O*R*S] gives the O*R*S values
// it adds to its window of the output; the vector unit adds up what overlaps ("col2im"). The MACs
// are the operator's: each input element meets O/groups * R * S weights once.
void Fuser::conv_transpose(OpId id) {
  const Op& o = op(id);
  const std::size_t rank = shape(o.inputs[0]).size();
  if (rank != 3 && rank != 4) return unsupported(o, "only 1-D and 2-D convolutions are lowered");
  if (!is_parameter(o.inputs[1])) {
    return unsupported(o, "the weights of a transposed convolution must be parameters");
  }
  scatter_columns(id, multiply_columns(id));
}

View Fuser::multiply_columns(OpId id) {
  const Op& o = op(id);
  const auto& window = std::get<WindowAttrs>(o.attributes);
  const Shape& in_shape = shape(o.inputs[0]);
  const Shape& weight_shape = shape(o.inputs[1]);  // [C, O/g, R, S]
  const std::size_t rank = in_shape.size();
  const View in = strided(o.inputs[0], channel_last(rank));
  const View weight = weight_place(o.inputs[1]);
  const std::int64_t pixels = in_shape[2] * extent_at(in_shape, 3);
  const std::int64_t taps = weight_shape[2] * extent_at(weight_shape, 3);

  Group product;
  product.members = {id};
  product.stream = product.result = o.outputs[0];
  Region region = matrix_region(product, "conv_transpose");
  MatrixWork& work = region.matrix;
  work.g = window.groups;
  work.n = in_shape[0];
  work.p = work.in_h = in_shape[2];
  work.q = work.in_w = extent_at(in_shape, 3);
  work.o = weight_shape[1] * taps;
  work.c = in_shape[1] / window.groups;
  work.input = walk_channels(in, window.groups);
  // o counts (output channel, r, s), as the parameter [C, O/g, R, S] has them.
  work.weight.tensor = weight.stored;
  work.weight.offset = weight.offset;
  work.weight.stride_o = 1;
  work.weight.stride_c = work.o;
  work.weight.stride_g = window.groups > 1 ? work.c * work.o : 0;
  work.weight.packed = true;
  add_conv_shape(region, in_shape, weight_shape, window, shape(o.outputs[0])[1]);
  // Sums of whole numbers stay 32 bits wide until all that overlap are added.
  const DType sums = integer(region.dtype) ? DType::kInt32 : region.dtype;
  const Shape columns{in_shape[0], pixels, window.groups, work.o};
  const View cols =
      new_stored({}, o.name + ".columns", columns, row_major(4), sums, TensorKind::kActivation);
  region.output.tensor = cols.stored;
  region.output.stride_c = 1;
  region.output.stride_g = window.groups > 1 ? work.o : 0;
  region.output.stride_w = window.groups * work.o;
  region.output.stride_h = region.output.stride_w * work.q;
  region.output.stride_n = region.output.stride_h * work.p;
  add_region(std::move(region));
  return cols;
}

void Fuser::scatter_columns(OpId id, const View& cols) {
  const Op& o = op(id);
  const std::size_t rank = shape(o.inputs[0]).size();
  Group group;
  group.members = {id};
  group.stream = group.result = o.outputs[0];
  // Every column value is added once: per output element, columns / outputs of them, rounded up.
  const auto adds = static_cast<std::uint32_t>(
      ceil_div(static_cast<std::uint64_t>(cols.elements()),
               static_cast<std::uint64_t>(elements_of(shape(o.outputs[0])))));
  group.steps.push_back({id, "col2im", {adds, 0, "an addition a column value"}, {}, 1});
  group.read_first = 1;
  add_bias(group, id, 2);
  group = grow(std::move(group), channel_last(rank), false);
  const RowCut cut = cut_rows(group, channel_last(rank));
  Region scatter = vector_region(group, allocate_rows(group, cut), cut, false);
  scatter.name = o.name + ".col2im";
  scatter.op = "col2im";
  const VectorOperand main = column_rows(scatter, id, cols);
  main_operand(scatter, main);
  if (integer(scatter.dtype)) add_requantise(scatter, group);
  add_region(std::move(scatter));
}

namespace {

/// Makes every `factor` rows one, if they touch in whatever moves with the rows.
bool merge_rows(Region& region, std::int64_t factor) {
  VectorWork& work = region.vector;
  if (factor == 1) return true;
  const auto touch = [&work](const ActivationView& view) {
    return view.stride_c == 1 && work.row_run == work.row_elements &&
           view.stride_h == work.row_elements;
  };
  bool all = work.rows % factor == 0 && touch(region.output);
  for (const VectorOperand& operand : region.operands) {
    if (operand.access == VectorOperand::Access::kWhole) continue;
    all = all && touch(operand.view) && operand.rows == work.rows &&
          operand.row_elements == work.row_elements;
  }
  if (!all) return false;
  for (VectorOperand& operand : region.operands) {
    if (operand.access == VectorOperand::Access::kWhole) continue;
    operand.rows /= factor;
    operand.row_elements *= factor;
    operand.row_run = operand.row_elements;
    operand.view.stride_h *= factor;
  }
  work.rows /= factor;
  work.row_elements *= factor;
  work.row_run = work.row_elements;
  work.lane_ops_per_row *= factor;
  region.output.stride_h *= factor;
  region.shape = {{"rows", work.images * work.rows}, {"elements", work.row_elements}};
  return true;
}

}  // namespace

// Output row y takes columns of input row h where y = h * stride - pad + r * dilation. So `stride`
// rows of the output at a time need a window of the columns' rows that moves on by one.
VectorOperand Fuser::column_rows(Region& scatter, OpId id, const View& cols) const {
  const Op& o = op(id);
  const auto& window = std::get<WindowAttrs>(o.attributes);
  const std::int64_t stride = window.stride[0], pad = window.pad_begin[0];
  const std::int64_t reach = (shape(o.inputs[1])[2] - 1) * window.dilation[0];
  VectorOperand main;
  main.tensor = main.view.tensor = cols.stored;
  main.access = VectorOperand::Access::kWindow;
  main.rows = shape(o.inputs[0])[2];
  main.row_elements = main.row_run = cols.elements() / (shape(o.inputs[0])[0] * main.rows);
  main.view.stride_n = main.row_elements * main.rows;
  main.view.stride_h = main.row_elements;
  main.view.stride_c = 1;
  if (scatter.vector.rows == shape(o.outputs[0])[2] && merge_rows(scatter, stride)) {
    // h from i - first to i + last for rows [i * stride, (i + 1) * stride)
    const std::int64_t first = std::max<std::int64_t>(0, (reach - pad) / stride);
    const std::int64_t last = std::max<std::int64_t>(0, (stride - 1 + pad) / stride);
    main.pad = first;
    main.window = first + last + 1;
  } else if (scatter.vector.rows == shape(o.outputs[0])[2] &&
             merge_rows(scatter, scatter.vector.rows)) {
    main.stride = main.window = main.rows;
  } else {
    main.access = VectorOperand::Access::kWhole;
    main.walks = false;
    main.row_elements = main.row_run = cols.elements();
    main.rows = 1;
  }
  return main;
}

}  // namespace takt::fusing
