// SPDX-License-Identifier: Apache-2.0
#pragma once
// One operator on whole tensors, as the parts of `--check cpu` see it.

#include <cstdint>
#include <vector>

#include "sim/functional/network_values.h"
#include "sim/functional/semantics.h"
#include "sim/reference/cpu_numbers.h"

namespace takt::cpu {

/// A whole tensor as numbers, row-major.
struct Array {
  Shape shape;
  std::vector<double> x;
  std::int64_t size() const { return static_cast<std::int64_t>(x.size()); }
};

/// What an operator makes. `wide` results are brought back by a factor of their own afterwards.
struct Made {
  std::vector<std::vector<double>> outputs;
  bool wide = false;
  Scale scale;  ///< of an operator that brings its results back itself
};

class Node {
 public:
  /// Of `semantics` the graph and the types alone are used.
  Node(const Semantics& semantics, OpId id, const NetworkValues& values)
      : semantics_(semantics), op_(semantics.op(id)), values_(values) {}

  const Op& op() const { return op_; }
  template <class Attrs>
  const Attrs& attributes() const {
    return std::get<Attrs>(op_.attributes);
  }
  bool has(std::size_t i) const { return i < op_.inputs.size() && op_.inputs[i].valid(); }
  const Shape& shape(std::size_t i) const { return semantics_.graph().tensor(op_.inputs[i]).shape; }
  DType type(std::size_t i) const { return semantics_.dtype(op_.inputs[i]); }
  bool quantised(std::size_t i) const { return semantics_.quantised(op_.inputs[i]); }
  Array input(std::size_t i) const {
    Array out;
    out.shape = shape(i);
    const TensorValues& from = values_.tensors[op_.inputs[i].index];
    out.x.resize(static_cast<std::size_t>(from.elements()));
    for (std::size_t k = 0; k < out.x.size(); ++k) out.x[k] = from.at(static_cast<std::int64_t>(k));
    return out;
  }
  /// An operand stretched to a shape, as ONNX and NumPy broadcast.
  std::vector<double> stretched(std::size_t i, const Shape& to) const;

  const Shape& out_shape(std::size_t i = 0) const {
    return semantics_.graph().tensor(op_.outputs[i]).shape;
  }
  std::int64_t out_size(std::size_t i = 0) const { return semantics_.elements(op_.outputs[i]); }
  DType out_type() const { return semantics_.dtype(op_.outputs[0]); }
  bool quantised() const { return semantics_.quantised(op_.outputs[0]); }
  bool whole() const { return !info(out_type()).is_float; }

 private:
  const Semantics& semantics_;
  const Op& op_;
  const NetworkValues& values_;
};

/// Calls visit(position) for every index of `shape` in order; position = offset + the sum of index
/// times stride.
template <class Visit>
void walk(const Shape& shape, const std::vector<std::int64_t>& strides, std::int64_t offset,
          const Visit& visit) {
  std::int64_t total = 1;
  for (const std::int64_t extent : shape) total *= extent;
  std::vector<std::int64_t> index(shape.size(), 0);
  std::int64_t position = offset;
  for (std::int64_t i = 0; i < total; ++i) {
    visit(position);
    for (std::size_t d = shape.size(); d-- > 0;) {
      position += strides[d];
      if (++index[d] < shape[d]) break;
      position -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

/// Elements between neighbours of each dimension of a row-major tensor.
std::vector<std::int64_t> steps_of(const Shape& shape);

Made matrix_product(const Node& node);
Made convolution(const Node& node);
Made transposed_convolution(const Node& node);
Made elementwise(const Node& node);
Made over_rows(const Node& node);
Made over_windows(const Node& node);
Made moved(const Node& node);
Made recurrent(const Node& node);

}  // namespace takt::cpu
