// SPDX-License-Identifier: Apache-2.0
// Constant evaluation of what only moves elements.
#include <cmath>

#include "sim/ir/fold_rules.h"

namespace takt::folding {
namespace {

Folded one(ConstantData data) { return std::vector<ConstantData>{std::move(data)}; }

/// The elements of `shape`, each from where `walk` stands.
ConstantData take(const ConstantData& from, const Shape& shape, Walk walk) {
  ConstantData out;
  std::visit(
      [&](const auto& values) {
        using Data = std::decay_t<decltype(values)>;
        if constexpr (!std::is_same_v<Data, std::monostate>) {
          Data taken(static_cast<std::size_t>(element_count(shape).value_or(0)));
          for (auto& value : taken) {
            value = values[walk.position()];
            walk.next();
          }
          out = std::move(taken);
        }
      },
      from);
  return out;
}

/// Writes the elements of `from` to where `walk` stands, one after the other.
void put(const ConstantData& from, ConstantData& to, Walk walk) {
  std::visit(
      [&](const auto& values) {
        using Data = std::decay_t<decltype(values)>;
        if constexpr (!std::is_same_v<Data, std::monostate>) {
          auto& target = std::get<Data>(to);
          for (const auto& value : values) {
            target[walk.position()] = value;
            walk.next();
          }
        }
      },
      from);
}

/// `count` elements of the type of `like`, each `value`.
ConstantData filled(const ConstantData& like, std::size_t count, double value) {
  if (std::holds_alternative<Tensor::FloatData>(like)) return Tensor::FloatData(count, value);
  return Tensor::IntData(count, std::abs(value) < 0x1p62 ? static_cast<std::int64_t>(value) : 0);
}

std::size_t count_of(const Shape& shape) {
  return static_cast<std::size_t>(element_count(shape).value_or(0));
}

}  // namespace

Folded reshape(const Graph& graph, const Op& op) {
  return one(graph.tensor(op.inputs[0]).constant);
}

Folded transpose(const Graph& graph, const Op& op, const TensorType& type) {
  const Tensor& x = graph.tensor(op.inputs[0]);
  const Strides dense = dense_strides(x.shape);
  Strides strides;
  for (const std::int64_t from : std::get<TransposeAttrs>(op.attributes).permutation) {
    strides.push_back(dense[static_cast<std::size_t>(from)]);
  }
  return one(take(x.constant, type.shape, Walk(type.shape, strides)));
}

Folded slice(const Graph& graph, const Op& op, const TensorType& type) {
  const Tensor& x = graph.tensor(op.inputs[0]);
  const auto& attrs = std::get<MoveAttrs>(op.attributes);
  Strides strides = dense_strides(x.shape);
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    offset += attrs.begin[i] * strides[i];
    // A step that leaves the tensor is never taken; keep its product from overflowing.
    strides[i] = type.shape[i] > 1 ? strides[i] * attrs.step[i] : 0;
  }
  return one(take(x.constant, type.shape, Walk(type.shape, strides, offset)));
}

Folded split(const Graph& graph, const Op& op, const std::vector<TensorType>& types) {
  const Tensor& x = graph.tensor(op.inputs[0]);
  const auto& attrs = std::get<MoveAttrs>(op.attributes);
  const Strides strides = dense_strides(x.shape);
  std::vector<ConstantData> out;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::int64_t offset = attrs.begin[i] * strides[static_cast<std::size_t>(attrs.axis)];
    out.push_back(take(x.constant, types[i].shape, Walk(types[i].shape, strides, offset)));
  }
  return out;
}

Folded expand(const Graph& graph, const Op& op, const TensorType& type) {
  const Tensor& x = graph.tensor(op.inputs[0]);
  return one(
      take(x.constant, type.shape, Walk(type.shape, broadcast_strides(x.shape, type.shape))));
}

Folded concat(const Graph& graph, const Op& op, const TensorType& type) {
  const auto at = static_cast<std::size_t>(std::get<MoveAttrs>(op.attributes).axis);
  const Strides strides = dense_strides(type.shape);
  const ConstantData& first = graph.tensor(op.inputs[0]).constant;
  ConstantData out = filled(first, count_of(type.shape), 0);
  std::int64_t offset = 0;
  for (const TensorId in : op.inputs) {
    const Tensor& x = graph.tensor(in);
    if (x.constant.index() != first.index()) return std::nullopt;
    put(x.constant, out, Walk(x.shape, strides, offset * strides[at]));
    offset += x.shape[at];
  }
  return one(std::move(out));
}

Folded gather(const Graph& graph, const Op& op, const TensorType& type) {
  const Tensor& table = graph.tensor(op.inputs[0]);
  const Tensor& indices = graph.tensor(op.inputs[1]);
  const auto* rows = std::get_if<Tensor::IntData>(&indices.constant);
  if (!rows) return std::nullopt;
  const auto at = static_cast<std::size_t>(std::get<MoveAttrs>(op.attributes).axis);
  const std::int64_t size = table.shape[at];
  const Shape rest(table.shape.begin() + static_cast<std::ptrdiff_t>(at) + 1, table.shape.end());
  const Shape before(table.shape.begin(), table.shape.begin() + static_cast<std::ptrdiff_t>(at));
  const std::size_t run = count_of(rest), outer = count_of(before);
  ConstantData out = filled(table.constant, count_of(type.shape), 0);
  std::size_t to = 0;
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::int64_t row : *rows) {
      if (row < 0) row += size;
      if (row < 0 || row >= size) return std::nullopt;
      const std::size_t from =
          (o * static_cast<std::size_t>(size) + static_cast<std::size_t>(row)) * run;
      for (std::size_t i = 0; i < run; ++i, ++to) {
        if (auto* whole = std::get_if<Tensor::IntData>(&out)) {
          (*whole)[to] = std::get<Tensor::IntData>(table.constant)[from + i];
        } else {
          std::get<Tensor::FloatData>(out)[to] =
              std::get<Tensor::FloatData>(table.constant)[from + i];
        }
      }
    }
  }
  return one(std::move(out));
}

Folded pad(const Graph& graph, const Op& op, const TensorType& type) {
  const auto& attrs = std::get<MoveAttrs>(op.attributes);
  if (attrs.mode != "constant") return std::nullopt;
  const Tensor& x = graph.tensor(op.inputs[0]);
  const Strides strides = dense_strides(type.shape);
  ConstantData out = filled(x.constant, count_of(type.shape), attrs.value);
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    if (attrs.begin[i] < 0 || attrs.end[i] < 0) return std::nullopt;
    offset += attrs.begin[i] * strides[i];
  }
  put(x.constant, out, Walk(x.shape, strides, offset));
  return one(std::move(out));
}

}  // namespace takt::folding
