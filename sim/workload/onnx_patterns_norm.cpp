// SPDX-License-Identifier: Apache-2.0
// Norms that were taken apart: x / sqrt(mean(x²) + ε), and the same of x - mean(x).
#include <algorithm>

#include "sim/ir/shape.h"
#include "sim/workload/onnx_passes.h"

namespace takt {
namespace {

/// A norm as found: of `x` over `axes`, with or without its mean taken off.
struct Norm {
  TensorId x;
  std::vector<std::int64_t> axes;
  double epsilon = 0;
  bool centred = false;
};

bool is_mean(const Op* op) {
  if (!op) return false;
  const auto& attrs = std::get<AxesAttrs>(op->attributes);
  return attrs.reduce == ReduceKind::kMean && attrs.keep_dims && !attrs.axes.empty();
}

/// z of z² or z·z.
TensorId squared(PatternMatcher& m, TensorId id) {
  if (const Op* power = m.made_by(id, BinaryKind::kPow)) {
    return m.is_number(power->inputs[1], 2) ? power->inputs[0] : TensorId{};
  }
  const Op* product = m.made_by(id, BinaryKind::kMul);
  return product && product->inputs[0] == product->inputs[1] ? product->inputs[0] : TensorId{};
}

/// From sqrt(mean(z²) + ε) to z, its axes and ε.
bool root_mean_square(PatternMatcher& m, TensorId id, Norm& norm) {
  const Op* root = m.made_by(id, UnaryKind::kSqrt);
  const Op* sum = root ? m.made_by(root->inputs[0], BinaryKind::kAdd) : nullptr;
  if (!sum) return false;
  const std::size_t constant = m.number(sum->inputs[1]) ? 1 : 0;
  const auto epsilon = m.number(sum->inputs[constant]);
  const Op* mean = m.made_by(sum->inputs[1 - constant], OpKind::kReduce);
  if (!epsilon || !is_mean(mean)) return false;
  norm.epsilon = *epsilon;
  norm.axes = std::get<AxesAttrs>(mean->attributes).axes;
  norm.x = squared(m, mean->inputs[0]);
  return norm.x.valid();
}

/// x of x - mean(x) over the norm's axes.
TensorId centred(PatternMatcher& m, TensorId id, const Norm& norm) {
  const std::size_t mark = m.mark();
  const Op* difference = m.made_by(id, BinaryKind::kSub);
  const Op* mean = difference ? m.made_by(difference->inputs[1], OpKind::kReduce) : nullptr;
  if (is_mean(mean) && mean->inputs[0] == difference->inputs[0] &&
      std::get<AxesAttrs>(mean->attributes).axes == norm.axes) {
    return difference->inputs[0];
  }
  m.back_to(mark);
  return {};
}

/// Is `divided` what the root mean square was taken of? Then the norm's x is the outermost one.
bool finish_core(PatternMatcher& m, TensorId divided, Norm& norm) {
  const TensorId inner = centred(m, norm.x, norm);
  if (divided != norm.x) {  // written twice: both must be the same difference
    const TensorId again = centred(m, divided, norm);
    if (!again.valid() || again != inner) return false;
  }
  if (inner.valid()) {
    norm.x = inner;
    norm.centred = true;
  }
  return true;
}

/// x / rms, x * (1 / rms) or (1 / rms) * x, ending in op `i`.
bool match_core(PatternMatcher& m, int i, Norm& norm) {
  const Op& op = m.op(i);
  if (op.kind != OpKind::kBinary) return false;
  const BinaryKind kind = std::get<BinaryAttrs>(op.attributes).kind;
  if (kind == BinaryKind::kDiv) {
    m.start();
    return root_mean_square(m, op.inputs[1], norm) && finish_core(m, op.inputs[0], norm);
  }
  if (kind != BinaryKind::kMul) return false;
  for (const std::size_t at : {0, 1}) {
    m.start();
    TensorId root;
    if (const Op* inverse = m.made_by(op.inputs[at], UnaryKind::kReciprocal)) {
      root = inverse->inputs[0];
    } else if (const Op* quotient = m.made_by(op.inputs[at], BinaryKind::kDiv);
               quotient && m.is_number(quotient->inputs[0], 1)) {
      root = quotient->inputs[1];
    }
    if (root.valid() && root_mean_square(m, root, norm) &&
        finish_core(m, op.inputs[1 - at], norm)) {
      return true;
    }
  }
  return false;
}

/// May `id` be gamma or beta: a parameter that is the same outside the norm's axes?
bool is_factor(const Graph& graph, TensorId id, const Norm& norm) {
  const Tensor& factor = graph.tensor(id);
  const Shape& x = graph.tensor(norm.x).shape;
  if (factor.kind != TensorKind::kParameter || broadcast(x, factor.shape) != x) return false;
  const std::size_t shift = x.size() - factor.shape.size();
  for (std::size_t i = 0; i < factor.shape.size(); ++i) {
    const auto axis = static_cast<std::int64_t>(shift + i);
    const bool inside = std::find(norm.axes.begin(), norm.axes.end(), axis) != norm.axes.end();
    if (!inside && factor.shape[i] != 1) return false;
  }
  return true;
}

/// The operand that makes the op after `last`, an operator of this kind, part of the norm; moves
/// `last` to it.
TensorId absorb_next(PatternMatcher& m, int& last, BinaryKind kind, const Norm& norm) {
  const TensorId out = m.op(last).outputs[0];
  const int next = m.only_reader(out);
  if (next == GraphIndex::kNobody || m.op(next).kind != OpKind::kBinary) return {};
  const Op& op = m.op(next);
  if (std::get<BinaryAttrs>(op.attributes).kind != kind) return {};
  const TensorId factor = op.inputs[0] == out ? op.inputs[1] : op.inputs[0];
  if (!is_factor(m.graph(), factor, norm)) return {};
  m.note(last);
  last = next;
  return factor;
}

}  // namespace

void find_norms(Graph& graph) {
  PatternMatcher m(graph);
  for (int i = 0; i < m.size(); ++i) {
    Norm norm;
    if (m.taken(i) || !match_core(m, i, norm) || !m.closed(i)) continue;
    if (graph.tensor(norm.x).shape != graph.tensor(m.op(i).outputs[0]).shape) continue;
    int last = i;
    std::vector<TensorId> inputs{norm.x};
    const TensorId gamma = absorb_next(m, last, BinaryKind::kMul, norm);
    if (gamma.valid()) inputs.push_back(gamma);
    if (gamma.valid() && norm.centred) {
      const TensorId beta = absorb_next(m, last, BinaryKind::kAdd, norm);
      if (beta.valid()) inputs.push_back(beta);
    }
    AxesAttrs attrs;
    attrs.axes = norm.axes;
    attrs.epsilon = norm.epsilon;
    m.replace(last, norm.centred ? OpKind::kLayerNorm : OpKind::kRmsNorm, attrs, inputs);
  }
}

}  // namespace takt
