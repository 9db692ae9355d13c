// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/recurrent_rules.h"

#include <cmath>

namespace takt {

bool is_recurrent(OpKind kind) {
  return kind == OpKind::kLstm || kind == OpKind::kGru || kind == OpKind::kRnn;
}

RecurrentRules::RecurrentRules(const Semantics& semantics, OpId id) {
  const Op& op = semantics.op(id);
  const auto& attrs = std::get<RecurrentAttrs>(op.attributes);
  type_ = semantics.dtype(op.inputs[0]);
  quantised_ = semantics.quantised(op.inputs[0]);
  gates_ = op.kind == OpKind::kLstm ? 4 : op.kind == OpKind::kGru ? 3 : 1;
  hidden_ = attrs.hidden;
  inputs_ = semantics.graph().tensor(op.inputs[0]).shape[2];
  directions_ = attrs.directions;
  reverse_ = attrs.reverse;
  resets_after_ = op.kind == OpKind::kGru && attrs.linear_before_reset;
  if (!quantised_) return;
  unit_ = unit_of(type_);
  UnaryAttrs function;
  function.kind = UnaryKind::kSigmoid;
  sigmoid_ = unary_table(function, type_);
  function.kind = UnaryKind::kTanh;
  tanh_ = unary_table(function, type_);
}

double RecurrentRules::narrow(double real) const { return rounded(type_, real); }

double RecurrentRules::narrow(std::int64_t over_unit) const {
  return static_cast<double>(saturate(round_div(over_unit, unit_), type_));
}

double RecurrentRules::looked_up(const std::vector<std::int32_t>& table, double x) const {
  return table[static_cast<std::size_t>(static_cast<std::int64_t>(x) + largest_of(type_) + 1)];
}

double RecurrentRules::wide_projection(double sum, double bias) const {
  if (!quantised_) return sum + bias;
  const auto factor = static_cast<double>(std::int64_t{1} << bias_shift(inputs_));
  return rounded(DType::kInt32, rounded(DType::kInt32, sum) + bias * factor);
}

double RecurrentRules::projection(double wide, Scale scale) const {
  if (!quantised_) return narrow(wide);
  return static_cast<double>(requantise(static_cast<std::int64_t>(wide), scale, type_));
}

// 2^(6 + floor(floor(log2 H) / 2)): states are below the unit and weights below 128, so products of
// either sign add up to a few units at most.
double RecurrentRules::product(double sum, double late_bias) const {
  if (!quantised_) return narrow(sum + late_bias);
  const std::int64_t shift = bias_shift(hidden_);
  const auto factor = static_cast<double>(std::int64_t{1} << shift);
  const double wide = rounded(DType::kInt32, rounded(DType::kInt32, sum) + late_bias * factor);
  return static_cast<double>(
      saturate(round_div(static_cast<std::int64_t>(wide), std::int64_t{4} << shift), type_));
}

double RecurrentRules::add(double a, double b) const {
  if (!quantised_) return narrow(a + b);
  return static_cast<double>(saturate(static_cast<std::int64_t>(a + b), type_));
}

double RecurrentRules::sigmoid(double x) const {
  return quantised_ ? looked_up(sigmoid_, x) : 1 / (1 + std::exp(-x));
}

double RecurrentRules::tanh(double x) const {
  return quantised_ ? looked_up(tanh_, x) : narrow(std::tanh(x));
}

double RecurrentRules::lstm_cell(double input, double forget, double candidate, double cell) const {
  if (!quantised_) return narrow(sigmoid(forget) * cell + sigmoid(input) * std::tanh(candidate));
  const double sum = sigmoid(forget) * cell + sigmoid(input) * tanh(candidate);
  return narrow(static_cast<std::int64_t>(sum));
}

double RecurrentRules::lstm_hidden(double output, double cell) const {
  if (!quantised_) return narrow(sigmoid(output) * std::tanh(cell));
  return narrow(static_cast<std::int64_t>(sigmoid(output) * tanh(cell)));
}

double RecurrentRules::gru_reset(double reset, double hidden) const {
  if (!quantised_) return narrow(sigmoid(reset) * hidden);
  return narrow(static_cast<std::int64_t>(sigmoid(reset) * hidden));
}

double RecurrentRules::gru_late_candidate(double x, double reset, double product) const {
  if (!quantised_) return std::tanh(x + sigmoid(reset) * product);
  return tanh(add(x, narrow(static_cast<std::int64_t>(sigmoid(reset) * product))));
}

double RecurrentRules::gru_hidden(double update, double candidate, double hidden) const {
  const double z = sigmoid(update);
  if (!quantised_) return narrow((1 - z) * candidate + z * hidden);
  const double sum = (static_cast<double>(unit_) - z) * candidate + z * hidden;
  return narrow(static_cast<std::int64_t>(sum));
}

}  // namespace takt
