// SPDX-License-Identifier: Apache-2.0
// What becomes part of the matrix operator beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/onnx_model.h"

namespace takt {
namespace {

using test::Ints;
using test::kinds;
using test::Names;
using test::OnnxModel;
using testing::ElementsAre;

TEST(OnnxBatchNorm, FoldsIntoWeightsAndBias) {
  OnnxModel m;
  m.input("x", Names{"batch", "1", "2", "2"});
  m.weight("w", {2, 1, 1, 1}, {3, 5});
  m.weight("gamma", {2}, {2, 1});
  m.weight("beta", {2}, {1, 0});
  m.weight("mean", {2}, {4, 1});
  m.weight("var", {2}, {3, 0});
  m.node("Conv", {"x", "w"}, {"c"});
  m.node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"y"}).with("epsilon", 1.0F);
  m.output("y");
  const auto graph = m.read();
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  ASSERT_THAT(kinds(*graph), ElementsAre(OpKind::kConv));
  // scale = gamma / sqrt(var + 1) = 1, 1; bias = beta - mean * scale = -3, -1
  const auto values = [&](std::size_t i) {
    return std::get<Tensor::FloatData>(graph->tensor(graph->ops[0].inputs.at(i)).constant);
  };
  EXPECT_EQ(values(1), (Tensor::FloatData{3, 5}));
  EXPECT_EQ(values(2), (Tensor::FloatData{-3, -1}));
  EXPECT_EQ(graph->ops[0].name, "c");
  EXPECT_TRUE(graph->tensor(graph->ops[0].outputs[0]).is_output);
}

TEST(OnnxBatchNorm, ScalesTheRightChannels) {
  OnnxModel m;
  m.input("x", Names{"batch", "2"});
  m.weight("w", {2, 3}, {1, 2, 3, 4, 5, 6});
  m.weight("b", {3}, {1, 1, 1});
  m.weight("gamma", {3}, {1, 10, 100});
  m.weight("zero", {3}, {0, 0, 0});
  m.node("Gemm", {"x", "w", "b"}, {"g"});
  m.node("BatchNormalization", {"g", "gamma", "zero", "zero", "zero"}, {"y"}).with("epsilon", 1.0F);
  m.output("y");
  const auto graph = m.read();
  ASSERT_THAT(kinds(*graph), ElementsAre(OpKind::kMatMul));
  EXPECT_EQ(std::get<Tensor::FloatData>(graph->tensor(graph->ops[0].inputs[1]).constant),
            (Tensor::FloatData{1, 20, 300, 4, 50, 600}));
  EXPECT_EQ(std::get<Tensor::FloatData>(graph->tensor(graph->ops[0].inputs[2]).constant),
            (Tensor::FloatData{1, 10, 100}));
}

TEST(OnnxBatchNorm, AloneOrReadElsewhereItStays) {
  OnnxModel m;
  m.input("x", Names{"batch", "2", "4", "4"});
  m.weight("w", {2, 2, 1, 1});
  for (const char* name : {"gamma", "beta", "mean", "var"}) m.weight(name, {2});
  m.node("BatchNormalization", {"x", "gamma", "beta", "mean", "var"}, {"n"});
  m.node("Conv", {"n", "w"}, {"c"});
  m.node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"n2"});
  m.node("Add", {"c", "n2"}, {"y"});
  m.output("y");
  EXPECT_THAT(kinds(*m.read()),
              ElementsAre(OpKind::kBatchNorm, OpKind::kConv, OpKind::kBatchNorm, OpKind::kBinary));
}

TEST(OnnxPads, ZerosBeforeAConvolutionBecomeItsPadding) {
  OnnxModel m(11);
  m.input("x", Names{"batch", "3", "8", "8"});
  m.weight("w", {4, 3, 3, 3});
  m.ints("pads", {0, 0, 0, 1, 0, 0, 2, 1});
  m.node("Pad", {"x", "pads"}, {"p"});
  m.node("Conv", {"p", "w"}, {"y"}).with("pads", Ints{1, 0, 0, 0});
  m.output("y");
  const auto graph = m.read();
  ASSERT_THAT(kinds(*graph), ElementsAre(OpKind::kConv));
  const auto& w = std::get<WindowAttrs>(graph->ops[0].attributes);
  EXPECT_THAT(w.pad_begin, ElementsAre(1, 1));
  EXPECT_THAT(w.pad_end, ElementsAre(2, 1));
}

}  // namespace
}  // namespace takt
