// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small graphs for tests, each op's shapes inferred as it is added.

#include <string>
#include <utility>
#include <vector>

#include "sim/base/check.h"
#include "sim/ir/infer.h"

namespace takt::testing {

class GraphMaker {
 public:
  TensorId tensor(const std::string& name, Shape shape, TensorKind kind,
                  DType dtype = DType::kFp32) {
    Tensor made;
    made.name = name;
    made.shape = std::move(shape);
    made.kind = kind;
    made.dtype = dtype;
    graph.tensors.push_back(std::move(made));
    return {static_cast<std::uint32_t>(graph.tensors.size() - 1)};
  }
  TensorId input(Shape shape, DType dtype = DType::kFp32) {
    return tensor("in" + std::to_string(graph.tensors.size()), std::move(shape), TensorKind::kInput,
                  dtype);
  }
  TensorId parameter(Shape shape) {
    return tensor("p" + std::to_string(graph.tensors.size()), std::move(shape),
                  TensorKind::kParameter);
  }

  std::vector<TensorId> ops(OpKind kind, std::vector<TensorId> inputs, Attributes attributes,
                            std::size_t outputs, const std::string& name = "") {
    Op op;
    op.kind = kind;
    op.name = name.empty() ? "op" + std::to_string(graph.ops.size()) : name;
    op.inputs = std::move(inputs);
    op.attributes = std::move(attributes);
    for (std::size_t i = 0; i < outputs; ++i) {
      op.outputs.push_back(
          tensor(op.name + (i ? "." + std::to_string(i) : ""), {}, TensorKind::kActivation));
    }
    const auto types = infer_op(graph, op);
    CHECK(types.ok()) << to_string(types.errors());
    for (std::size_t i = 0; i < outputs; ++i) {
      graph.tensor(op.outputs[i]).shape = (*types)[i].shape;
      graph.tensor(op.outputs[i]).dtype = (*types)[i].dtype;
    }
    graph.ops.push_back(op);
    return op.outputs;
  }
  TensorId op(OpKind kind, std::vector<TensorId> inputs, Attributes attributes,
              const std::string& name = "") {
    return ops(kind, std::move(inputs), std::move(attributes), 1, name)[0];
  }

  const Shape& shape(TensorId id) const { return graph.tensor(id).shape; }

  TensorId conv(TensorId x, std::int64_t channels, std::int64_t kernel, std::int64_t stride = 1,
                std::int64_t pad = 0, std::int64_t groups = 1, const std::string& name = "") {
    WindowAttrs window;
    window.groups = groups;
    for (int i = 0; i < 2; ++i) {
      window.kernel[i] = kernel;
      window.stride[i] = stride;
      window.pad_begin[i] = window.pad_end[i] = pad;
    }
    const TensorId w = parameter({channels, shape(x)[1] / groups, kernel, kernel});
    return op(OpKind::kConv, {x, w, parameter({channels})}, window, name);
  }
  TensorId linear(TensorId x, std::int64_t features, const std::string& name = "") {
    const TensorId w = parameter({shape(x).back(), features});
    return op(OpKind::kMatMul, {x, w, parameter({features})}, MatMulAttrs{}, name);
  }
  TensorId matmul(TensorId a, TensorId b, bool transpose_b = false, const std::string& name = "") {
    MatMulAttrs attrs;
    attrs.transpose_b = transpose_b;
    return op(OpKind::kMatMul, {a, b}, attrs, name);
  }
  TensorId unary(UnaryKind kind, TensorId x, const std::string& name = "") {
    return op(OpKind::kUnary, {x}, UnaryAttrs{kind, 0, 0}, name);
  }
  TensorId binary(BinaryKind kind, TensorId a, TensorId b, const std::string& name = "") {
    return op(OpKind::kBinary, {a, b}, BinaryAttrs{kind}, name);
  }
  TensorId reshape(TensorId x, Shape to) {
    MoveAttrs attrs;
    attrs.end = std::move(to);
    return op(OpKind::kReshape, {x}, attrs);
  }
  TensorId transpose(TensorId x, std::vector<std::int64_t> order) {
    return op(OpKind::kTranspose, {x}, TransposeAttrs{std::move(order)});
  }
  TensorId concat(std::vector<TensorId> parts, std::int64_t axis, const std::string& name = "") {
    MoveAttrs attrs;
    attrs.axis = axis;
    return op(OpKind::kConcat, std::move(parts), attrs, name);
  }
  std::vector<TensorId> split(TensorId x, std::int64_t axis, std::int64_t parts) {
    MoveAttrs attrs;
    attrs.axis = axis;
    const std::int64_t each = shape(x)[static_cast<std::size_t>(axis)] / parts;
    for (std::int64_t i = 0; i < parts; ++i) {
      attrs.begin.push_back(i * each);
      attrs.end.push_back((i + 1) * each);
    }
    return ops(OpKind::kSplit, {x}, attrs, static_cast<std::size_t>(parts));
  }
  TensorId softmax(TensorId x, std::int64_t axis) {
    AxesAttrs attrs;
    attrs.axes = {axis};
    return op(OpKind::kSoftmax, {x}, attrs);
  }
  TensorId global_pool(TensorId x) {
    WindowAttrs window;
    window.global = true;
    return op(OpKind::kAveragePool, {x}, window);
  }
  TensorId max_pool(TensorId x, std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
    WindowAttrs window;
    for (int i = 0; i < 2; ++i) {
      window.kernel[i] = kernel;
      window.stride[i] = stride;
      window.pad_begin[i] = window.pad_end[i] = pad;
    }
    return op(OpKind::kMaxPool, {x}, window);
  }
  Graph& output(TensorId id) {
    graph.tensor(id).is_output = true;
    return graph;
  }

  Graph graph;
};

}  // namespace takt::testing
