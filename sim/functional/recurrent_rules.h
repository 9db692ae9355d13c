// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the parts of an LSTM, GRU or plain recurrent layer compute, number by number
// (docs/values.md, "Recurrent layers"). The oracle calls them on whole tensors, the player on what
// lies in slots.

#include <cstdint>
#include <vector>

#include "sim/functional/semantics.h"

namespace takt {

/// Every number that is stored in between (projections, gates, states) is rounded to the layer's
/// type; quantised numbers saturate.
class RecurrentRules {
 public:
  RecurrentRules(const Semantics& semantics, OpId op);

  std::int64_t gates() const { return gates_; }
  std::int64_t hidden() const { return hidden_; }
  std::int64_t inputs() const { return inputs_; }
  std::int64_t directions() const { return directions_; }
  bool resets_after() const { return resets_after_; }
  /// Does direction `d` run from the last step to the first?
  bool backward(std::int64_t d) const { return directions_ == 2 ? d == 1 : reverse_; }
  /// Are the second half's biases of this column added behind the reset gate, not before?
  bool late_bias(std::int64_t column) const { return resets_after_ && column >= 2 * hidden_; }

  /// A projected input of its sum of products; `bias` = what the column adds, 0 if nothing.
  double wide_projection(double sum, double bias) const;
  double projection(double wide, Scale scale) const;
  /// A product with the recurrent weights, brought back by a fixed factor.
  double product(double sum, double late_bias) const;
  /// Two numbers of the layer's type.
  double add(double a, double b) const;
  double sigmoid(double x) const;
  double tanh(double x) const;
  /// f c + i g and o tanh(c) of an LSTM, from gates before their functions.
  double lstm_cell(double input, double forget, double candidate, double cell) const;
  double lstm_hidden(double output, double cell) const;
  /// sigmoid(r) h of a GRU.
  double gru_reset(double reset, double hidden) const;
  /// tanh(x + sigmoid(r) n): the candidate where the reset comes after the product.
  double gru_late_candidate(double x, double reset, double product) const;
  /// (1 - sigmoid(z)) n + sigmoid(z) h
  double gru_hidden(double update, double candidate, double hidden) const;

 private:
  double narrow(double real) const;             ///< of floats
  double narrow(std::int64_t over_unit) const;  ///< of quantised numbers, in units squared
  double looked_up(const std::vector<std::int32_t>& table, double x) const;

  DType type_;
  bool quantised_;
  std::int64_t unit_ = 1, gates_ = 1, hidden_ = 1, inputs_ = 1, directions_ = 1;
  bool reverse_ = false, resets_after_ = false;
  std::vector<std::int32_t> sigmoid_, tanh_;
};

bool is_recurrent(OpKind kind);

}  // namespace takt
