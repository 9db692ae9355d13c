// SPDX-License-Identifier: Apache-2.0
// Functions of one operand, element by element.
#include <limits>

#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

void unary(OnnxNode& node, UnaryAttrs attrs) {
  if (node.require(1)) node.finish(OpKind::kUnary, attrs, {node.in(0)});
}

template <UnaryKind kKind>
void unary_of(OnnxNode& node) {
  unary(node, {kKind});
}

// Defaults are those of the format.
void leaky_relu(OnnxNode& node) {
  unary(node, {UnaryKind::kLeakyRelu, node.float_attribute("alpha", 0.01)});
}
void elu(OnnxNode& node) { unary(node, {UnaryKind::kElu, node.float_attribute("alpha", 1)}); }
void celu(OnnxNode& node) { unary(node, {UnaryKind::kCelu, node.float_attribute("alpha", 1)}); }
void thresholded_relu(OnnxNode& node) {
  unary(node, {UnaryKind::kThresholdedRelu, node.float_attribute("alpha", 1)});
}
void selu(OnnxNode& node) {
  unary(node, {UnaryKind::kSelu, node.float_attribute("alpha", 1.67326319217681884765625),
               node.float_attribute("gamma", 1.05070102214813232421875)});
}
void hard_sigmoid(OnnxNode& node) {
  unary(node, {UnaryKind::kHardSigmoid, node.float_attribute("alpha", 0.2),
               node.float_attribute("beta", 0.5)});
}
void gelu(OnnxNode& node) {
  const std::string form = node.string_attribute("approximate", "none");
  if (form != "none" && form != "tanh") return node.fail("approximate is '" + form + "'");
  unary(node, {form == "tanh" ? UnaryKind::kGeluTanh : UnaryKind::kGelu});
}

/// A bound of Clip: an attribute before opset 11, a scalar operand from it on.
double bound(OnnxNode& node, const char* name, std::size_t i, double otherwise) {
  if (node.opset() < 11) return node.float_attribute(name, otherwise);
  if (!node.has(i)) return otherwise;
  const auto values = node.floats_of(i, name);
  if (values && values->size() == 1) return values->front();
  if (values) node.fail(std::string("bound '") + name + "' is not one number");
  return otherwise;
}

void clip(OnnxNode& node) {
  if (!node.require(1)) return;
  // What a float can hold bounds nothing; infinity would not print.
  constexpr double kMost = static_cast<double>(std::numeric_limits<float>::max());
  ClipAttrs attrs{bound(node, "min", 1, -kMost), bound(node, "max", 2, kMost)};
  if (attrs.low == 0 && attrs.high >= kMost) return unary(node, {UnaryKind::kRelu});
  if (attrs.low <= -kMost && attrs.high >= kMost) return unary(node, {UnaryKind::kIdentity});
  node.finish(OpKind::kClip, attrs, {node.in(0)});
}

}  // namespace

std::vector<OnnxConverter> onnx_activation_operators() {
  return {{"Relu", unary_of<UnaryKind::kRelu>},
          {"LeakyRelu", leaky_relu},
          {"ThresholdedRelu", thresholded_relu},
          {"Elu", elu},
          {"Selu", selu},
          {"Celu", celu},
          {"Sigmoid", unary_of<UnaryKind::kSigmoid>},
          {"HardSigmoid", hard_sigmoid},
          {"HardSwish", unary_of<UnaryKind::kHardSwish>},
          {"Tanh", unary_of<UnaryKind::kTanh>},
          {"Gelu", gelu},
          {"Erf", unary_of<UnaryKind::kErf>},
          {"Softplus", unary_of<UnaryKind::kSoftplus>},
          {"Softsign", unary_of<UnaryKind::kSoftsign>},
          {"Mish", unary_of<UnaryKind::kMish>},
          {"Exp", unary_of<UnaryKind::kExp>},
          {"Log", unary_of<UnaryKind::kLog>},
          {"Sqrt", unary_of<UnaryKind::kSqrt>},
          {"Reciprocal", unary_of<UnaryKind::kReciprocal>},
          {"Neg", unary_of<UnaryKind::kNeg>},
          {"Abs", unary_of<UnaryKind::kAbs>},
          {"Sign", unary_of<UnaryKind::kSign>},
          {"Floor", unary_of<UnaryKind::kFloor>},
          {"Ceil", unary_of<UnaryKind::kCeil>},
          {"Round", unary_of<UnaryKind::kRound>},
          {"Not", unary_of<UnaryKind::kNot>},
          {"Sin", unary_of<UnaryKind::kSin>},
          {"Cos", unary_of<UnaryKind::kCos>},
          {"Clip", clip}};
}

}  // namespace takt
