// SPDX-License-Identifier: Apache-2.0
// Convolutions, and what all matrix regions have in common.
#include "sim/base/check.h"
#include "sim/ir/fuse_image.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"

namespace takt::fusing {
namespace {

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
        view = placed_copy(operand.tensor, step.op, shape(group.stream));
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

// An operand that broadcasts in a way no single stride a dimension describes: stored out in full,
// in the shape of the op that reads it; `to` is how the group's stream sees that shape.
View Fuser::placed_copy(TensorId id, OpId reader, const Shape& to) {
  const Shape own = reader.valid() ? shape(op(reader).outputs[0]) : to;
  const View wide = new_stored(id, graph_.tensor(id).name + ".wide", own,
                               own == to ? channel_last(own.size()) : row_major(own.size()),
                               stored_dtype(id), TensorKind::kActivation);
  copy(graph_.tensor(id).name + ".wide", producer_[id.index], broadcast(placed(id), own), wide);
  if (own == to) return wide;
  const auto seen = reshape(wide, to);
  CHECK(seen.has_value()) << "a dense tensor has every shape of its size";
  return *seen;
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
  work.q = extent_at(out_shape, 3);
  work.o = out_shape[1] / window.groups;
  work.r = weight_shape[2];
  work.s = extent_at(weight_shape, 3);
  work.c = weight_shape[1];
  work.in_h = in_shape[2];
  work.in_w = extent_at(in_shape, 3);
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
  add_conv_shape(region, in_shape, weight_shape, window, out_shape[1]);
  conv_steps(region, group);
  region.output = walk_channels(allocate_result(group, channel_last(rank)), window.groups);
  add_region(std::move(region));
}

}  // namespace takt::fusing
