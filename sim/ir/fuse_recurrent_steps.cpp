// SPDX-License-Identifier: Apache-2.0
// One time step of a recurrent layer.
#include "sim/ir/fuse_recurrent.h"

namespace takt::fusing {

void Recurrent::state(const std::string& name, const std::string& what, std::uint32_t lane_ops,
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

void Recurrent::step(std::int64_t index) {
  const std::int64_t time = backward_ ? steps_ - 1 - index : index;
  const std::string name = prefix_ + ".t" + std::to_string(time);
  const bool last = index == steps_ - 1;
  if (gates_ == 4) return lstm_step(name, time, last);
  if (gates_ == 3) return gru_step(name, time);
  rnn_step(name, time);
}

// c' = sigmoid(f) c + sigmoid(i) tanh(g); h' = sigmoid(o) tanh(c')
void Recurrent::lstm_step(const std::string& name, std::int64_t time, bool last) {
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
void Recurrent::gru_step(const std::string& name, std::int64_t time) {
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

void Recurrent::rnn_step(const std::string& name, std::int64_t time) {
  Region region = product(name, h_, 2, 0, 1, h_at(time));
  add_operand(region, named("add", 1), x_at(time, 0, 1), false);
  region.epilogue.push_back(named("tanh", cost(UnaryKind::kTanh)));
  finish_product(std::move(region));
  h_ = h_at(time);
}

}  // namespace takt::fusing
