// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/onnx/coverage_rows.h"

namespace takt::test {
namespace {

Build binary(const char* op) {
  return [op](OnnxModel& m, int) {
    m.weight("w", {4, 1, 6});
    m.node(op, {"x", "w"}, {"y"});
  };
}

/// Of truth values: both operands are comparisons.
Build logical(const char* op) {
  return [op](OnnxModel& m, int) {
    m.weight("w", {6});
    m.node("Greater", {"x", "w"}, {"g"});
    m.node("Less", {"x", "w"}, {"l"});
    m.node(op, op == std::string("Not") ? Names{"g"} : Names{"g", "l"}, {"y"});
  };
}

/// Axes are an attribute before opset `since`, an operand from it on.
Build reduce(const char* op, int since) {
  return [op, since](OnnxModel& m, int opset) {
    if (opset < since) {
      m.node(op, {"x"}, {"y"}).with("axes", Ints{1, -1});
    } else {
      m.ints("axes", {1, -1});
      m.node(op, {"x", "axes"}, {"y"});
    }
  };
}

Build arg(const char* op) {
  return [op](OnnxModel& m, int) { m.node(op, {"x"}, {"y"}).with("axis", 1); };
}

Build recurrent(const char* op, std::int64_t gates) {
  return [op, gates](OnnxModel& m, int) {
    m.ints("shape", {12, 4, 6});
    m.node("Reshape", {"x", "shape"}, {"seq"});
    m.weight("w", {1, gates * 8, 6});
    m.weight("r", {1, gates * 8, 8});
    m.node(op, {"seq", "w", "r"}, {"y"}).with("hidden_size", 8);
  };
}

void conv(OnnxModel& m, int) {
  m.weight("w", {8, 2, 3, 3});
  m.weight("b", {8});
  m.node("Conv", {"x", "w", "b"}, {"y"})
      .with("group", 2)
      .with("pads", Ints{1, 0, 2, 1})
      .with("strides", Ints{2, 1})
      .with("dilations", Ints{1, 2});
}

void conv_transpose(OnnxModel& m, int) {
  m.weight("w", {4, 3, 3, 3});
  m.node("ConvTranspose", {"x", "w"}, {"y"}).with("strides", Ints{2, 2});
}

void gemm(OnnxModel& m, int) {
  m.weight("w", {5, 144});
  m.weight("b", {5});
  m.node("Flatten", {"x"}, {"f"});
  m.node("Gemm", {"f", "w", "b"}, {"y"}).with("transB", 1);
}

void matmul(OnnxModel& m, int) {
  m.weight("w", {4, 6, 3});
  m.node("MatMul", {"x", "w"}, {"y"});
}

void einsum(OnnxModel& m, int) {
  m.weight("w", {6, 3});
  m.node("Einsum", {"x", "w"}, {"y"}).with("equation", "nchw,wk->nkhc");
}

void max_pool(OnnxModel& m, int opset) {
  auto node = m.node("MaxPool", {"x"}, {"y"});
  node.with("kernel_shape", Ints{3, 2}).with("strides", Ints{2, 2});
  if (opset >= 10) node.with("ceil_mode", 1);
}

void average_pool(OnnxModel& m, int opset) {
  auto node = m.node("AveragePool", {"x"}, {"y"});
  node.with("kernel_shape", Ints{3, 3}).with("pads", Ints{1, 1, 1, 1}).with("count_include_pad", 1);
  if (opset >= 19) node.with("dilations", Ints{1, 1});
}

void lrn(OnnxModel& m, int) { m.node("LRN", {"x"}, {"y"}).with("size", 3); }

void clip(OnnxModel& m, int opset) {
  if (opset < 11) {
    m.node("Clip", {"x"}, {"y"}).with("min", 0.0F).with("max", 6.0F);
  } else {
    m.scalar("low", 0);
    m.scalar("high", 6);
    m.node("Clip", {"x", "low", "high"}, {"y"});
  }
}

void where(OnnxModel& m, int) {
  m.weight("w", {6});
  m.node("Less", {"x", "w"}, {"c"});
  m.node("Where", {"c", "x", "w"}, {"y"});
}

void equal(OnnxModel& m, int opset) {
  // Of floats from opset 11 on.
  if (opset >= 11) return binary("Equal")(m, opset);
  m.node("Cast", {"x"}, {"i"}).with("to", onnx::TensorProto::INT32);
  m.node("Equal", {"i", "i"}, {"y"});
}

void norm(OnnxModel& m, const char* op, const Names& operands) {
  Names inputs{"x"};
  for (const std::string& name : operands) {
    m.weight(name, {4});
    inputs.push_back(name);
  }
  m.node(op, inputs, {"y"});
}

void layer_norm(OnnxModel& m, int) {
  m.weight("s", {6, 6});
  m.weight("b", {6, 6});
  m.node("LayerNormalization", {"x", "s", "b"}, {"y"}).with("axis", -2);
}

/// Scale and bias a group before opset 21, a channel from it on.
void group_norm(OnnxModel& m, int opset) {
  const Ints shape{opset < 21 ? 2 : 4};
  m.weight("s", shape);
  m.weight("b", shape);
  m.node("GroupNormalization", {"x", "s", "b"}, {"y"}).with("num_groups", 2);
}

const std::vector<OperatorRow> kRows{
    {"Conv", 1, conv},
    {"ConvTranspose", 1, conv_transpose},
    {"Gemm", 1, gemm},
    {"MatMul", 1, matmul},
    {"Einsum", 12, einsum},
    {"MaxPool", 1, max_pool},
    {"AveragePool", 1, average_pool},
    {"GlobalMaxPool", 1, plain("GlobalMaxPool")},
    {"GlobalAveragePool", 1, plain("GlobalAveragePool")},
    {"LRN", 1, lrn},
    {"LSTM", 1, recurrent("LSTM", 4)},
    {"GRU", 1, recurrent("GRU", 3)},
    {"RNN", 1, recurrent("RNN", 1)},
    {"Relu", 1, plain("Relu")},
    {"LeakyRelu", 1, plain("LeakyRelu")},
    {"PRelu", 1, binary("PRelu")},
    {"ThresholdedRelu", 10, plain("ThresholdedRelu")},
    {"Elu", 1, plain("Elu")},
    {"Selu", 1, plain("Selu")},
    {"Celu", 12, plain("Celu")},
    {"Clip", 1, clip},
    {"Sigmoid", 1, plain("Sigmoid")},
    {"HardSigmoid", 1, plain("HardSigmoid")},
    {"HardSwish", 14, plain("HardSwish")},
    {"Tanh", 1, plain("Tanh")},
    {"Gelu", 20, plain("Gelu")},
    {"Erf", 9, plain("Erf")},
    {"Softplus", 1, plain("Softplus")},
    {"Softsign", 1, plain("Softsign")},
    {"Mish", 18, plain("Mish")},
    {"Exp", 1, plain("Exp")},
    {"Log", 1, plain("Log")},
    {"Sqrt", 1, plain("Sqrt")},
    {"Reciprocal", 1, plain("Reciprocal")},
    {"Neg", 1, plain("Neg")},
    {"Abs", 1, plain("Abs")},
    {"Sign", 9, plain("Sign")},
    {"Floor", 1, plain("Floor")},
    {"Ceil", 1, plain("Ceil")},
    {"Round", 11, plain("Round")},
    {"Sin", 7, plain("Sin")},
    {"Cos", 7, plain("Cos")},
    {"Not", 1, logical("Not")},
    {"And", 7, logical("And")},
    {"Or", 7, logical("Or")},
    {"Xor", 7, logical("Xor")},
    {"Add", 7, binary("Add")},
    {"Sub", 7, binary("Sub")},
    {"Mul", 7, binary("Mul")},
    {"Div", 7, binary("Div")},
    {"Pow", 7, binary("Pow")},
    {"Mod", 10,
     [](OnnxModel& m, int) {
       m.weight("w", {6});
       m.node("Mod", {"x", "w"}, {"y"}).with("fmod", 1);
     }},
    {"Max", 8, binary("Max")},
    {"Min", 8, binary("Min")},
    {"Sum", 8, binary("Sum")},
    {"Mean", 8, binary("Mean")},
    {"Equal", 7, equal},
    {"Less", 7, binary("Less")},
    {"LessOrEqual", 12, binary("LessOrEqual")},
    {"Greater", 7, binary("Greater")},
    {"GreaterOrEqual", 12, binary("GreaterOrEqual")},
    {"Where", 9, where},
    {"Softmax", 1, plain("Softmax")},
    {"LogSoftmax", 1, plain("LogSoftmax")},
    {"LayerNormalization", 17, layer_norm},
    {"GroupNormalization", 18, group_norm},
    {"InstanceNormalization", 1,
     [](OnnxModel& m, int) {
       norm(m, "InstanceNormalization", {"s", "b"});
     }},
    {"BatchNormalization", 1,
     [](OnnxModel& m, int) {
       norm(m, "BatchNormalization", {"s", "b", "mean", "var"});
     }},
    {"ReduceSum", 1, reduce("ReduceSum", 13)},
    {"ReduceMean", 1, reduce("ReduceMean", 18)},
    {"ReduceMax", 1, reduce("ReduceMax", 18)},
    {"ReduceMin", 1, reduce("ReduceMin", 18)},
    {"ReduceProd", 1, reduce("ReduceProd", 18)},
    {"ReduceL1", 1, reduce("ReduceL1", 18)},
    {"ReduceL2", 1, reduce("ReduceL2", 18)},
    {"ReduceSumSquare", 1, reduce("ReduceSumSquare", 18)},
    {"ReduceLogSum", 1, reduce("ReduceLogSum", 18)},
    {"ReduceLogSumExp", 1, reduce("ReduceLogSumExp", 18)},
    {"ArgMax", 1, arg("ArgMax")},
    {"ArgMin", 1, arg("ArgMin")},
};

}  // namespace

std::vector<OperatorRow> computing_operators() { return kRows; }

}  // namespace takt::test
