// SPDX-License-Identifier: Apache-2.0
// Activations that were taken apart. All are products of x with some function of it, so a product
// is taken apart first, in whatever order it was written, and its factors are looked at.
#include <algorithm>
#include <cmath>

#include "sim/workload/onnx_passes.h"

namespace takt {
namespace {

struct Product {
  double scale = 1;
  std::vector<TensorId> factors;
};

constexpr std::size_t kMostFactors = 4;

bool near(double a, double b) { return std::abs(a - b) <= std::abs(b) * 1e-3; }

/// Appends the factors of `op` (a product, or a quotient by a number) to `out`.
bool multiply_in(PatternMatcher& m, const Op& op, Product& out) {
  const BinaryKind kind = std::get<BinaryAttrs>(op.attributes).kind;
  if (kind == BinaryKind::kDiv) {
    const auto divisor = m.number(op.inputs[1]);
    if (!divisor || *divisor == 0) return false;
    out.scale /= *divisor;
    out.factors.push_back(op.inputs[0]);
    return true;
  }
  if (kind != BinaryKind::kMul) return false;
  for (const TensorId in : op.inputs) {
    const auto number = m.number(in);
    if (number) out.scale *= *number;
    if (!number) out.factors.push_back(in);
  }
  return true;
}

/// The factors of `id`, through products that nobody else reads.
Product factors_of(PatternMatcher& m, TensorId id) {
  Product out;
  out.factors.push_back(id);
  for (std::size_t i = 0; i < out.factors.size() && out.factors.size() <= kMostFactors;) {
    const TensorId factor = out.factors[i];
    const int maker = m.index().maker(factor);
    const bool inner = maker != GraphIndex::kNobody && !m.taken(maker) &&
                       m.op(maker).kind == OpKind::kBinary &&
                       m.only_reader(factor) != GraphIndex::kNobody;
    Product parts;
    if (!inner || !multiply_in(m, m.op(maker), parts)) {
      ++i;
      continue;
    }
    m.note(maker);
    out.factors.erase(out.factors.begin() + static_cast<std::ptrdiff_t>(i));
    out.factors.insert(out.factors.begin() + static_cast<std::ptrdiff_t>(i), parts.factors.begin(),
                       parts.factors.end());
    out.scale *= parts.scale;
  }
  return out;
}

/// The operand of a sum whose other operand is this number.
TensorId beside_number(PatternMatcher& m, TensorId id, double value) {
  const Op* sum = m.made_by(id, BinaryKind::kAdd);
  if (!sum) return {};
  if (m.is_number(sum->inputs[0], value)) return sum->inputs[1];
  return m.is_number(sum->inputs[1], value) ? sum->inputs[0] : TensorId{};
}

/// x³, written as a power or a product.
bool is_cube(PatternMatcher& m, const Product& product, TensorId x) {
  if (product.factors == std::vector<TensorId>{x, x, x}) return true;
  if (product.factors.size() != 1) return false;
  const Op* power = m.made_by(product.factors[0], BinaryKind::kPow);
  return power && power->inputs[0] == x && m.is_number(power->inputs[1], 3);
}

/// 1 + erf(x / √2)
bool is_erf_part(PatternMatcher& m, TensorId id, TensorId x) {
  const TensorId inner = beside_number(m, id, 1);
  const Op* erf = inner.valid() ? m.made_by(inner, UnaryKind::kErf) : nullptr;
  if (!erf) return false;
  const Product argument = factors_of(m, erf->inputs[0]);
  return argument.factors == std::vector<TensorId>{x} && near(argument.scale, std::sqrt(0.5));
}

/// 1 + tanh(√(2/π) (x + 0.044715 x³))
bool is_tanh_part(PatternMatcher& m, TensorId id, TensorId x) {
  const TensorId inner = beside_number(m, id, 1);
  const Op* tanh = inner.valid() ? m.made_by(inner, UnaryKind::kTanh) : nullptr;
  if (!tanh) return false;
  const Product argument = factors_of(m, tanh->inputs[0]);
  if (argument.factors.size() != 1 || !near(argument.scale, std::sqrt(2 / M_PI))) return false;
  const Op* sum = m.made_by(argument.factors[0], BinaryKind::kAdd);
  if (!sum) return false;
  for (const std::size_t at : {0, 1}) {
    if (sum->inputs[at] != x) continue;
    const Product cubic = factors_of(m, sum->inputs[1 - at]);
    if (near(cubic.scale, 0.044715) && is_cube(m, cubic, x)) return true;
  }
  return false;
}

/// clip(x + 3, 0, 6)
TensorId shifted_relu6(PatternMatcher& m, TensorId id) {
  const Op* clip = m.made_by(id, OpKind::kClip);
  if (!clip) return {};
  const auto& bounds = std::get<ClipAttrs>(clip->attributes);
  if (bounds.low != 0 || bounds.high != 6) return {};
  return beside_number(m, clip->inputs[0], 3);
}

/// The activation that x times `factor` times `scale` is.
std::optional<UnaryKind> kind_of(PatternMatcher& m, TensorId x, TensorId factor, double scale) {
  const std::size_t mark = m.mark();
  if (near(scale, 0.5)) {
    if (is_erf_part(m, factor, x)) return UnaryKind::kGelu;
    m.back_to(mark);
    if (is_tanh_part(m, factor, x)) return UnaryKind::kGeluTanh;
  } else if (near(scale, 1.0 / 6)) {
    if (shifted_relu6(m, factor) == x) return UnaryKind::kHardSwish;
  } else if (near(scale, 1)) {
    const Op* gate = m.made_by(factor, UnaryKind::kSigmoid);
    if (gate && gate->inputs[0] == x) return UnaryKind::kSwish;
    m.back_to(mark);
    gate = m.made_by(factor, UnaryKind::kTanh);
    const Op* softplus = gate ? m.made_by(gate->inputs[0], UnaryKind::kSoftplus) : nullptr;
    if (softplus && softplus->inputs[0] == x) return UnaryKind::kMish;
    m.back_to(mark);
    gate = m.made_by(factor, UnaryKind::kHardSigmoid);
    if (gate && gate->inputs[0] == x) {
      const auto& attrs = std::get<UnaryAttrs>(gate->attributes);
      if (near(attrs.alpha, 1.0 / 6) && near(attrs.beta, 0.5)) return UnaryKind::kHardSwish;
    }
  }
  m.back_to(mark);
  return std::nullopt;
}

void match_product(PatternMatcher& m, int i) {
  m.start();
  Product product;
  if (!multiply_in(m, m.op(i), product)) return;
  Product all;
  all.scale = product.scale;
  for (const TensorId factor : product.factors) {
    const Product inner = factors_of(m, factor);
    all.scale *= inner.scale;
    all.factors.insert(all.factors.end(), inner.factors.begin(), inner.factors.end());
  }
  const Shape& shape = m.graph().tensor(m.op(i).outputs[0]).shape;
  const auto put = [&](TensorId x, UnaryAttrs attrs) {
    if (!x.valid() || m.graph().tensor(x).shape != shape || !m.closed(i)) return false;
    m.replace(i, OpKind::kUnary, attrs, {x});
    return true;
  };
  if (all.factors.size() == 1 && near(all.scale, 1.0 / 6)) {
    put(shifted_relu6(m, all.factors[0]), {UnaryKind::kHardSigmoid, 1.0 / 6, 0.5});
  }
  if (all.factors.size() != 2) return;
  const std::size_t mark = m.mark();
  for (const std::size_t at : {0, 1}) {
    const auto kind = kind_of(m, all.factors[at], all.factors[1 - at], all.scale);
    if (kind && put(all.factors[at], {*kind})) return;
    m.back_to(mark);
  }
}

}  // namespace

void find_activations(Graph& graph) {
  PatternMatcher m(graph);
  // Backwards: the outermost product of a chain is tried before those inside it.
  for (int i = m.size(); i-- > 0;) {
    if (!m.taken(i) && m.op(i).kind == OpKind::kBinary) match_product(m, i);
  }
}

}  // namespace takt
