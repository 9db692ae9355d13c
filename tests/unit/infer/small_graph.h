// SPDX-License-Identifier: Apache-2.0
#pragma once
// Graphs of one op for tests of inference and evaluation.

#include <string>
#include <utility>
#include <vector>

#include "sim/ir/infer.h"

namespace takt::test {

/// Adds values and ops, and asks what becomes of them.
class SmallGraph {
 public:
  TensorId value(Shape shape, DType dtype = DType::kFp32,
                 TensorKind kind = TensorKind::kParameter) {
    Tensor tensor;
    tensor.name = "t" + std::to_string(graph.tensors.size());
    tensor.shape = std::move(shape);
    tensor.dtype = dtype;
    tensor.kind = kind;
    graph.tensors.push_back(tensor);
    return TensorId{static_cast<std::uint32_t>(graph.tensors.size() - 1)};
  }
  TensorId ints(Shape shape, std::vector<std::int64_t> values, DType dtype = DType::kInt64) {
    const TensorId id = value(std::move(shape), dtype);
    graph.tensor(id).constant = std::move(values);
    return id;
  }
  TensorId floats(Shape shape, std::vector<double> values, DType dtype = DType::kFp32) {
    const TensorId id = value(std::move(shape), dtype);
    graph.tensor(id).constant = std::move(values);
    return id;
  }
  /// An op named `op` with as many new outputs.
  Op& op(OpKind kind, Attributes attributes, std::vector<TensorId> inputs, std::size_t outputs = 1,
         DType made = DType::kFp32) {
    Op op;
    op.name = "op" + std::to_string(graph.ops.size());
    op.kind = kind;
    op.attributes = std::move(attributes);
    op.inputs = std::move(inputs);
    for (std::size_t i = 0; i < outputs; ++i) {
      op.outputs.push_back(value({}, made, TensorKind::kActivation));
    }
    graph.ops.push_back(op);
    return graph.ops.back();
  }
  /// `[2, 3] fp32` of each output, or the message of the error.
  std::string types() const {
    const auto result = infer_op(graph, graph.ops.back());
    if (!result) return result.errors().front().message;
    std::string text;
    for (const TensorType& type : *result) {
      text += (text.empty() ? "" : ", ") + to_string(type.shape) + " " +
              std::string(to_string(type.dtype));
    }
    return text;
  }

  Graph graph;
};

/// What one op makes of operands of these shapes.
inline std::string made(OpKind kind, Attributes attributes, const std::vector<Shape>& shapes,
                        std::size_t outputs = 1) {
  SmallGraph graph;
  std::vector<TensorId> inputs;
  for (const Shape& shape : shapes) inputs.push_back(graph.value(shape));
  graph.op(kind, std::move(attributes), std::move(inputs), outputs);
  return graph.types();
}

inline WindowAttrs window(std::int64_t kernel, std::int64_t stride = 1, std::int64_t pad = 0,
                          std::int64_t groups = 1, std::int64_t dilation = 1) {
  WindowAttrs w;
  for (int i = 0; i < 2; ++i) {
    w.kernel[i] = kernel;
    w.stride[i] = stride;
    w.pad_begin[i] = w.pad_end[i] = pad;
    w.dilation[i] = dilation;
  }
  w.groups = groups;
  return w;
}

inline MoveAttrs move_to(std::vector<std::int64_t> end) {
  MoveAttrs attrs;
  attrs.end = std::move(end);
  return attrs;
}

inline AxesAttrs axes(std::vector<std::int64_t> list, bool keep = true,
                      ReduceKind reduce = ReduceKind::kSum) {
  AxesAttrs attrs;
  attrs.axes = std::move(list);
  attrs.keep_dims = keep;
  attrs.reduce = reduce;
  return attrs;
}

}  // namespace takt::test
