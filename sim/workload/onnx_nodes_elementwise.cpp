// SPDX-License-Identifier: Apache-2.0
// Operators of two or more operands, element by element.
#include "sim/workload/onnx_table.h"
#include "sim/workload/onnx_tensor.h"

namespace takt {
namespace {

void binary(OnnxNode& node, BinaryKind kind) {
  if (!node.require(2)) return;
  node.finish(OpKind::kBinary, BinaryAttrs{kind}, {node.in(0), node.in(1)});
}

template <BinaryKind kKind>
void binary_of(OnnxNode& node) {
  binary(node, kKind);
}

void mod(OnnxNode& node) {
  if (!node.require(2)) return;
  const bool is_float = info(node.tensor(node.in(0)).dtype).is_float;
  const bool fmod = node.int_attribute("fmod", 0) != 0;
  if (is_float != fmod) {
    return node.unsupported(fmod ? "fmod=1 of whole numbers" : "fmod=0 of floats");
  }
  binary(node, BinaryKind::kMod);
}

/// One operand after the other: Max and Min of any number.
void chain(OnnxNode& node, BinaryKind kind) {
  if (!node.require(std::max<std::size_t>(node.input_count(), 1))) return;
  TensorId total = node.in(0);
  for (std::size_t i = 1; i < node.input_count(); ++i) {
    const bool last = i + 1 == node.input_count();
    total = node.emit(OpKind::kBinary, BinaryAttrs{kind}, {total, node.in(i)},
                      last ? "" : "part" + std::to_string(i));
  }
  node.set(0, total);
}

void max(OnnxNode& node) { chain(node, BinaryKind::kMax); }
void min(OnnxNode& node) { chain(node, BinaryKind::kMin); }

/// Of all operands, a few at a time: an op of the vector unit names no more than that.
TensorId sum_of(OnnxNode& node, const std::string& suffix) {
  constexpr std::size_t kAtOnce = 4;
  const std::vector<TensorId>& inputs = node.inputs();
  std::vector<TensorId> some{inputs.at(0)};
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    some.push_back(inputs[i]);
    const bool last = i + 1 == inputs.size();
    if (some.size() < kAtOnce && !last) continue;
    some = {node.emit(OpKind::kSum, {}, some, last ? suffix : "part" + std::to_string(i))};
    if (node.failed()) return {};
  }
  return some.front();
}

void sum(OnnxNode& node) {
  if (!node.require(std::max<std::size_t>(node.input_count(), 1))) return;
  if (node.input_count() == 2) return binary(node, BinaryKind::kAdd);
  const TensorId total = sum_of(node, "");
  if (!node.failed()) node.set(0, total);
}

void mean(OnnxNode& node) {
  if (!node.require(std::max<std::size_t>(node.input_count(), 1))) return;
  const TensorId total = sum_of(node, "sum");
  if (node.failed()) return;
  const DType dtype = node.tensor(total).dtype;
  const double share = 1.0 / static_cast<double>(node.input_count());
  const TensorId factor = node.builder().add_constant(node.name() + ".share", {}, dtype,
                                                      Tensor::FloatData{round_to(dtype, share)});
  node.finish(OpKind::kBinary, BinaryAttrs{BinaryKind::kMul}, {total, factor});
}

void where(OnnxNode& node) {
  if (!node.require(3)) return;
  node.finish(OpKind::kWhere, {}, {node.in(0), node.in(1), node.in(2)});
}

void cast(OnnxNode& node) {
  if (!node.require(1)) return;
  const std::int64_t to = node.int_attribute("to", 0);
  const auto dtype = dtype_of_onnx(to);
  if (!dtype) return node.unsupported("elements of type " + onnx_type_name(to));
  node.finish(OpKind::kCast, {}, {node.in(0)}, *dtype);
}

void cast_like(OnnxNode& node) {
  if (!node.require(2)) return;
  node.finish(OpKind::kCast, {}, {node.in(0)}, node.tensor(node.in(1)).dtype);
}

/// Does nothing when a network is used, not trained. Of a parameter without values it makes another
/// one: exporters join parameters that are equal when they are made (biases of 0, scales of 1) and
/// pass them on by Identity, but trained ones lie apart.
void identity(OnnxNode& node) {
  if (!node.require(1)) return;
  const Tensor& from = node.tensor(node.in(0));
  const bool known = !std::holds_alternative<std::monostate>(from.constant);
  if (from.kind != TensorKind::kParameter || known) return node.set(0, node.in(0));
  Tensor own = from;
  own.name = node.output_name(0);
  node.set(0, node.builder().add_tensor(std::move(own)));
}

/// The share of elements it drops: an attribute before opset 12, an operand from it on.
double dropout_ratio(OnnxNode& node) {
  if (node.opset() < 12) return node.float_attribute("ratio", 0.5);
  if (!node.has(1)) return 0.5;
  const auto ratio = node.floats_of(1, "ratio");
  return ratio && ratio->size() == 1 ? ratio->front() : 0.5;
}

void dropout(OnnxNode& node) {
  if (!node.require(1)) return;
  if (node.opset() >= 12 && node.has(2)) {
    const auto training = node.ints_of(2, "training_mode");
    if (!training) return;
    const bool trains = !training->empty() && training->front() != 0;
    if (trains && dropout_ratio(node) != 0) return node.unsupported("training_mode 1");
  }
  node.set(0, node.in(0));
}

}  // namespace

std::vector<OnnxConverter> onnx_elementwise_operators() {
  return {{"Add", binary_of<BinaryKind::kAdd>},
          {"Sub", binary_of<BinaryKind::kSub>},
          {"Mul", binary_of<BinaryKind::kMul>},
          {"Div", binary_of<BinaryKind::kDiv>},
          {"Pow", binary_of<BinaryKind::kPow>},
          {"Mod", mod},
          {"Equal", binary_of<BinaryKind::kEqual>},
          {"Less", binary_of<BinaryKind::kLess>},
          {"LessOrEqual", binary_of<BinaryKind::kLessEqual>},
          {"Greater", binary_of<BinaryKind::kGreater>},
          {"GreaterOrEqual", binary_of<BinaryKind::kGreaterEqual>},
          {"And", binary_of<BinaryKind::kAnd>},
          {"Or", binary_of<BinaryKind::kOr>},
          {"Xor", binary_of<BinaryKind::kXor>},
          {"PRelu", binary_of<BinaryKind::kPRelu>},
          {"Max", max},
          {"Min", min},
          {"Sum", sum},
          {"Mean", mean},
          {"Where", where},
          {"Cast", cast},
          {"CastLike", cast_like},
          {"Identity", identity},
          {"Dropout", dropout}};
}

}  // namespace takt
