// SPDX-License-Identifier: Apache-2.0
#pragma once
// LSTM, GRU and plain recurrent layers. What does not depend on the step before is one product over
// all steps, `name.x`: [T*B, I] x [I, gates*H]. Then each step t is a chain: `name.t0` multiplies
// the last h by the recurrent weights and adds its slice of x; vector regions make the new state.
// For two directions the names are `name.fw.…` and `name.bw.…`.

#include <optional>
#include <string>
#include <vector>

#include "sim/ir/fuse_state.h"

namespace takt::fusing {

/// [rows, columns] somewhere in a stored tensor, columns adjacent.
struct Matrix2 {
  TensorId stored;
  std::int64_t offset = 0, stride = 0, rows = 1, columns = 1;
};

class Recurrent {
 public:
  Recurrent(Fuser& fuser, OpId id);

  void run();

 private:
  Matrix2 scratch(const std::string& name, std::int64_t columns);
  /// Y [T, D, B, H] holds every h; the steps write and read it in place.
  void place_outputs();
  Matrix2 h_at(std::int64_t time) const;
  Matrix2 initial_state(std::size_t input, const std::string& suffix);
  void place_last_states();
  /// Where a step leaves its cell state: the last one where the graph wants it.
  Matrix2 next_c(const std::string& name, bool last);
  Region product(const std::string& name, const Matrix2& in, std::size_t weight,
                 std::int64_t first_gate, std::int64_t gates, const Matrix2& out);
  void add_operand(Region& region, VectorStep step, const Matrix2& from, bool whole);
  VectorStep named(const std::string& what, std::uint32_t lane_ops) const;
  void finish_product(Region region);
  void project_inputs();
  /// Columns [first, first + count) gates of step `time` of the projected inputs.
  Matrix2 x_at(std::int64_t time, std::int64_t first, std::int64_t count) const;
  std::uint32_t cost(UnaryKind kind) const;
  void state(const std::string& name, const std::string& what, std::uint32_t lane_ops,
             const std::vector<Matrix2>& from, const Matrix2& to);
  void step(std::int64_t index);
  void lstm_step(const std::string& name, std::int64_t time, bool last);
  void gru_step(const std::string& name, std::int64_t time);
  void rnn_step(const std::string& name, std::int64_t time);

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

}  // namespace takt::fusing
