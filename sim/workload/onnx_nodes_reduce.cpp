// SPDX-License-Identifier: Apache-2.0
// Reductions and searches along axes.
#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

/// `since` is the opset from which the axes are an operand.
void reduce(OnnxNode& node, ReduceKind kind, std::int64_t since) {
  if (!node.require(1)) return;
  const auto given = node.attribute_or_input("axes", 1, since);
  if (node.failed()) return;
  if ((!given || given->empty()) && node.int_attribute("noop_with_empty_axes", 0) != 0) {
    return node.set(0, node.in(0));
  }
  AxesAttrs attrs;
  attrs.reduce = kind;
  attrs.keep_dims = node.int_attribute("keepdims", 1) != 0;
  OnnxNode::Ints axes = given.value_or(OnnxNode::Ints{});
  for (std::int64_t i = 0; axes.empty() && i < node.rank(0); ++i) attrs.axes.push_back(i);
  if (!axes.empty()) attrs.axes = node.sorted_axes(axes, node.rank(0)).value_or(OnnxNode::Ints{});
  node.finish(OpKind::kReduce, attrs, {node.in(0)});
}

template <ReduceKind kKind>
void reduce_of(OnnxNode& node) {
  reduce(node, kKind, kKind == ReduceKind::kSum ? 13 : 18);
}

void arg(OnnxNode& node, ReduceKind kind) {
  if (!node.require(1)) return;
  AxesAttrs attrs;
  attrs.reduce = kind;
  attrs.axes = {node.axis(node.int_attribute("axis", 0), node.rank(0))};
  attrs.keep_dims = node.int_attribute("keepdims", 1) != 0;
  if (node.int_attribute("select_last_index", 0) != 0) attrs.k = -1;
  node.finish(OpKind::kArgMax, attrs, {node.in(0)});
}

void arg_max(OnnxNode& node) { arg(node, ReduceKind::kMax); }
void arg_min(OnnxNode& node) { arg(node, ReduceKind::kMin); }

void top_k(OnnxNode& node) {
  if (!node.require(node.opset() < 10 ? 1 : 2)) return;
  AxesAttrs attrs;
  attrs.axes = {node.axis(node.int_attribute("axis", -1), node.rank(0))};
  attrs.reduce = node.int_attribute("largest", 1) != 0 ? ReduceKind::kMax : ReduceKind::kMin;
  if (node.opset() < 10) {
    attrs.k = node.int_attribute("k", -1);
  } else {
    const auto k = node.ints_of(1, "k");
    if (k && k->size() != 1) node.fail("k is not one number");
    if (!node.failed()) attrs.k = k->front();
  }
  // Indices are made beside the values, also where nobody wants these.
  if (!node.wants(0) && !node.wants(1)) return;
  std::vector<std::string> outputs{node.wants(0) ? node.output_name(0)
                                                 : node.output_name(1) + ".values"};
  if (node.wants(1)) outputs.push_back(node.output_name(1));
  node.finish_all(OpKind::kTopK, attrs, {node.in(0)}, outputs);
}

}  // namespace

std::vector<OnnxConverter> onnx_reduce_operators() {
  return {{"ReduceSum", reduce_of<ReduceKind::kSum>},
          {"ReduceMean", reduce_of<ReduceKind::kMean>},
          {"ReduceMax", reduce_of<ReduceKind::kMax>},
          {"ReduceMin", reduce_of<ReduceKind::kMin>},
          {"ReduceProd", reduce_of<ReduceKind::kProd>},
          {"ReduceL1", reduce_of<ReduceKind::kL1>},
          {"ReduceL2", reduce_of<ReduceKind::kL2>},
          {"ReduceSumSquare", reduce_of<ReduceKind::kSumSquare>},
          {"ReduceLogSum", reduce_of<ReduceKind::kLogSum>},
          {"ReduceLogSumExp", reduce_of<ReduceKind::kLogSumExp>},
          {"ArgMax", arg_max},
          {"ArgMin", arg_min},
          {"TopK", top_k}};
}

}  // namespace takt
