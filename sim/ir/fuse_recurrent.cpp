// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/fuse_recurrent.h"

#include "sim/base/check.h"

namespace takt::fusing {

Recurrent::Recurrent(Fuser& fuser, OpId id) : fuser_(fuser), id_(id), op_(fuser.op(id)) {
  const auto& attrs = std::get<RecurrentAttrs>(op_.attributes);
  const Shape& x = fuser.shape(op_.inputs[0]);
  steps_ = x[0];
  batch_ = x[1];
  inputs_ = x[2];
  hidden_ = attrs.hidden;
  directions_ = attrs.directions;
  backward_first_ = attrs.reverse;
  reset_after_ = attrs.linear_before_reset;
  gates_ = op_.kind == OpKind::kLstm ? 4 : op_.kind == OpKind::kGru ? 3 : 1;
  dtype_ = fuser.stored_dtype(op_.inputs[0]);
}

void Recurrent::run() {
  place_outputs();
  for (direction_ = 0; direction_ < directions_; ++direction_) {
    backward_ = directions_ == 2 ? direction_ == 1 : backward_first_;
    prefix_ = op_.name + (directions_ == 1 ? "" : direction_ == 0 ? ".fw" : ".bw");
    project_inputs();
    h_ = initial_state(5, ".h0");
    if (gates_ == 4) c_ = initial_state(6, ".c0");
    for (std::int64_t i = 0; i < steps_; ++i) step(i);
  }
  place_last_states();
}

Matrix2 Recurrent::scratch(const std::string& name, std::int64_t columns) {
  const View view =
      fuser_.new_stored({}, name, {batch_, columns}, row_major(2), dtype_, TensorKind::kActivation);
  return {view.stored, 0, columns, batch_, columns};
}

void Recurrent::place_outputs() {
  y_shape_ = {steps_, directions_, batch_, hidden_};
  const bool wanted = !op_.outputs.empty() && op_.outputs[0].valid();
  if (wanted) {
    y_ = fuser_.allocate(op_.outputs[0], row_major(4));
    fuser_.places_[op_.outputs[0].index] = y_;
    if (hidden_ == 1 || single_stride(y_.dims[3]) == 1) return;
  }
  y_ = fuser_.new_stored({}, op_.name + ".y", y_shape_, row_major(4), dtype_,
                         TensorKind::kActivation);
  if (wanted) fuser_.places_[op_.outputs[0].index] = y_;
}

Matrix2 Recurrent::h_at(std::int64_t time) const {
  const std::vector<std::int64_t> first{time, direction_, 0, 0};
  const std::int64_t stride = single_stride(y_.dims[2]).value_or(hidden_);
  return {y_.stored, y_.at(first), batch_ > 1 ? stride : hidden_, batch_, hidden_};
}

Matrix2 Recurrent::initial_state(std::size_t input, const std::string& suffix) {
  if (fuser_.has_input(op_, input)) {
    View view = fuser_.placed(op_.inputs[input]);
    if (!single_stride(view.dims[1]) || single_stride(view.dims[2]).value_or(0) != 1) {
      view = fuser_.materialise(op_.inputs[input], row_major(3), prefix_ + suffix);
    }
    return {view.stored, view.at({direction_, 0, 0}), single_stride(view.dims[1]).value_or(0),
            batch_, hidden_};
  }
  // Zeros, which lie in memory like parameters. The product with them is part of the layer's
  // MACs.
  const View view = fuser_.new_stored({}, prefix_ + suffix, {batch_, hidden_}, row_major(2), dtype_,
                                      TensorKind::kParameter);
  return {view.stored, 0, hidden_, batch_, hidden_};
}

void Recurrent::place_last_states() {
  if (op_.outputs.size() > 1 && op_.outputs[1].valid()) {
    View last = y_;  // [T, D, B, H] → [D, B, H] at each direction's last step
    const std::int64_t forward = backward_first_ ? 0 : steps_ - 1;
    last.dims.erase(last.dims.begin());
    last.offset = y_.at({forward, 0, 0, 0});
    if (directions_ == 2) last.dims[0] = {{2, y_.at({0, 1, 0, 0}) - last.offset}};
    fuser_.places_[op_.outputs[1].index] = last;
  }
  if (last_c_) fuser_.places_[op_.outputs[2].index] = *last_c_;
}

Matrix2 Recurrent::next_c(const std::string& name, bool last) {
  if (!last || op_.outputs.size() < 3 || !op_.outputs[2].valid()) {
    return scratch(name + ".c", hidden_);
  }
  if (!last_c_) {
    last_c_ = fuser_.new_stored(op_.outputs[2], fuser_.graph_.tensor(op_.outputs[2]).name,
                                {directions_, batch_, hidden_}, row_major(3), dtype_,
                                TensorKind::kActivation);
  }
  return {last_c_->stored, direction_ * batch_ * hidden_, hidden_, batch_, hidden_};
}

Region Recurrent::product(const std::string& name, const Matrix2& in, std::size_t weight,
                          std::int64_t first_gate, std::int64_t gates, const Matrix2& out) {
  Region region;
  region.kind = Region::Kind::kMatrix;
  region.name = name;
  region.op = fuser_.op(id_).kind == OpKind::kLstm  ? "lstm"
              : fuser_.op(id_).kind == OpKind::kGru ? "gru"
                                                    : "rnn";
  region.members = {id_};
  region.dtype = dtype_;
  MatrixWork& work = region.matrix;
  work.p = work.in_h = in.rows;
  work.c = in.columns;
  work.o = gates * hidden_;
  work.input.tensor = in.stored;
  work.input.offset = in.offset;
  work.input.stride_h = in.stride;
  work.input.stride_c = 1;
  const View w = fuser_.placed(op_.inputs[weight]);  // [D, gates*H, columns]
  work.weight.tensor = w.stored;
  work.weight.offset = w.at({direction_, first_gate * hidden_, 0});
  work.weight.stride_c = single_stride(w.dims[2]).value_or(1);
  work.weight.stride_o = single_stride(w.dims[1]).value_or(in.columns);
  work.weight.packed = fuser_.is_parameter(op_.inputs[weight]);
  region.output.tensor = out.stored;
  region.output.offset = out.offset;
  region.output.stride_h = out.stride;
  region.output.stride_c = 1;
  region.shape = {{"b", 1}, {"m", work.p}, {"n", work.o}, {"k", work.c}};
  return region;
}

void Recurrent::add_operand(Region& region, VectorStep step, const Matrix2& from, bool whole) {
  VectorOperand operand;
  operand.tensor = operand.view.tensor = from.stored;
  operand.view.offset = from.offset;
  operand.view.stride_h = whole ? 0 : from.stride;
  operand.view.stride_c = 1;
  operand.access = whole ? VectorOperand::Access::kWhole : VectorOperand::Access::kAligned;
  operand.rows = whole ? 1 : from.rows;
  operand.row_elements = operand.row_run = from.columns;
  region.operands.push_back(operand);
  step.operand = static_cast<int>(region.operands.size()) - 1;
  step.operand_count = 1;
  region.epilogue.push_back(std::move(step));
}

VectorStep Recurrent::named(const std::string& what, std::uint32_t lane_ops) const {
  VectorStep step;
  step.what = what;
  step.lane_ops = lane_ops;
  step.op = id_;
  return step;
}

void Recurrent::finish_product(Region region) {
  if (fuser_.integer(dtype_)) {
    region.epilogue.push_back(named("requantise", requantise_cost().per_element));
  }
  fuser_.add_region(std::move(region));
}

void Recurrent::project_inputs() {
  View x = fuser_.placed(op_.inputs[0]);  // [T, B, I]
  View rows = x;
  const auto merge = reshape(x, {steps_ * batch_, inputs_});
  if (merge && single_stride(merge->dims[0]) && single_stride(merge->dims[1])) {
    rows = *merge;
  } else {
    x = fuser_.materialise(op_.inputs[0], row_major(3), prefix_ + ".in");
    rows = *reshape(x, {steps_ * batch_, inputs_});
  }
  const std::int64_t columns = gates_ * hidden_;
  const View out = fuser_.new_stored({}, prefix_ + ".x", {steps_ * batch_, columns}, row_major(2),
                                     dtype_, TensorKind::kActivation);
  x_ = {out.stored, 0, columns, steps_ * batch_, columns};
  const Matrix2 in{rows.stored, rows.offset, single_stride(rows.dims[0]).value_or(0),
                   steps_ * batch_, inputs_};
  Region region = product(prefix_ + ".x", in, 1, 0, gates_, x_);
  region.matrix.input.stride_c = single_stride(rows.dims[1]).value_or(1);
  if (fuser_.has_input(op_, 3)) {
    const View bias = fuser_.placed(op_.inputs[3]);  // [D, 2*gates*H], both halves folded
    Matrix2 all{bias.stored, bias.at({direction_, 0}), 0, 1, columns};
    add_operand(region, named("bias", bias_cost().per_element), all, true);
  }
  finish_product(std::move(region));
}

Matrix2 Recurrent::x_at(std::int64_t time, std::int64_t first, std::int64_t count) const {
  return {x_.stored, time * batch_ * x_.stride + first * hidden_, x_.stride, batch_,
          count * hidden_};
}

std::uint32_t Recurrent::cost(UnaryKind kind) const { return lane_cost(kind, dtype_).per_element; }

void Fuser::recurrent(OpId id) {
  const Op& o = op(id);
  const Shape& x = shape(o.inputs[0]);
  const auto& attrs = std::get<RecurrentAttrs>(o.attributes);
  if (x[0] * attrs.directions > options_.recurrent_steps_max) {
    return unsupported(o,
                       "has " + std::to_string(x[0]) + " time steps; up to " +
                           std::to_string(options_.recurrent_steps_max) + " are unrolled",
                       "make the sequence shorter");
  }
  Recurrent(*this, id).run();
}

}  // namespace takt::fusing
