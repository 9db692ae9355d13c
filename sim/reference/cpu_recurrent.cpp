// SPDX-License-Identifier: Apache-2.0
// LSTM, GRU and plain recurrent layers: whole matrices a step, by OpenBLAS.
#include <cblas.h>

#include <algorithm>
#include <cmath>

#include "sim/reference/cpu_node.h"

namespace takt::cpu {
namespace {

using Numbers = std::vector<double>;

/// The functions of a cell on numbers of the layer's type.
class Functions {
 public:
  Functions(DType type, bool quantised) : type_(type), quantised_(quantised), steps_(type) {}
  /// Rounded to the type as it is stored.
  double stored(double x) const { return quantised_ ? steps_.clamp(x) : rounded(type_, x); }
  /// A product of two quantised numbers, or a sum of such, in single units.
  double unit_back(double x) const {
    if (!quantised_) return rounded(type_, x);
    return steps_.clamp(static_cast<double>(nearest(static_cast<std::int64_t>(x), steps_.unit)));
  }
  double sigmoid(double x) const { return function(UnaryKind::kSigmoid, x); }
  double tanh(double x) const { return function(UnaryKind::kTanh, x); }
  double one() const { return quantised_ ? static_cast<double>(steps_.unit) : 1; }

 private:
  double function(UnaryKind kind, double x) const {
    UnaryAttrs attrs;
    attrs.kind = kind;
    if (!quantised_) return function_of(attrs, x);
    return steps_.of_real(function_of(attrs, x / static_cast<double>(steps_.unit)));
  }
  DType type_;
  bool quantised_;
  Steps steps_;
};

class Layer {
 public:
  explicit Layer(const Node& node)
      : node_(node),
        attrs_(node.attributes<RecurrentAttrs>()),
        quantised_(node.quantised(0)),
        f_(node.type(0), quantised_),
        kind_(node.op().kind) {
    const Shape& x = node.shape(0);
    steps_ = x[0];
    batch_ = x[1];
    inputs_ = x[2];
    hidden_ = attrs_.hidden;
    gates_ = kind_ == OpKind::kLstm ? 4 : kind_ == OpKind::kGru ? 3 : 1;
    wide_ = gates_ * hidden_;
    late_ = kind_ == OpKind::kGru && attrs_.linear_before_reset;
    r_ = node.input(2).x;
    bias_ = node.has(3) ? node.input(3).x : Numbers(size(2 * attrs_.directions * wide_), 0);
  }

  Made run() {
    const std::int64_t states = attrs_.directions * batch_ * hidden_;
    Made made;
    made.outputs.assign(3, Numbers(size(states), 0));
    made.outputs[0].resize(size(steps_ * states));
    if (node_.has(5)) made.outputs[1] = node_.input(5).x;
    if (node_.has(6)) made.outputs[2] = node_.input(6).x;
    project(made);
    for (std::int64_t d = 0; d < attrs_.directions; ++d) {
      const bool back = attrs_.directions == 2 ? d == 1 : attrs_.reverse;
      for (std::int64_t i = 0; i < steps_; ++i) step(made, d, back ? steps_ - 1 - i : i);
    }
    made.outputs.resize(node_.op().outputs.size());
    return made;
  }

 private:
  static std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

  /// out[rows, columns] = a[rows, k] times the transpose of b[columns, k].
  static Numbers times(const double* a, const double* b, std::int64_t rows, std::int64_t columns,
                       std::int64_t k) {
    Numbers out(size(rows * columns), 0);
    const auto m = static_cast<blasint>(rows), n = static_cast<blasint>(columns),
               length = static_cast<blasint>(k);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, length, 1.0, a, length, b, length,
                0.0, out.data(), n);
    return out;
  }

  void project(Made& made) {
    const Numbers x = node_.input(0).x, w = node_.input(1).x;
    const auto factor = static_cast<double>(bias_factor(inputs_));
    for (std::int64_t d = 0; d < attrs_.directions; ++d) {
      Numbers part =
          times(x.data(), w.data() + d * wide_ * inputs_, steps_ * batch_, wide_, inputs_);
      for (std::size_t i = 0; i < part.size(); ++i) {
        const std::int64_t column = static_cast<std::int64_t>(i) % wide_;
        const double* own = bias_.data() + 2 * d * wide_ + column;
        const bool behind = late_ && column >= 2 * hidden_;
        const double bias = own[0] + (behind ? 0 : own[wide_]);
        part[i] =
            quantised_ ? wrapped32(wrapped32(part[i]) + bias * factor) : f_.stored(part[i] + bias);
      }
      projected_.insert(projected_.end(), part.begin(), part.end());
    }
    if (quantised_) made.scale = bring_back(projected_, node_.type(0));
  }

  /// States times columns [first, first + count) of the recurrent weights.
  Numbers product(std::int64_t d, const Numbers& h, std::int64_t first, std::int64_t count) const {
    Numbers sums =
        times(h.data(), r_.data() + (d * wide_ + first) * hidden_, batch_, count, hidden_);
    const std::int64_t factor = bias_factor(hidden_);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const std::int64_t column = first + static_cast<std::int64_t>(i) % count;
      const bool behind = late_ && column >= 2 * hidden_;
      const double bias = behind ? bias_[size((2 * d + 1) * wide_ + column)] : 0;
      if (quantised_) {
        const double sum = wrapped32(wrapped32(sums[i]) + bias * static_cast<double>(factor));
        sums[i] =
            f_.stored(static_cast<double>(nearest(static_cast<std::int64_t>(sum), 4 * factor)));
      } else {
        sums[i] = f_.stored(sums[i] + bias);
      }
    }
    return sums;
  }

  void step(Made& made, std::int64_t d, std::int64_t time) {
    const std::int64_t each = batch_ * hidden_;
    double* h = made.outputs[1].data() + d * each;
    double* c = made.outputs[2].data() + d * each;
    const Numbers before(h, h + each);
    const double* x = projected_.data() + (d * steps_ + time) * batch_ * wide_;
    if (kind_ == OpKind::kLstm) lstm(product(d, before, 0, wide_), x, h, c);
    if (kind_ == OpKind::kGru) gru(d, before, x, h);
    if (kind_ == OpKind::kRnn) {
      const Numbers sums = product(d, before, 0, wide_);
      for (std::int64_t i = 0; i < each; ++i)
        h[i] = f_.stored(f_.tanh(f_.stored(sums[size(i)] + x[i])));
    }
    std::copy(h, h + each, made.outputs[0].begin() + (time * attrs_.directions + d) * each);
  }

  void lstm(const Numbers& sums, const double* x, double* h, double* c) const {
    for (std::int64_t i = 0; i < batch_ * hidden_; ++i) {
      const std::int64_t row = i / hidden_ * wide_ + i % hidden_;
      const auto gate = [&](std::int64_t g) {
        const std::int64_t at = row + g * hidden_;
        return f_.stored(sums[size(at)] + x[at]);
      };
      const double in = f_.sigmoid(gate(0)), out = f_.sigmoid(gate(1)), kept = f_.sigmoid(gate(2));
      c[i] = f_.unit_back(kept * c[i] + in * f_.tanh(gate(3)));
      h[i] = f_.unit_back(out * f_.tanh(c[i]));
    }
  }

  void gru(std::int64_t d, const Numbers& before, const double* x, double* h) const {
    const std::int64_t all = batch_ * hidden_, first = late_ ? 3 * hidden_ : 2 * hidden_;
    const Numbers sums = product(d, before, 0, first);
    Numbers update(size(all)), candidate(size(all));
    for (std::int64_t i = 0; i < all; ++i) {
      const std::int64_t b = i / hidden_, j = i % hidden_;
      const double* own = sums.data() + b * first + j;
      const double* in = x + b * wide_ + j;
      update[size(i)] = f_.sigmoid(f_.stored(own[0] + in[0]));
      const double reset = f_.sigmoid(f_.stored(own[hidden_] + in[hidden_]));
      if (late_) {
        const double part = reset * own[2 * hidden_];
        candidate[size(i)] = f_.tanh(quantised_ ? f_.stored(in[2 * hidden_] + f_.unit_back(part))
                                                : in[2 * hidden_] + part);
      } else {
        candidate[size(i)] = f_.unit_back(reset * before[size(i)]);
      }
    }
    if (!late_) {
      const Numbers again = product(d, candidate, 2 * hidden_, hidden_);
      for (std::int64_t i = 0; i < all; ++i) {
        const double in = x[i / hidden_ * wide_ + 2 * hidden_ + i % hidden_];
        candidate[size(i)] = f_.stored(f_.tanh(f_.stored(again[size(i)] + in)));
      }
    }
    for (std::int64_t i = 0; i < all; ++i) {
      const double z = update[size(i)];
      h[i] = f_.unit_back((f_.one() - z) * candidate[size(i)] + z * before[size(i)]);
    }
  }

  const Node& node_;
  const RecurrentAttrs& attrs_;
  bool quantised_;
  Functions f_;
  OpKind kind_;
  std::int64_t steps_ = 0, batch_ = 0, inputs_ = 0, hidden_ = 0, gates_ = 1, wide_ = 0;
  bool late_ = false;
  Numbers r_, bias_, projected_;
};

}  // namespace

Made recurrent(const Node& node) { return Layer(node).run(); }

}  // namespace takt::cpu
