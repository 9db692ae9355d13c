// SPDX-License-Identifier: Apache-2.0
// Constant evaluation of reductions.
#include <algorithm>

#include "sim/ir/fold_rules.h"

namespace takt::folding {
namespace {

using Int = std::int64_t;

std::size_t count_of(const Shape& shape) {
  return static_cast<std::size_t>(element_count(shape).value_or(0));
}

/// Whole numbers wrap, which only unsigned ones may.
Int add(Int a, Int b) {
  return static_cast<Int>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
Int mul(Int a, Int b) {
  return static_cast<Int>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
double add(double a, double b) { return a + b; }
double mul(double a, double b) { return a * b; }

/// One value of a reduction, from the elements in `values`.
template <class T>
std::optional<T> reduce_values(ReduceKind kind, const std::vector<T>& values) {
  if (values.empty() && kind != ReduceKind::kSum && kind != ReduceKind::kProd) return std::nullopt;
  T out = kind == ReduceKind::kProd ? T{1} : T{0};
  switch (kind) {
    case ReduceKind::kSum:
    case ReduceKind::kMean:
      for (const T value : values) out = add(out, value);
      return kind == ReduceKind::kMean ? out / static_cast<T>(values.size()) : out;
    case ReduceKind::kProd:
      for (const T value : values) out = mul(out, value);
      return out;
    case ReduceKind::kSumSquare:
      for (const T value : values) out = add(out, mul(value, value));
      return out;
    case ReduceKind::kMax: return *std::max_element(values.begin(), values.end());
    case ReduceKind::kMin: return *std::min_element(values.begin(), values.end());
    default: return std::nullopt;
  }
}

template <class T>
std::optional<std::vector<T>> reduce_all(const AxesAttrs& attrs, const Shape& shape,
                                         const std::vector<T>& values) {
  // Order the dimensions as [kept, reduced]: then each run of elements makes one value.
  Shape kept, reduced;
  Strides kept_strides, reduced_strides;
  const Strides strides = dense_strides(shape);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool away = attrs.axes.empty() || std::find(attrs.axes.begin(), attrs.axes.end(),
                                                      static_cast<Int>(i)) != attrs.axes.end();
    (away ? reduced : kept).push_back(shape[i]);
    (away ? reduced_strides : kept_strides).push_back(strides[i]);
  }
  std::vector<T> out(count_of(kept)), run(count_of(reduced));
  Walk outer(kept, kept_strides);
  for (T& result : out) {
    Walk inner(reduced, reduced_strides, static_cast<Int>(outer.position()));
    for (T& value : run) {
      value = values[inner.position()];
      inner.next();
    }
    const auto value = reduce_values(attrs.reduce, run);
    if (!value) return std::nullopt;
    result = *value;
    outer.next();
  }
  return out;
}

}  // namespace

Folded reduce(const Graph& graph, const Op& op, const TensorType& type) {
  const auto& attrs = std::get<AxesAttrs>(op.attributes);
  const Tensor& x = graph.tensor(op.inputs[0]);
  if (const auto* real = std::get_if<Tensor::FloatData>(&x.constant)) {
    auto out = reduce_all(attrs, x.shape, *real);
    if (!out) return std::nullopt;
    return std::vector<ConstantData>{
        convert(ConstantData(std::move(*out)), DType::kFp64, type.dtype)};
  }
  auto out = reduce_all(attrs, x.shape, std::get<Tensor::IntData>(x.constant));
  if (!out) return std::nullopt;
  for (Int& value : *out) value = wrap(type.dtype, value);
  return std::vector<ConstantData>{std::move(*out)};
}

}  // namespace takt::folding
