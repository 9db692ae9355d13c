// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the families of constant evaluation share.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/ir/fold.h"

namespace takt::folding {

using Strides = std::vector<std::int64_t>;

/// Elements between neighbours of each dimension of a dense tensor.
inline Strides dense_strides(const Shape& shape) {
  Strides strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// Strides that read a tensor of `shape` as if it were broadcast to `out`.
inline Strides broadcast_strides(const Shape& shape, const Shape& out) {
  const Strides dense = dense_strides(shape);
  Strides strides(out.size(), 0);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 1) strides[out.size() - shape.size() + i] = dense[i];
  }
  return strides;
}

/// Walks the elements of `shape` in order; `position()` is offset + sum(index * stride).
class Walk {
 public:
  Walk(const Shape& shape, Strides strides, std::int64_t offset = 0)
      : shape_(shape), strides_(std::move(strides)), index_(shape.size(), 0), position_(offset) {}
  std::size_t position() const { return static_cast<std::size_t>(position_); }
  void next() {
    for (std::size_t i = shape_.size(); i-- > 0;) {
      position_ += strides_[i];
      if (++index_[i] < shape_[i]) return;
      position_ -= strides_[i] * shape_[i];
      index_[i] = 0;
    }
  }

 private:
  const Shape& shape_;
  Strides strides_;
  std::vector<std::int64_t> index_;
  std::int64_t position_;
};

using Folded = std::optional<std::vector<ConstantData>>;

// fold_math.cpp
Folded unary(const Graph& graph, const Op& op, const TensorType& type);
Folded binary(const Graph& graph, const Op& op, const TensorType& type);
Folded sum(const Graph& graph, const Op& op, const TensorType& type);
Folded where(const Graph& graph, const Op& op, const TensorType& type);
Folded clip(const Graph& graph, const Op& op, const TensorType& type);
// fold_reduce.cpp
Folded reduce(const Graph& graph, const Op& op, const TensorType& type);
// fold_move.cpp
Folded reshape(const Graph& graph, const Op& op);
Folded transpose(const Graph& graph, const Op& op, const TensorType& type);
Folded slice(const Graph& graph, const Op& op, const TensorType& type);
Folded split(const Graph& graph, const Op& op, const std::vector<TensorType>& types);
Folded expand(const Graph& graph, const Op& op, const TensorType& type);
Folded concat(const Graph& graph, const Op& op, const TensorType& type);
Folded gather(const Graph& graph, const Op& op, const TensorType& type);
Folded pad(const Graph& graph, const Op& op, const TensorType& type);

}  // namespace takt::folding
