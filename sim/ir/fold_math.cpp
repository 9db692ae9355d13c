// SPDX-License-Identifier: Apache-2.0
// Constant evaluation of arithmetic.
#include <algorithm>
#include <cmath>

#include "sim/ir/fold_rules.h"

namespace takt::folding {
namespace {

using Int = std::int64_t;

Folded one(ConstantData data) { return std::vector<ConstantData>{std::move(data)}; }

std::size_t count_of(const Shape& shape) {
  return static_cast<std::size_t>(element_count(shape).value_or(0));
}

/// Sums and products of whole numbers wrap, which only unsigned ones may.
Int wrapping(Int a, Int b, BinaryKind kind) {
  const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
  const std::uint64_t out = kind == BinaryKind::kAdd   ? x + y
                            : kind == BinaryKind::kSub ? x - y
                                                       : x * y;
  return static_cast<Int>(out);
}

std::optional<Int> power(Int base, Int exponent) {
  if (exponent < 0) return std::nullopt;
  Int out = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) out = wrapping(out, base, BinaryKind::kMul);
    base = wrapping(base, base, BinaryKind::kMul);
  }
  return out;
}

std::optional<Int> divide(Int a, Int b) {
  if (b == 0) return std::nullopt;
  return b == -1 ? wrapping(0, a, BinaryKind::kSub) : a / b;
}

/// The remainder takes the divisor's sign (ONNX Mod with fmod = 0).
std::optional<Int> modulo(Int a, Int b) {
  if (b == 0) return std::nullopt;
  if (b == -1) return 0;
  const Int rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

std::optional<Int> apply(BinaryKind kind, Int a, Int b) {
  switch (kind) {
    case BinaryKind::kAdd:
    case BinaryKind::kSub:
    case BinaryKind::kMul: return wrapping(a, b, kind);
    case BinaryKind::kDiv: return divide(a, b);
    case BinaryKind::kMod: return modulo(a, b);
    case BinaryKind::kPow: return power(a, b);
    case BinaryKind::kMax: return std::max(a, b);
    case BinaryKind::kMin: return std::min(a, b);
    case BinaryKind::kEqual: return a == b;
    case BinaryKind::kLess: return a < b;
    case BinaryKind::kLessEqual: return a <= b;
    case BinaryKind::kGreater: return a > b;
    case BinaryKind::kGreaterEqual: return a >= b;
    case BinaryKind::kAnd: return a != 0 && b != 0;
    case BinaryKind::kOr: return a != 0 || b != 0;
    case BinaryKind::kXor: return (a != 0) != (b != 0);
    case BinaryKind::kPRelu: return a >= 0 ? a : wrapping(a, b, BinaryKind::kMul);
  }
  return std::nullopt;
}

double apply(BinaryKind kind, double a, double b) {
  switch (kind) {
    case BinaryKind::kAdd: return a + b;
    case BinaryKind::kSub: return a - b;
    case BinaryKind::kMul: return a * b;
    case BinaryKind::kDiv: return a / b;
    case BinaryKind::kMod: return std::fmod(a, b);
    case BinaryKind::kPow: return std::pow(a, b);
    case BinaryKind::kMax: return std::max(a, b);
    case BinaryKind::kMin: return std::min(a, b);
    case BinaryKind::kEqual: return a == b;
    case BinaryKind::kLess: return a < b;
    case BinaryKind::kLessEqual: return a <= b;
    case BinaryKind::kGreater: return a > b;
    case BinaryKind::kGreaterEqual: return a >= b;
    case BinaryKind::kAnd: return a != 0 && b != 0;
    case BinaryKind::kOr: return a != 0 || b != 0;
    case BinaryKind::kXor: return (a != 0) != (b != 0);
    case BinaryKind::kPRelu: return a >= 0 ? a : a * b;
  }
  return 0;
}

std::optional<double> apply(UnaryKind kind, double x) {
  switch (kind) {
    case UnaryKind::kIdentity: return x;
    case UnaryKind::kRelu: return std::max(x, 0.0);
    case UnaryKind::kSigmoid: return 1 / (1 + std::exp(-x));
    case UnaryKind::kTanh: return std::tanh(x);
    case UnaryKind::kErf: return std::erf(x);
    case UnaryKind::kExp: return std::exp(x);
    case UnaryKind::kLog: return std::log(x);
    case UnaryKind::kSqrt: return std::sqrt(x);
    case UnaryKind::kReciprocal: return 1 / x;
    case UnaryKind::kNeg: return -x;
    case UnaryKind::kAbs: return std::abs(x);
    case UnaryKind::kSign: return (x > 0) - (x < 0);
    case UnaryKind::kFloor: return std::floor(x);
    case UnaryKind::kCeil: return std::ceil(x);
    case UnaryKind::kRound: return std::nearbyint(x);
    case UnaryKind::kSin: return std::sin(x);
    case UnaryKind::kCos: return std::cos(x);
    default: return std::nullopt;
  }
}

std::optional<Int> apply(UnaryKind kind, Int x) {
  switch (kind) {
    case UnaryKind::kIdentity: return x;
    case UnaryKind::kRelu: return std::max<Int>(x, 0);
    case UnaryKind::kNeg: return wrapping(0, x, BinaryKind::kSub);
    case UnaryKind::kAbs: return x < 0 ? wrapping(0, x, BinaryKind::kSub) : x;
    case UnaryKind::kSign: return (x > 0) - (x < 0);
    case UnaryKind::kNot: return x == 0;
    default: return std::nullopt;
  }
}

/// Puts a float result where it belongs: rounded, or as 0 and 1 if it is a truth value.
ConstantData stored(Tensor::FloatData values, DType dtype) {
  return convert(ConstantData(std::move(values)), DType::kFp64, dtype);
}

const Tensor::FloatData* floats(const ConstantData& data) {
  return std::get_if<Tensor::FloatData>(&data);
}

std::optional<ConstantData> binary_of(BinaryKind kind, const Tensor& a, const Tensor& b,
                                      const TensorType& type) {
  const std::size_t count = count_of(type.shape);
  Walk at_a(type.shape, broadcast_strides(a.shape, type.shape));
  Walk at_b(type.shape, broadcast_strides(b.shape, type.shape));
  if (floats(a.constant) || floats(b.constant)) {
    const ConstantData x = convert(a.constant, a.dtype, DType::kFp64);
    const ConstantData y = convert(b.constant, b.dtype, DType::kFp64);
    Tensor::FloatData out(count);
    for (double& value : out) {
      value = apply(kind, (*floats(x))[at_a.position()], (*floats(y))[at_b.position()]);
      at_a.next(), at_b.next();
    }
    return stored(std::move(out), type.dtype);
  }
  const auto& x = std::get<Tensor::IntData>(a.constant);
  const auto& y = std::get<Tensor::IntData>(b.constant);
  Tensor::IntData out(count);
  for (Int& value : out) {
    const auto result = apply(kind, x[at_a.position()], y[at_b.position()]);
    if (!result) return std::nullopt;
    value = wrap(type.dtype, *result);
    at_a.next(), at_b.next();
  }
  return out;
}

}  // namespace

Folded unary(const Graph& graph, const Op& op, const TensorType& type) {
  const Tensor& x = graph.tensor(op.inputs[0]);
  const UnaryKind kind = std::get<UnaryAttrs>(op.attributes).kind;
  if (const auto* real = floats(x.constant)) {
    Tensor::FloatData out;
    for (const double element : *real) {
      const auto value = apply(kind, element);
      if (!value) return std::nullopt;
      out.push_back(*value);
    }
    return one(stored(std::move(out), type.dtype));
  }
  Tensor::IntData out;
  for (const Int element : std::get<Tensor::IntData>(x.constant)) {
    const auto value = apply(kind, element);
    if (!value) return std::nullopt;
    out.push_back(wrap(type.dtype, *value));
  }
  return one(std::move(out));
}

Folded binary(const Graph& graph, const Op& op, const TensorType& type) {
  auto data = binary_of(std::get<BinaryAttrs>(op.attributes).kind, graph.tensor(op.inputs[0]),
                        graph.tensor(op.inputs[1]), type);
  if (!data) return std::nullopt;
  return one(std::move(*data));
}

Folded sum(const Graph& graph, const Op& op, const TensorType& type) {
  Tensor total = graph.tensor(op.inputs[0]);
  for (std::size_t i = 1; i < op.inputs.size(); ++i) {
    const Tensor& next = graph.tensor(op.inputs[i]);
    const TensorType partial{*broadcast(total.shape, next.shape), type.dtype};
    auto data = binary_of(BinaryKind::kAdd, total, next, partial);
    if (!data) return std::nullopt;
    total.shape = partial.shape;
    total.constant = std::move(*data);
  }
  return one(std::move(total.constant));
}

Folded where(const Graph& graph, const Op& op, const TensorType& type) {
  const Tensor& a = graph.tensor(op.inputs[1]);
  const Tensor& b = graph.tensor(op.inputs[2]);
  const ConstantData mask =
      convert(graph.tensor(op.inputs[0]).constant, DType::kInt64, DType::kBool);
  const auto& choose = std::get<Tensor::IntData>(mask);
  Walk at(type.shape, broadcast_strides(graph.tensor(op.inputs[0]).shape, type.shape));
  Walk at_a(type.shape, broadcast_strides(a.shape, type.shape));
  Walk at_b(type.shape, broadcast_strides(b.shape, type.shape));
  const ConstantData b_data = convert(b.constant, b.dtype, type.dtype);
  ConstantData out;
  std::visit(
      [&](const auto& from_a) {
        using Data = std::decay_t<decltype(from_a)>;
        if constexpr (!std::is_same_v<Data, std::monostate>) {
          const auto& from_b = std::get<Data>(b_data);
          Data values(count_of(type.shape));
          for (auto& value : values) {
            value = choose[at.position()] ? from_a[at_a.position()] : from_b[at_b.position()];
            at.next(), at_a.next(), at_b.next();
          }
          out = std::move(values);
        }
      },
      a.constant);
  return one(std::move(out));
}

Folded clip(const Graph& graph, const Op& op, const TensorType& type) {
  const auto& attrs = std::get<ClipAttrs>(op.attributes);
  const auto* real = floats(graph.tensor(op.inputs[0]).constant);
  if (!real) return std::nullopt;
  Tensor::FloatData out(*real);
  for (double& value : out) value = std::min(std::max(value, attrs.low), attrs.high);
  return one(stored(std::move(out), type.dtype));
}

}  // namespace takt::folding
