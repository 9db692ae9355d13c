// SPDX-License-Identifier: Apache-2.0
// What stands beside a matrix operator and can be part of it: padding, batch norm, bias.
#include <algorithm>
#include <cmath>

#include "sim/ir/fold.h"
#include "sim/ir/shape.h"
#include "sim/workload/onnx_passes.h"

namespace takt {
namespace {

bool is_parameter(const Graph& graph, TensorId id) {
  return graph.tensor(id).kind == TensorKind::kParameter;
}

/// Only the image of x, with zeros, and nothing taken away.
bool pads_image_with_zeros(const Graph& graph, const Op& pad) {
  const auto& attrs = std::get<MoveAttrs>(pad.attributes);
  if (attrs.mode != "constant" || attrs.value != 0) return false;
  const std::size_t rank = graph.tensor(pad.inputs[0]).shape.size();
  if (rank != 3 && rank != 4) return false;
  for (std::size_t i = 0; i < rank; ++i) {
    const bool image = i >= 2;
    if (attrs.begin[i] < 0 || attrs.end[i] < 0) return false;
    if (!image && (attrs.begin[i] != 0 || attrs.end[i] != 0)) return false;
  }
  return true;
}

/// What a batch norm does to channel c: y = x * scale[c] + shift[c], with
/// scale = gamma / sqrt(variance + epsilon), shift = beta - mean * scale.
struct Affine {
  std::vector<double> scale, shift;
};

const Tensor::FloatData* values(const Graph& graph, const Op& op, std::size_t i) {
  if (i >= op.inputs.size() || !op.inputs[i].valid()) return nullptr;
  return std::get_if<Tensor::FloatData>(&graph.tensor(op.inputs[i]).constant);
}

std::optional<Affine> affine_of(const Graph& graph, const Op& norm) {
  const auto *gamma = values(graph, norm, 1), *beta = values(graph, norm, 2),
             *mean = values(graph, norm, 3), *variance = values(graph, norm, 4);
  if (!gamma || !beta || !mean || !variance) return std::nullopt;
  Affine out;
  for (std::size_t c = 0; c < gamma->size(); ++c) {
    const double epsilon = std::get<AxesAttrs>(norm.attributes).epsilon;
    out.scale.push_back((*gamma)[c] / std::sqrt((*variance)[c] + epsilon));
    out.shift.push_back((*beta)[c] - (*mean)[c] * out.scale.back());
  }
  return out;
}

/// The output channel of element `i` of a weight.
std::size_t channel_of(const Op& op, const Shape& shape, std::size_t i) {
  const auto size = [&](std::size_t d) { return static_cast<std::size_t>(shape[d]); };
  if (op.kind == OpKind::kConv)
    return i / static_cast<std::size_t>(product(shape, 1, shape.size()));
  if (op.kind == OpKind::kMatMul) {
    return std::get<MatMulAttrs>(op.attributes).transpose_b ? i / size(1) : i % size(1);
  }
  // ConvTranspose: [C, O/g, R, S], group by group of C.
  const auto groups = static_cast<std::size_t>(std::get<WindowAttrs>(op.attributes).groups);
  const auto window = static_cast<std::size_t>(product(shape, 2, shape.size()));
  const std::size_t group = i / window / size(1) / (size(0) / groups);
  return group * size(1) + i / window % size(1);
}

TensorId add_parameter(Graph& graph, std::string name, Shape shape, DType dtype,
                       ConstantData data) {
  Tensor tensor;
  tensor.name = std::move(name);
  tensor.shape = std::move(shape);
  tensor.dtype = dtype;
  tensor.kind = TensorKind::kParameter;
  tensor.constant = std::move(data);
  graph.tensors.push_back(std::move(tensor));
  return TensorId{static_cast<std::uint32_t>(graph.tensors.size() - 1)};
}

/// Weights and bias that do what `op` and then `norm` did. Their values are known only if all were.
void absorb(Graph& graph, Op& op, const Op& norm, std::int64_t channels) {
  const auto affine = affine_of(graph, norm);
  const Tensor weight = graph.tensor(op.inputs[1]);
  ConstantData scaled, shifted;
  const auto* old = std::get_if<Tensor::FloatData>(&weight.constant);
  const bool has_bias = op.inputs.size() > 2 && op.inputs[2].valid();
  const auto* old_bias = has_bias ? values(graph, op, 2) : nullptr;
  if (affine && old && (!has_bias || old_bias)) {
    Tensor::FloatData w(*old), b(affine->shift);
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] = round_to(weight.dtype, w[i] * affine->scale[channel_of(op, weight.shape, i)]);
    }
    for (std::size_t c = 0; c < b.size(); ++c) {
      b[c] = round_to(weight.dtype, b[c] + (old_bias ? (*old_bias)[c] * affine->scale[c] : 0));
    }
    scaled = std::move(w);
    shifted = std::move(b);
  }
  op.inputs[1] = add_parameter(graph, weight.name, weight.shape, weight.dtype, std::move(scaled));
  op.inputs.resize(3);
  op.inputs[2] =
      add_parameter(graph, norm.name + ".bias", {channels}, weight.dtype, std::move(shifted));
}

bool can_absorb(const Graph& graph, const Op& op, const Op& norm) {
  if (op.kind == OpKind::kMatMul) {
    const auto& attrs = std::get<MatMulAttrs>(op.attributes);
    if (graph.tensor(op.outputs[0]).shape.size() != 2 || attrs.alpha != 1 || attrs.beta != 1) {
      return false;
    }
  } else if (op.kind != OpKind::kConv && op.kind != OpKind::kConvTranspose) {
    return false;
  }
  for (std::size_t i = 1; i < op.inputs.size(); ++i) {
    if (op.inputs[i].valid() && !is_parameter(graph, op.inputs[i])) return false;
  }
  for (std::size_t i = 1; i < norm.inputs.size(); ++i) {
    if (norm.inputs[i].valid() && !is_parameter(graph, norm.inputs[i])) return false;
  }
  return info(graph.tensor(op.inputs[1]).dtype).is_float;
}

}  // namespace

void fold_pads(Graph& graph) {
  PatternMatcher matcher(graph);
  for (int i = 0; i < matcher.size(); ++i) {
    if (matcher.op(i).kind != OpKind::kConv) continue;
    matcher.start();
    const Op* pad = matcher.made_by(matcher.op(i).inputs[0], OpKind::kPad);
    if (!pad || !matcher.closed(i) || !pads_image_with_zeros(graph, *pad)) continue;
    auto window = std::get<WindowAttrs>(matcher.op(i).attributes);
    const auto& pads = std::get<MoveAttrs>(pad->attributes);
    for (std::size_t d = 2; d < pads.begin.size(); ++d) {
      window.pad_begin[d - 2] += pads.begin[d];
      window.pad_end[d - 2] += pads.end[d];
    }
    std::vector<TensorId> inputs = matcher.op(i).inputs;
    inputs[0] = pad->inputs[0];
    matcher.replace(i, OpKind::kConv, window, inputs);
  }
}

void fold_batch_norms(Graph& graph) {
  PatternMatcher matcher(graph);
  for (int i = 0; i < matcher.size(); ++i) {
    const Op& norm = matcher.op(i);
    if (norm.kind != OpKind::kBatchNorm) continue;
    const TensorId x = norm.inputs[0];
    const int before = matcher.index().maker(x);
    if (before == GraphIndex::kNobody || matcher.only_reader(x) != i) continue;
    Op& op = matcher.op(before);
    if (!can_absorb(graph, op, norm)) continue;
    absorb(graph, op, norm, graph.tensor(x).shape[1]);
    // The norm goes, its result is the operator's now.
    op.outputs[0] = norm.outputs[0];
    matcher.op(i).outputs[0] = TensorId{};
  }
}

void fold_biases(Graph& graph) {
  PatternMatcher matcher(graph);
  for (int i = 0; i < matcher.size(); ++i) {
    Op& op = matcher.op(i);
    if (op.kind != OpKind::kMatMul || op.inputs.size() != 2) continue;
    const TensorId product = op.outputs[0];
    const int next = matcher.only_reader(product);
    if (next == GraphIndex::kNobody || matcher.op(next).kind != OpKind::kBinary) continue;
    Op& add = matcher.op(next);
    if (std::get<BinaryAttrs>(add.attributes).kind != BinaryKind::kAdd) continue;
    const TensorId bias = add.inputs[0] == product ? add.inputs[1] : add.inputs[0];
    if (!is_parameter(graph, bias) || !is_parameter(graph, op.inputs[1])) continue;
    if (graph.tensor(bias).shape != Shape{graph.tensor(product).shape.back()}) continue;
    op.inputs.push_back(bias);
    op.outputs[0] = add.outputs[0];
    add.outputs[0] = TensorId{};
  }
}

}  // namespace takt
