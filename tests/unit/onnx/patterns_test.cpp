// SPDX-License-Identifier: Apache-2.0
// What is folded, dropped and put together again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/onnx_model.h"

namespace takt {
namespace {

using test::error_names;
using test::find_op;
using test::find_tensor;
using test::Ints;
using test::kinds;
using test::Names;
using test::OnnxModel;
using testing::ElementsAre;

class OnnxPatterns : public testing::Test {
 protected:
  OnnxPatterns() { m.input("x", Names{"batch", "6", "8"}); }
  Graph read() {
    m.output("y");
    auto graph = m.read();
    EXPECT_TRUE(graph.ok()) << to_string(graph.errors());
    return graph ? *graph : Graph{};
  }
  /// The kind of the one unary op that is left.
  std::optional<UnaryKind> only_unary() {
    const Graph graph = read();
    if (graph.ops.size() != 1 || graph.ops[0].kind != OpKind::kUnary) return std::nullopt;
    return std::get<UnaryAttrs>(graph.ops[0].attributes).kind;
  }
  OnnxModel m;
};

TEST_F(OnnxPatterns, GeluByErf) {
  m.scalar("root", std::sqrt(2.0F));
  m.scalar("one", 1);
  m.scalar("half", 0.5F);
  m.node("Div", {"x", "root"}, {"d"});
  m.node("Erf", {"d"}, {"e"});
  m.node("Add", {"e", "one"}, {"a"});
  m.node("Mul", {"x", "a"}, {"p"});
  m.node("Mul", {"p", "half"}, {"y"});
  EXPECT_EQ(only_unary(), UnaryKind::kGelu);
}

TEST_F(OnnxPatterns, GeluByErfInAnotherOrder) {
  m.scalar("root", std::sqrt(0.5F));
  m.scalar("one", 1);
  m.scalar("half", 0.5F);
  m.node("Mul", {"x", "half"}, {"h"});
  m.node("Mul", {"root", "x"}, {"d"});
  m.node("Erf", {"d"}, {"e"});
  m.node("Add", {"one", "e"}, {"a"});
  m.node("Mul", {"a", "h"}, {"y"});
  EXPECT_EQ(only_unary(), UnaryKind::kGelu);
}

TEST_F(OnnxPatterns, GeluWithAnotherConstantIsNone) {
  m.scalar("root", 1.5F);
  m.scalar("one", 1);
  m.scalar("half", 0.5F);
  m.node("Div", {"x", "root"}, {"d"});
  m.node("Erf", {"d"}, {"e"});
  m.node("Add", {"e", "one"}, {"a"});
  m.node("Mul", {"x", "a"}, {"p"});
  m.node("Mul", {"p", "half"}, {"y"});
  EXPECT_EQ(read().ops.size(), 5U);
}

TEST_F(OnnxPatterns, GeluWhoseInsideIsReadElsewhereStays) {
  m.scalar("root", std::sqrt(2.0F));
  m.scalar("one", 1);
  m.scalar("half", 0.5F);
  m.node("Div", {"x", "root"}, {"d"});
  m.node("Erf", {"d"}, {"e"});
  m.node("Add", {"e", "one"}, {"a"});
  m.node("Mul", {"x", "a"}, {"p"});
  m.node("Mul", {"p", "half"}, {"y"});
  m.output("e");
  EXPECT_EQ(read().ops.size(), 5U);
}

TEST_F(OnnxPatterns, GeluByTanh) {
  m.scalar("three", 3);
  m.scalar("cubic", 0.044715F);
  m.scalar("root", std::sqrt(2.0F / static_cast<float>(M_PI)));
  m.scalar("one", 1);
  m.scalar("half", 0.5F);
  m.node("Mul", {"x", "half"}, {"h"});
  m.node("Pow", {"x", "three"}, {"cube"});
  m.node("Mul", {"cube", "cubic"}, {"c"});
  m.node("Add", {"x", "c"}, {"s"});
  m.node("Mul", {"s", "root"}, {"r"});
  m.node("Tanh", {"r"}, {"t"});
  m.node("Add", {"t", "one"}, {"a"});
  m.node("Mul", {"h", "a"}, {"y"});
  EXPECT_EQ(only_unary(), UnaryKind::kGeluTanh);
}

TEST_F(OnnxPatterns, SwishAndMish) {
  m.node("Sigmoid", {"x"}, {"s"});
  m.node("Mul", {"x", "s"}, {"swish"});
  m.node("Softplus", {"swish"}, {"p"});
  m.node("Tanh", {"p"}, {"t"});
  m.node("Mul", {"t", "swish"}, {"y"});
  const Graph graph = read();
  ASSERT_EQ(graph.ops.size(), 2U);
  EXPECT_EQ(std::get<UnaryAttrs>(graph.ops[0].attributes).kind, UnaryKind::kSwish);
  EXPECT_EQ(std::get<UnaryAttrs>(graph.ops[1].attributes).kind, UnaryKind::kMish);
}

TEST_F(OnnxPatterns, AGateOfSomethingElseIsNoSwish) {
  m.node("Neg", {"x"}, {"n"});
  m.node("Sigmoid", {"n"}, {"s"});
  m.node("Mul", {"x", "s"}, {"y"});
  EXPECT_EQ(read().ops.size(), 3U);
}

TEST_F(OnnxPatterns, HardSwishAndHardSigmoidByClip) {
  m.scalar("three", 3);
  m.scalar("zero", 0);
  m.scalar("six", 6);
  m.node("Add", {"x", "three"}, {"a"});
  m.node("Clip", {"a", "zero", "six"}, {"c"});
  m.node("Mul", {"x", "c"}, {"p"});
  m.node("Div", {"p", "six"}, {"swish"});
  m.node("Add", {"swish", "three"}, {"a2"});
  m.node("Clip", {"a2", "zero", "six"}, {"c2"});
  m.node("Div", {"c2", "six"}, {"y"});
  const Graph graph = read();
  ASSERT_EQ(graph.ops.size(), 2U);
  EXPECT_EQ(std::get<UnaryAttrs>(graph.ops[0].attributes).kind, UnaryKind::kHardSwish);
  EXPECT_EQ(std::get<UnaryAttrs>(graph.ops[1].attributes).kind, UnaryKind::kHardSigmoid);
}

TEST_F(OnnxPatterns, HardSwishByHardSigmoid) {
  m.node("HardSigmoid", {"x"}, {"s"}).with("alpha", 1.0F / 6).with("beta", 0.5F);
  m.node("Mul", {"x", "s"}, {"y"});
  EXPECT_EQ(only_unary(), UnaryKind::kHardSwish);
}

void layer_norm(OnnxModel& m, bool centred) {
  m.scalar("two", 2);
  m.scalar("eps", 1e-6F);
  m.weight("gamma", {8});
  m.weight("beta", {8});
  if (centred) {
    m.node("ReduceMean", {"x"}, {"mean"}).with("axes", Ints{-1});
    m.node("Sub", {"x", "mean"}, {"d"});
  } else {
    m.node("Identity", {"x"}, {"d"});
  }
  m.node("Pow", {"d", "two"}, {"sq"});
  m.node("ReduceMean", {"sq"}, {"var"}).with("axes", Ints{-1});
  m.node("Add", {"var", "eps"}, {"v"});
  m.node("Sqrt", {"v"}, {"r"});
  m.node("Div", {"d", "r"}, {"n"});
  m.node("Mul", {"n", "gamma"}, {"g"});
}

TEST_F(OnnxPatterns, LayerNorm) {
  layer_norm(m, true);
  m.node("Add", {"g", "beta"}, {"y"});
  const Graph graph = read();
  ASSERT_THAT(kinds(graph), ElementsAre(OpKind::kLayerNorm));
  EXPECT_EQ(graph.ops[0].inputs.size(), 3U);
  const auto& attrs = std::get<AxesAttrs>(graph.ops[0].attributes);
  EXPECT_EQ(attrs.axes, Ints{2});
  EXPECT_FLOAT_EQ(static_cast<float>(attrs.epsilon), 1e-6F);
}

TEST_F(OnnxPatterns, LayerNormWithoutBetaKeepsTheAddOfAnActivation) {
  layer_norm(m, true);
  m.node("Add", {"g", "x"}, {"y"});
  EXPECT_THAT(kinds(read()), ElementsAre(OpKind::kLayerNorm, OpKind::kBinary));
}

TEST_F(OnnxPatterns, RmsNorm) {
  layer_norm(m, false);
  m.node("Identity", {"g"}, {"y"});
  const Graph graph = read();
  ASSERT_THAT(kinds(graph), ElementsAre(OpKind::kRmsNorm));
  EXPECT_EQ(graph.ops[0].inputs.size(), 2U);
}

TEST_F(OnnxPatterns, RmsNormByReciprocal) {
  m.scalar("eps", 1e-6F);
  m.node("Mul", {"x", "x"}, {"sq"});
  m.node("ReduceMean", {"sq"}, {"var"}).with("axes", Ints{-1});
  m.node("Add", {"eps", "var"}, {"v"});
  m.node("Sqrt", {"v"}, {"r"});
  m.node("Reciprocal", {"r"}, {"i"});
  m.node("Mul", {"x", "i"}, {"y"});
  EXPECT_THAT(kinds(read()), ElementsAre(OpKind::kRmsNorm));
}

TEST_F(OnnxPatterns, WhatChangesNothingVanishes) {
  m.ints("same", {0, 6, -1});
  m.ints("pads", {0, 0, 0, 0, 0, 0});
  m.ints("start", {0});
  m.ints("end", {INT64_MAX});
  m.node("Identity", {"x"}, {"a"});
  m.node("Dropout", {"a"}, {"b", "mask"});
  m.node("Reshape", {"b", "same"}, {"c"});
  m.node("Pad", {"c", "pads"}, {"d"});
  m.node("Slice", {"d", "start", "end"}, {"e"});
  m.node("Transpose", {"e"}, {"f"}).with("perm", Ints{0, 1, 2});
  m.node("Cast", {"f"}, {"g"}).with("to", 1);
  m.node("Concat", {"g"}, {"h"}).with("axis", 1);
  m.node("Relu", {"h"}, {"y"});
  EXPECT_EQ(read().ops.size(), 1U);
}

TEST_F(OnnxPatterns, WhatDependsOnParametersAloneIsOne) {
  m.weight("w", {8, 4});
  m.weight("scale", {4});
  m.node("Mul", {"w", "scale"}, {"scaled"});
  m.node("MatMul", {"x", "scaled"}, {"y"});
  const Graph graph = read();
  ASSERT_THAT(kinds(graph), ElementsAre(OpKind::kMatMul));
  EXPECT_EQ(find_tensor(graph, "scaled")->kind, TensorKind::kParameter);
  EXPECT_EQ(find_tensor(graph, "w"), nullptr);
}

TEST_F(OnnxPatterns, ATransposedWeightIsReadTransposed) {
  m.weight("w", {4, 8});
  m.node("Transpose", {"w"}, {"t"});
  m.node("MatMul", {"x", "t"}, {"h"});
  m.node("MatMul", {"h", "w"}, {"y"});
  const Graph graph = read();
  ASSERT_THAT(kinds(graph), ElementsAre(OpKind::kMatMul, OpKind::kMatMul));
  EXPECT_TRUE(std::get<MatMulAttrs>(graph.ops[0].attributes).transpose_b);
  EXPECT_EQ(graph.ops[0].inputs[1], graph.ops[1].inputs[1]);  // stored once
}

}  // namespace
}  // namespace takt
