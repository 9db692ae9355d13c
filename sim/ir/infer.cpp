// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/infer.h"

#include <array>

#include "sim/ir/infer_rules.h"
#include "sim/ir/macs.h"

namespace takt {
namespace {

using rules::OpView;
using rules::Types;

constexpr std::size_t kMany = SIZE_MAX;

/// What an OpKind may have, and its rule. `attributes` is an index into the variant Attributes.
struct KindRule {
  OpKind kind;
  std::size_t inputs_min, inputs_max, outputs_max, attributes;
  rules::Rule rule;
};

template <class Attrs>
constexpr std::size_t holds() {
  constexpr std::array matches{
      std::is_same_v<Attrs, std::monostate>, std::is_same_v<Attrs, WindowAttrs>,
      std::is_same_v<Attrs, MatMulAttrs>,    std::is_same_v<Attrs, UnaryAttrs>,
      std::is_same_v<Attrs, ClipAttrs>,      std::is_same_v<Attrs, BinaryAttrs>,
      std::is_same_v<Attrs, AxesAttrs>,      std::is_same_v<Attrs, LrnAttrs>,
      std::is_same_v<Attrs, TransposeAttrs>, std::is_same_v<Attrs, MoveAttrs>,
      std::is_same_v<Attrs, RecurrentAttrs>};
  static_assert(matches.size() == std::variant_size_v<Attributes>);
  std::size_t i = 0;
  while (!matches[i]) ++i;
  return i;
}

constexpr std::size_t kNone = holds<std::monostate>(), kAxes = holds<AxesAttrs>(),
                      kMove = holds<MoveAttrs>(), kWindow = holds<WindowAttrs>(),
                      kRecurrent = holds<RecurrentAttrs>();

// clang-format off
constexpr KindRule kRules[] = {
    {OpKind::kConv, 2, 3, 1, kWindow, rules::conv},
    {OpKind::kConvTranspose, 2, 3, 1, kWindow, rules::conv_transpose},
    {OpKind::kMatMul, 2, 3, 1, holds<MatMulAttrs>(), rules::matmul},
    {OpKind::kMaxPool, 1, 1, 1, kWindow, rules::pool},
    {OpKind::kAveragePool, 1, 1, 1, kWindow, rules::pool},
    {OpKind::kLrn, 1, 1, 1, holds<LrnAttrs>(), rules::same_as_first},
    {OpKind::kResize, 1, 1, 1, kMove, rules::resize},
    {OpKind::kUnary, 1, 1, 1, holds<UnaryAttrs>(), rules::unary},
    {OpKind::kBinary, 2, 2, 1, holds<BinaryAttrs>(), rules::binary},
    {OpKind::kSum, 1, kMany, 1, kNone, rules::sum},
    {OpKind::kWhere, 3, 3, 1, kNone, rules::where},
    {OpKind::kCast, 1, 1, 1, kNone, rules::cast},
    {OpKind::kClip, 1, 1, 1, holds<ClipAttrs>(), rules::same_as_first},
    {OpKind::kSoftmax, 1, 1, 1, kAxes, rules::softmax},
    {OpKind::kLayerNorm, 1, 3, 1, kAxes, rules::axes_norm},
    {OpKind::kGroupNorm, 1, 3, 1, kAxes, rules::channel_norm},
    {OpKind::kInstanceNorm, 1, 3, 1, kAxes, rules::channel_norm},
    {OpKind::kBatchNorm, 1, 5, 1, kAxes, rules::channel_norm},
    {OpKind::kRmsNorm, 1, 2, 1, kAxes, rules::axes_norm},
    {OpKind::kReduce, 1, 1, 1, kAxes, rules::reduce},
    {OpKind::kArgMax, 1, 1, 1, kAxes, rules::arg_max},
    {OpKind::kTopK, 1, 1, 2, kAxes, rules::top_k},
    {OpKind::kConcat, 1, kMany, 1, kMove, rules::concat},
    {OpKind::kSplit, 1, 1, kMany, kMove, rules::split},
    {OpKind::kSlice, 1, 1, 1, kMove, rules::slice},
    {OpKind::kPad, 1, 1, 1, kMove, rules::pad},
    {OpKind::kTranspose, 1, 1, 1, holds<TransposeAttrs>(), rules::transpose},
    {OpKind::kReshape, 1, 1, 1, kMove, rules::reshape},
    {OpKind::kExpand, 1, 1, 1, kMove, rules::expand},
    {OpKind::kGather, 2, 2, 1, kMove, rules::gather},
    {OpKind::kLstm, 3, 7, 3, kRecurrent, rules::recurrent},
    {OpKind::kGru, 3, 6, 2, kRecurrent, rules::recurrent},
    {OpKind::kRnn, 3, 6, 2, kRecurrent, rules::recurrent},
};
// clang-format on

const KindRule* rule_of(OpKind kind) {
  for (const KindRule& rule : kRules) {
    if (rule.kind == kind) return &rule;
  }
  return nullptr;
}

/// Operand counts, ids and the kind of attributes: what a rule need not ask again.
std::string check_form(const Graph& graph, const Op& op, const KindRule& rule) {
  const std::size_t inputs = op.inputs.size();
  if (inputs < rule.inputs_min || inputs > rule.inputs_max) {
    std::string allowed = std::to_string(rule.inputs_min);
    if (rule.inputs_max == kMany) allowed += " or more";
    if (rule.inputs_max != kMany && rule.inputs_max != rule.inputs_min) {
      allowed += " to " + std::to_string(rule.inputs_max);
    }
    return "has " + std::to_string(inputs) + " inputs, not " + allowed;
  }
  if (op.outputs.empty() || op.outputs.size() > rule.outputs_max) {
    return "has " + std::to_string(op.outputs.size()) + " outputs";
  }
  const std::size_t required = rule.inputs_max == kMany ? inputs : rule.inputs_min;
  for (std::size_t i = 0; i < inputs; ++i) {
    if (!op.inputs[i].valid()) {
      if (i < required) return "input " + std::to_string(i) + " is missing";
    } else if (op.inputs[i].index >= graph.tensors.size()) {
      return "input " + std::to_string(i) + " is no tensor of the graph";
    } else if (const Shape& shape = graph.tensor(op.inputs[i]).shape;
               shape.size() > kMaxRank || !element_count(shape)) {
      return "input " + std::to_string(i) + " has a shape out of bounds";
    }
  }
  for (const TensorId output : op.outputs) {
    if (output.valid() && output.index >= graph.tensors.size()) {
      return "an output is no tensor of the graph";
    }
  }
  if (op.attributes.index() != rule.attributes) return "has attributes of another kind of operator";
  return "";
}

std::string check_limits(const Types& types) {
  for (const TensorType& type : types) {
    if (type.shape.size() > kMaxRank) {
      return "its result has " + std::to_string(type.shape.size()) + " dimensions, more than " +
             std::to_string(kMaxRank);
    }
    if (!element_count(type.shape)) {
      return "its result " + to_string(type.shape) +
             " has a negative dimension or too many elements";
    }
  }
  return "";
}

Diagnostic shape_error(const Op& op, const std::string& message) {
  Diagnostic error;
  error.name = "E-shape";
  error.path = "node '" + op.name + "'";
  error.message = (op.source.empty() ? std::string() : op.source + ": ") + message;
  return error;
}

}  // namespace

Result<std::vector<TensorType>> infer_op(const Graph& graph, const Op& op) {
  const KindRule* rule = rule_of(op.kind);
  CHECK(rule != nullptr) << "an OpKind without a rule";
  std::string problem = check_form(graph, op, *rule);
  Types types;
  if (problem.empty()) problem = rule->rule(OpView(graph, op), types);
  if (problem.empty()) problem = check_limits(types);
  if (problem.empty() && !macs_of(graph, op, types)) problem = "needs too many multiplications";
  if (!problem.empty()) return shape_error(op, problem);
  CHECK(types.size() == op.outputs.size()) << "a rule made the wrong number of outputs";
  return types;
}

Diagnostics infer_shapes(Graph& graph) {
  Diagnostics errors;
  std::vector<bool> unknown(graph.tensors.size(), false);
  std::int64_t elements = 0;
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.kind == TensorKind::kActivation) continue;
    const auto count = element_count(tensor.shape);
    if (!count || tensor.shape.size() > kMaxRank) {
      Diagnostic error;
      error.name = "E-shape";
      error.path = "tensor '" + tensor.name + "'";
      error.message = "its shape " +
                      (tensor.shape.size() > kMaxRank ? "" : to_string(tensor.shape)) +
                      " has a negative dimension, too many dimensions or too many elements";
      errors.push_back(error);
      continue;
    }
    elements += std::min(*count, kMaxGraphElements - elements);
  }
  if (!errors.empty()) return errors;
  for (const Op& op : graph.ops) {
    bool skip = false;
    for (const TensorId in : op.inputs)
      skip = skip || (in.index < unknown.size() && unknown[in.index]);
    Result<Types> types = skip ? Result<Types>(Types{}) : infer_op(graph, op);
    if (!types) errors.insert(errors.end(), types.errors().begin(), types.errors().end());
    for (std::size_t i = 0; i < op.outputs.size(); ++i) {
      if (op.outputs[i].index >= graph.tensors.size()) continue;
      if (skip || !types) {
        unknown[op.outputs[i].index] = true;
        continue;
      }
      Tensor& tensor = graph.tensor(op.outputs[i]);
      tensor.shape = types->at(i).shape;
      tensor.dtype = types->at(i).dtype;
      elements += std::min(*element_count(tensor.shape), kMaxGraphElements - elements);
    }
    if (elements >= kMaxGraphElements) {
      errors.push_back(shape_error(op, "with it the graph has too many elements"));
      return errors;
    }
  }
  return errors;
}

}  // namespace takt
