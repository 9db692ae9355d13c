// SPDX-License-Identifier: Apache-2.0
// LSTM, GRU and plain recurrent layers. What does not depend on the step before is one product over
// all steps, `name.x`: [T*B, I] x [I, gates*H]. Then each step t is a chain: `name.t0` multiplies
// the last h by the recurrent weights and adds its slice of x; vector regions make the new state.
// For two directions the names are `name.fw.…` and `name.bw.…`.
#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"

namespace takt::fusing {
namespace {

/// [rows, columns] somewhere in a stored tensor, columns adjacent.
struct Matrix2 {
  TensorId stored;
  std::int64_t offset = 0, stride = 0, rows = 1, columns = 1;
};

class Recurrent {
 public:
  Recurrent(Fuser& fuser, OpId id) : fuser_(fuser), id_(id), op_(fuser.op(id)) {
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

  void run() {
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

 private:
  // ---- tensors ----
  Matrix2 scratch(const std::string& name, std::int64_t columns) {
    const View view = fuser_.new_stored({}, name, {batch_, columns}, row_major(2), dtype_,
                                        TensorKind::kActivation);
    return {view.stored, 0, columns, batch_, columns};
  }

  /// Y [T, D, B, H] holds every h; the steps write and read it in place.
  void place_outputs() {
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

  Matrix2 h_at(std::int64_t time) const {
    const std::vector<std::int64_t> first{time, direction_, 0, 0};
    const std::int64_t stride = single_stride(y_.dims[2]).value_or(hidden_);
    return {y_.stored, y_.at(first), batch_ > 1 ? stride : hidden_, batch_, hidden_};
  }

  Matrix2 initial_state(std::size_t input, const std::string& suffix) {
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
    const View view = fuser_.new_stored({}, prefix_ + suffix, {batch_, hidden_}, row_major(2),
                                        dtype_, TensorKind::kParameter);
    return {view.stored, 0, hidden_, batch_, hidden_};
  }

  void place_last_states() {
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

  /// Where a step leaves its cell state: the last one where the graph wants it.
  Matrix2 next_c(const std::string& name, bool last) {
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

  // ---- regions ----
  Region product(const std::string& name, const Matrix2& in, std::size_t weight,
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

  void add_operand(Region& region, VectorStep step, const Matrix2& from, bool whole) {
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

  VectorStep named(const std::string& what, std::uint32_t lane_ops) const {
    VectorStep step;
    step.what = what;
    step.lane_ops = lane_ops;
    step.op = id_;
    return step;
  }

  void finish_product(Region region) {
    if (fuser_.integer(dtype_)) {
      region.epilogue.push_back(named("requantise", requantise_cost().per_element));
    }
    fuser_.add_region(std::move(region));
  }

  void project_inputs() {
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

  /// Columns [first, first + count) gates of step `time` of the projected inputs.
  Matrix2 x_at(std::int64_t time, std::int64_t first, std::int64_t count) const {
    return {x_.stored, time * batch_ * x_.stride + first * hidden_, x_.stride, batch_,
            count * hidden_};
  }

  std::uint32_t cost(UnaryKind kind) const { return lane_cost(kind, dtype_).per_element; }

  void state(const std::string& name, const std::string& what, std::uint32_t lane_ops,
             const std::vector<Matrix2>& from, const Matrix2& to) {
    Region region;
    region.kind = Region::Kind::kVector;
    region.name = name;
    region.op = what;
    region.members = {id_};
    region.dtype = dtype_;
    region.vector.rows = batch_;
    region.vector.row_elements = region.vector.row_run = hidden_;
    region.vector.lane_ops_per_row = hidden_ * lane_ops;
    region.output.tensor = to.stored;
    region.output.offset = to.offset;
    region.output.stride_h = to.stride;
    region.output.stride_c = 1;
    region.shape = {{"rows", batch_}, {"elements", hidden_}};
    bool first = true;
    for (const Matrix2& operand : from) {
      if (first) {
        add_operand(region, named(what, lane_ops), operand, false);
        first = false;
      } else {
        add_operand(region, {}, operand, false);
        region.epilogue.pop_back();
        ++region.epilogue.front().operand_count;
      }
    }
    fuser_.add_region(std::move(region));
  }

  void step(std::int64_t index) {
    const std::int64_t time = backward_ ? steps_ - 1 - index : index;
    const std::string name = prefix_ + ".t" + std::to_string(time);
    const bool last = index == steps_ - 1;
    if (gates_ == 4) return lstm_step(name, time, last);
    if (gates_ == 3) return gru_step(name, time);
    rnn_step(name, time);
  }

  // c' = sigmoid(f) c + sigmoid(i) tanh(g); h' = sigmoid(o) tanh(c')
  void lstm_step(const std::string& name, std::int64_t time, bool last) {
    const Matrix2 gates = scratch(name + ".gates", 4 * hidden_);
    Region region = product(name, h_, 2, 0, 4, gates);
    add_operand(region, named("add", 1), x_at(time, 0, 4), false);
    finish_product(std::move(region));
    const Matrix2 c = next_c(name, last);
    const std::uint32_t for_c = 2 * cost(UnaryKind::kSigmoid) + cost(UnaryKind::kTanh) + 2;
    state(name + ".c", "lstm_c", for_c, {gates, c_}, c);
    const std::uint32_t for_h = cost(UnaryKind::kSigmoid) + cost(UnaryKind::kTanh) + 1;
    state(name + ".h", "lstm_h", for_h, {gates, c}, h_at(time));
    h_ = h_at(time);
    c_ = c;
  }

  // z, r = sigmoid(x + R h); n = tanh(x + r (R h)) or tanh(x + R (r h)); h' = (1 - z) n + z h
  void gru_step(const std::string& name, std::int64_t time) {
    const std::uint32_t sigmoid = cost(UnaryKind::kSigmoid), tanh = cost(UnaryKind::kTanh);
    if (reset_after_) {
      const Matrix2 gates = scratch(name + ".gates", 3 * hidden_);
      finish_product(product(name, h_, 2, 0, 3, gates));
      state(name + ".h", "gru_h", 2 + 2 * sigmoid + 2 + tanh + 3, {gates, x_at(time, 0, 3), h_},
            h_at(time));
    } else {
      const Matrix2 gates = scratch(name + ".zr", 2 * hidden_);
      Region region = product(name + ".zr", h_, 2, 0, 2, gates);
      add_operand(region, named("add", 1), x_at(time, 0, 2), false);
      finish_product(std::move(region));
      const Matrix2 reset = scratch(name + ".r", hidden_);
      state(name + ".r", "gru_r", sigmoid + 1, {gates, h_}, reset);
      const Matrix2 candidate = scratch(name + ".n", hidden_);
      Region second = product(name + ".n", reset, 2, 2, 1, candidate);
      add_operand(second, named("add", 1), x_at(time, 2, 1), false);
      second.epilogue.push_back(named("tanh", tanh));
      finish_product(std::move(second));
      state(name + ".h", "gru_h", sigmoid + 3, {gates, candidate, h_}, h_at(time));
    }
    h_ = h_at(time);
  }

  void rnn_step(const std::string& name, std::int64_t time) {
    Region region = product(name, h_, 2, 0, 1, h_at(time));
    add_operand(region, named("add", 1), x_at(time, 0, 1), false);
    region.epilogue.push_back(named("tanh", cost(UnaryKind::kTanh)));
    finish_product(std::move(region));
    h_ = h_at(time);
  }

  Fuser& fuser_;
  OpId id_;
  const Op& op_;
  std::int64_t steps_ = 0, batch_ = 0, inputs_ = 0, hidden_ = 0, directions_ = 1, gates_ = 1;
  bool backward_first_ = false, reset_after_ = false, backward_ = false;
  DType dtype_ = DType::kInt8;
  std::int64_t direction_ = 0;
  std::string prefix_;
  Shape y_shape_;
  View y_;
  Matrix2 x_, h_, c_;
  std::optional<View> last_c_;
};

}  // namespace

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
