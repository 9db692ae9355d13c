// SPDX-License-Identifier: Apache-2.0
// Softmax and normalisations.
#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

/// Axes first .. rank-1.
OnnxNode::Ints axes_from(std::int64_t first, std::int64_t rank) {
  OnnxNode::Ints axes;
  for (std::int64_t i = first; i < rank; ++i) axes.push_back(i);
  return axes;
}

/// Before opset 13 the input counts as a matrix that is cut at `axis`, so all axes from it on are
/// one.
void softmax(OnnxNode& node, bool logarithm) {
  if (!node.require(1)) return;
  AxesAttrs attrs;
  attrs.logarithm = logarithm;
  const bool flattens = node.opset() < 13;
  const std::int64_t given = node.int_attribute("axis", flattens ? 1 : -1);
  // A vector has no axis 1, the old default; cut there it is one column of rows.
  if (flattens && given == node.rank(0)) return node.unsupported("an axis behind the last one");
  const std::int64_t axis = node.axis(given, node.rank(0));
  attrs.axes = flattens ? axes_from(axis, node.rank(0)) : OnnxNode::Ints{axis};
  node.finish(OpKind::kSoftmax, attrs, {node.in(0)});
}

void plain_softmax(OnnxNode& node) { softmax(node, false); }
void log_softmax(OnnxNode& node) { softmax(node, true); }

std::vector<TensorId> up_to(const OnnxNode& node, std::size_t count) {
  std::vector<TensorId> inputs;
  for (std::size_t i = 0; i < count; ++i) inputs.push_back(node.in(i));
  while (!inputs.empty() && !inputs.back().valid()) inputs.pop_back();
  return inputs;
}

void layer_norm(OnnxNode& node) {
  if (!node.require(2)) return;
  AxesAttrs attrs;
  attrs.epsilon = node.float_attribute("epsilon", 1e-5);
  attrs.axes = axes_from(node.axis(node.int_attribute("axis", -1), node.rank(0)), node.rank(0));
  node.finish(OpKind::kLayerNorm, attrs, up_to(node, 3));
}

void group_norm(OnnxNode& node) {
  if (!node.require(3)) return;
  AxesAttrs attrs;
  attrs.epsilon = node.float_attribute("epsilon", 1e-5);
  attrs.groups = node.int_attribute("num_groups", 0);
  node.finish(OpKind::kGroupNorm, attrs, up_to(node, 3));
}

void instance_norm(OnnxNode& node) {
  if (!node.require(3)) return;
  AxesAttrs attrs;
  attrs.epsilon = node.float_attribute("epsilon", 1e-5);
  node.finish(OpKind::kInstanceNorm, attrs, up_to(node, 3));
}

void batch_norm(OnnxNode& node) {
  if (!node.require(5)) return;
  if (node.int_attribute("training_mode", 0) != 0) return node.unsupported("training_mode 1");
  if (node.int_attribute("spatial", 1) != 1) return node.unsupported("spatial 0");
  AxesAttrs attrs;
  attrs.epsilon = node.float_attribute("epsilon", 1e-5);
  node.finish(OpKind::kBatchNorm, attrs, up_to(node, 5));
}

}  // namespace

std::vector<OnnxConverter> onnx_norm_operators() {
  return {{"Softmax", plain_softmax},
          {"LogSoftmax", log_softmax},
          {"LayerNormalization", layer_norm},
          {"GroupNormalization", group_norm},
          {"InstanceNormalization", instance_norm},
          {"BatchNormalization", batch_norm}};
}

}  // namespace takt
