// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/recurrent_layer.h"

#include <cmath>

#include "sim/functional/recurrent_rules.h"

namespace takt {
namespace {

using Numbers = std::vector<double>;

class Layer {
 public:
  Layer(const Semantics& semantics, OpId id, const NetworkValues& values)
      : rules_(semantics, id),
        kind_(semantics.op(id).kind),
        type_(semantics.dtype(semantics.op(id).inputs[0])) {
    const Op& op = semantics.op(id);
    const Shape& x = semantics.graph().tensor(op.inputs[0]).shape;
    steps_ = x[0];
    batch_ = x[1];
    wide_ = rules_.gates() * rules_.hidden();
    const auto numbers = [&](std::size_t input) {
      Numbers out;
      if (input >= op.inputs.size() || !op.inputs[input].valid()) return out;
      const TensorValues& from = values.tensors[op.inputs[input].index];
      for (std::int64_t i = 0; i < from.elements(); ++i) out.push_back(from.at(i));
      return out;
    };
    x_ = numbers(0);
    w_ = numbers(1);
    r_ = numbers(2);
    bias_ = numbers(3);
    h0_ = numbers(5);
    c0_ = numbers(6);
  }

  RecurrentResult run() {
    const std::int64_t states = rules_.directions() * batch_ * rules_.hidden();
    out_.y.assign(at(steps_ * states), 0);
    out_.h = h0_.empty() ? Numbers(at(states), 0) : h0_;
    out_.c = c0_.empty() ? Numbers(at(states), 0) : c0_;
    project();
    for (std::int64_t d = 0; d < rules_.directions(); ++d) {
      for (std::int64_t i = 0; i < steps_; ++i) step(d, rules_.backward(d) ? steps_ - 1 - i : i);
    }
    return std::move(out_);
  }

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
  static double dot(const double* a, const double* b, std::int64_t n) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
  }
  double bias(std::int64_t d, std::int64_t half, std::int64_t column) const {
    return bias_.empty() ? 0 : bias_[at((2 * d + half) * wide_ + column)];
  }

  // What does not depend on the step before: [direction][time * batch][gates * hidden], brought
  // back by one scale.
  void project() {
    const std::int64_t rows = steps_ * batch_, k = rules_.inputs();
    std::uint64_t magnitude = 0;
    for (std::int64_t d = 0; d < rules_.directions(); ++d) {
      for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t column = 0; column < wide_; ++column) {
          const double sum = dot(&x_[at(row * k)], &w_[at((d * wide_ + column) * k)], k);
          const double both =
              bias(d, 0, column) + (rules_.late_bias(column) ? 0 : bias(d, 1, column));
          projected_.push_back(rules_.wide_projection(sum, both));
          if (!info(type_).is_float) {
            magnitude += static_cast<std::uint64_t>(std::abs(projected_.back()));
          }
        }
      }
    }
    if (!info(type_).is_float) out_.scale = scale_for(magnitude, projected_.size(), type_);
    for (double& x : projected_) x = rules_.projection(x, out_.scale);
  }

  /// Column `column` of state `h` times the recurrent weights.
  double product(std::int64_t d, const double* h, std::int64_t column) const {
    const std::int64_t k = rules_.hidden();
    const double sum = dot(h, &r_[at((d * wide_ + column) * k)], k);
    return rules_.product(sum, rules_.late_bias(column) ? bias(d, 1, column) : 0);
  }

  void step(std::int64_t d, std::int64_t time) {
    const std::int64_t hidden = rules_.hidden();
    for (std::int64_t b = 0; b < batch_; ++b) {
      double* h = &out_.h[at((d * batch_ + b) * hidden)];
      double* c = &out_.c[at((d * batch_ + b) * hidden)];
      const double* x = &projected_[at(((d * steps_ + time) * batch_ + b) * wide_)];
      const Numbers before(h, h + hidden);
      if (kind_ == OpKind::kLstm) lstm(d, before.data(), x, h, c);
      if (kind_ == OpKind::kGru) gru(d, before.data(), x, h);
      for (std::int64_t j = 0; j < hidden && kind_ == OpKind::kRnn; ++j) {
        h[j] = rules_.tanh(rules_.add(product(d, before.data(), j), x[j]));
      }
      for (std::int64_t j = 0; j < hidden; ++j) {
        out_.y[at(((time * rules_.directions() + d) * batch_ + b) * hidden + j)] = h[j];
      }
    }
  }

  void lstm(std::int64_t d, const double* before, const double* x, double* h, double* c) {
    const std::int64_t hidden = rules_.hidden();
    for (std::int64_t j = 0; j < hidden; ++j) {
      const auto gate = [&](std::int64_t g) {
        return rules_.add(product(d, before, g * hidden + j), x[g * hidden + j]);
      };
      c[j] = rules_.lstm_cell(gate(0), gate(2), gate(3), c[j]);
      h[j] = rules_.lstm_hidden(gate(1), c[j]);
    }
  }

  void gru(std::int64_t d, const double* before, const double* x, double* h) {
    const std::int64_t hidden = rules_.hidden();
    const auto gate = [&](std::int64_t g, std::int64_t j) {
      return rules_.add(product(d, before, g * hidden + j), x[g * hidden + j]);
    };
    Numbers reset(at(hidden));
    for (std::int64_t j = 0; j < hidden && !rules_.resets_after(); ++j) {
      reset[at(j)] = rules_.gru_reset(gate(1, j), before[j]);
    }
    for (std::int64_t j = 0; j < hidden; ++j) {
      const double candidate =
          rules_.resets_after() ? rules_.gru_late_candidate(x[2 * hidden + j], gate(1, j),
                                                            product(d, before, 2 * hidden + j))
                                : rules_.tanh(rules_.add(product(d, reset.data(), 2 * hidden + j),
                                                         x[2 * hidden + j]));
      h[j] = rules_.gru_hidden(gate(0, j), candidate, before[j]);
    }
  }

  RecurrentRules rules_;
  OpKind kind_;
  DType type_;
  std::int64_t steps_ = 0, batch_ = 0, wide_ = 0;
  Numbers x_, w_, r_, bias_, h0_, c0_, projected_;
  RecurrentResult out_;
};

}  // namespace

RecurrentResult recurrent_layer(const Semantics& semantics, OpId op, const NetworkValues& values) {
  return Layer(semantics, op, values).run();
}

}  // namespace takt
