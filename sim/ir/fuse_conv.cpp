// SPDX-License-Identifier: Apache-2.0
// Convolutions, and what all matrix regions have in common.
#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"

namespace takt::fusing {
namespace {

std::int64_t stride_of(const View& view, std::size_t dim) {
  if (dim >= view.dims.size()) return 0;  // a 1-D convolution has no width
  const auto stride = single_stride(view.dims[dim]);
  CHECK(stride.has_value()) << "a dimension of several strides";
  return *stride;
}

std::int64_t at(const Shape& shape, std::size_t dim) { return dim < shape.size() ? shape[dim] : 1; }

/// [N, C, H, W] walked by (g, n, h, w, c), the channels cut into groups.
ActivationView walk_channels(const View& view, std::int64_t groups) {
  ActivationView walk;
  walk.tensor = view.stored;
  walk.offset = view.offset;
  walk.stride_n = stride_of(view, 0);
  walk.stride_c = stride_of(view, 1);
  walk.stride_h = stride_of(view, 2);
  walk.stride_w = stride_of(view, 3);
  if (groups > 1) walk.stride_g = extent_of(view.dims[1]) / groups * walk.stride_c;
  return walk;
}

void add_shape(Region& region, const Shape& in, const Shape& weight, const WindowAttrs& window,
               std::int64_t k) {
  region.shape = {
      {"n", in[0]}, {"c", in[1]},     {"h", in[2]},         {"w", at(in, 3)},
      {"k", k},     {"r", weight[2]}, {"s", at(weight, 3)}, {"stride", window.stride[0]}};
  if (window.stride[1] != window.stride[0] && in.size() > 3) {
    region.shape.emplace_back("stride_w", window.stride[1]);
  }
  region.shape.emplace_back("pad", window.pad_begin[0]);
  if (window.dilation[0] != 1) region.shape.emplace_back("dilation", window.dilation[0]);
  region.shape.emplace_back("groups", window.groups);
}

void set_window(MatrixWork& work, const WindowAttrs& window) {
  work.stride_h = window.stride[0];
  work.stride_w = window.stride[1];
  work.dilation_h = window.dilation[0];
  work.dilation_w = window.dilation[1];
  work.pad_h = window.pad_begin[0];
  work.pad_w = window.pad_begin[1];
}

}  // namespace

Region Fuser::matrix_region(const Group& group, const std::string& what) const {
  Region region;
  region.kind = Region::Kind::kMatrix;
  const Op& first = op(group.members.front());
  region.name = first.name.empty() ? what : first.name;
  region.op = what;
  region.members = group.members;
  for (std::size_t i = 1; i < group.members.size(); ++i) {
    if (!is_view(op(group.members[i]))) region.fused.push_back(op(group.members[i]).name);
  }
  region.dtype = stored_dtype(group.stream);
  return region;
}

void Fuser::add_bias(Group& group, OpId id, std::size_t input) {
  const Op& o = op(id);
  if (!has_input(o, input)) return;
  Step step;
  step.op = id;
  step.what = "bias";
  step.cost = bias_cost();
  const View view = placed(o.inputs[input]);
  const Shape& to = shape(o.outputs[0]);
  View wide = broadcast(view, to);
  if (o.kind != OpKind::kMatMul) {  // [O] of a convolution runs along dimension 1
    wide = broadcast(View{view.stored, view.offset, {}}, to);
    wide.dims[1] = view.dims[0];
  }
  step.operands.push_back({o.inputs[input], wide});
  group.steps.push_back(std::move(step));
}

void Fuser::add_requantise(Region& region, const Group& group) const {
  // The last step of whole-number arithmetic: 32-bit sums to the precision of what is stored.
  if (!integer(region.dtype)) return;
  VectorStep step;
  step.what = "requantise";
  step.lane_ops = requantise_cost().per_element;
  step.op = group.members.back();
  region.epilogue.push_back(step);
}

// The steps behind a convolution, its operands walked like the output.
void Fuser::conv_steps(Region& region, const Group& group) {
  const MatrixWork& work = region.matrix;
  for (const Step& step : group.steps) {
    VectorStep out;
    out.what = step.what;
    out.op = step.op;
    out.lane_ops = step.cost.per_element;
    for (const Operand& operand : step.operands) {
      View view = operand.view;
      for (const Factors& dim : view.dims) {
        if (single_stride(dim)) continue;
        view = placed_copy(operand.tensor, shape(group.stream));
        break;
      }
      VectorOperand entry;
      entry.tensor = view.stored;
      entry.access = access_of(view, {0, 2}, is_parameter(operand.tensor));
      const bool whole = entry.access == VectorOperand::Access::kWhole;
      entry.rows = whole ? 1 : work.p;
      entry.row_elements =
          distinct(view.dims[1]) * (view.dims.size() > 3 ? distinct(view.dims[3]) : 1);
      if (whole) entry.row_elements = distinct(view);
      entry.view = walk_channels(view, work.g);
      const int index = OperandList{region.operands}.add(entry);
      if (out.operand < 0) out.operand = index;
      ++out.operand_count;
    }
    region.epilogue.push_back(std::move(out));
  }
  add_requantise(region, group);
}

// An operand that broadcasts in a way no single stride a dimension describes: stored out in full.
View Fuser::placed_copy(TensorId id, const Shape& to) {
  const View from = placed(id);
  const View wide = new_stored(id, graph_.tensor(id).name + ".wide", to, channel_last(to.size()),
                               stored_dtype(id), TensorKind::kActivation);
  copy(graph_.tensor(id).name + ".wide", producer_[id.index], broadcast(from, to), wide);
  return wide;
}

void Fuser::conv(OpId id) {
  const Op& o = op(id);
  const auto& window = std::get<WindowAttrs>(o.attributes);
  const Shape& in_shape = shape(o.inputs[0]);
  const Shape& weight_shape = shape(o.inputs[1]);
  const Shape& out_shape = shape(o.outputs[0]);
  const std::size_t rank = in_shape.size();
  if (rank != 3 && rank != 4) return unsupported(o, "only 1-D and 2-D convolutions are lowered");
  const View in = strided(o.inputs[0], channel_last(rank));
  const View weight = weight_place(o.inputs[1]);

  Group group;
  group.members = {id};
  group.stream = group.result = o.outputs[0];
  add_bias(group, id, 2);
  group = grow(std::move(group), channel_last(rank), false);

  const bool depthwise = window.groups > 1 && weight_shape[1] == 1;
  Region region = matrix_region(group, depthwise ? "depthwise_conv" : "conv");
  MatrixWork& work = region.matrix;
  work.g = window.groups;
  work.n = out_shape[0];
  work.p = out_shape[2];
  work.q = at(out_shape, 3);
  work.o = out_shape[1] / window.groups;
  work.r = weight_shape[2];
  work.s = at(weight_shape, 3);
  work.c = weight_shape[1];
  work.in_h = in_shape[2];
  work.in_w = at(in_shape, 3);
  set_window(work, window);
  work.input = walk_channels(in, window.groups);
  WeightView& w = work.weight;
  w.tensor = weight.stored;
  w.offset = weight.offset;
  w.stride_o = stride_of(weight, 0);
  w.stride_c = stride_of(weight, 1);
  w.stride_r = stride_of(weight, 2);
  w.stride_s = stride_of(weight, 3);
  w.stride_g = window.groups > 1 ? work.o * w.stride_o : 0;
  w.packed = is_parameter(o.inputs[1]);
  add_shape(region, in_shape, weight_shape, window, out_shape[1]);
  conv_steps(region, group);
  region.output = walk_channels(allocate_result(group, channel_last(rank)), window.groups);
  if (depthwise) {
    // The same work without the array: a lane keeps a channel, a MAC is one lane operation.
    region.vector.images = work.n;
    region.vector.rows = work.p;
    region.vector.row_elements = work.q * out_shape[1];
    region.vector.row_run = out_shape[1];
    region.vector.lane_ops_per_row = region.vector.row_elements * work.r * work.s;
    region.vector_macs = work.macs();
  }
  add_region(std::move(region));
}

// As a matrix product and a scatter: every input pixel [C] times [C, R*S*O] gives the R*S*O values
// it adds to its window of the output; the vector unit adds up what overlaps ("col2im"). The MACs
// are the operator's: each input element meets O/groups * R * S weights once.
void Fuser::conv_transpose(OpId id) {
  const Op& o = op(id);
  const auto& window = std::get<WindowAttrs>(o.attributes);
  const Shape& in_shape = shape(o.inputs[0]);
  const Shape& weight_shape = shape(o.inputs[1]);  // [C, O/g, R, S]
  const Shape& out_shape = shape(o.outputs[0]);
  const std::size_t rank = in_shape.size();
  if (rank != 3 && rank != 4) return unsupported(o, "only 1-D and 2-D convolutions are lowered");
  const View in = strided(o.inputs[0], channel_last(rank));
  const View weight = weight_place(o.inputs[1]);
  const std::int64_t pixels = in_shape[2] * at(in_shape, 3);
  const std::int64_t taps = weight_shape[2] * at(weight_shape, 3);

  Group product;
  product.members = {id};
  product.stream = product.result = o.outputs[0];
  Region region = matrix_region(product, "conv_transpose");
  MatrixWork& work = region.matrix;
  work.g = window.groups;
  work.n = in_shape[0];
  work.p = work.in_h = in_shape[2];
  work.q = work.in_w = at(in_shape, 3);
  work.o = weight_shape[1] * taps;
  work.c = in_shape[1] / window.groups;
  work.input = walk_channels(in, window.groups);
  // o counts (r, s, output channel): channels of one tap are neighbours in the columns.
  work.weight.tensor = weight.stored;
  work.weight.offset = weight.offset;
  work.weight.stride_o = 1;
  work.weight.stride_c = work.o;
  work.weight.stride_g = window.groups > 1 ? work.c * work.o : 0;
  work.weight.packed = is_parameter(o.inputs[1]);
  if (!work.weight.packed) {
    return unsupported(o, "the weights of a transposed convolution must be parameters");
  }
  add_shape(region, in_shape, weight_shape, window, out_shape[1]);
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

  Group group;
  group.members = {id};
  group.stream = group.result = o.outputs[0];
  // Every column value is added once: per output element, columns / outputs of them, rounded up.
  const auto adds =
      static_cast<std::uint32_t>(ceil_div(static_cast<std::uint64_t>(cols.elements()),
                                          static_cast<std::uint64_t>(elements_of(out_shape))));
  group.steps.push_back({id, "col2im", {adds, 0, "an addition a column value"}, {}, 1});
  add_bias(group, id, 2);
  group = grow(std::move(group), channel_last(rank), false);
  const RowCut cut = cut_rows(group, channel_last(rank));
  Region scatter = vector_region(group, allocate_result(group, channel_last(rank)), cut, false);
  scatter.name = o.name + ".col2im";
  scatter.op = "col2im";
  // Rows of columns and of outputs advance together; the overlap stays in the vector unit's buffer.
  VectorOperand main;
  main.tensor = cols.stored;
  main.rows = scatter.vector.rows;
  main.row_elements = cols.elements() / (scatter.vector.images * scatter.vector.rows);
  main.row_run = work.o;
  main.view.tensor = cols.stored;
  main.view.stride_n = cols.elements() / scatter.vector.images;
  main.view.stride_h = main.row_elements;
  main.view.stride_w = work.o;
  main.view.stride_c = 1;
  main_operand(scatter, main);
  if (integer(scatter.dtype)) add_requantise(scatter, group);
  add_region(std::move(scatter));
}

}  // namespace takt::fusing
