// SPDX-License-Identifier: Apache-2.0
// Which graph inputs are parameters, and what size open dimensions get.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/onnx_model.h"

namespace takt {
namespace {

using test::error_names;
using test::find_tensor;
using test::Ints;
using test::Names;
using test::OnnxModel;
using testing::ElementsAre;
using testing::HasSubstr;

Names names_of(const Graph& graph, TensorKind kind) {
  Names names;
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.kind == kind) names.push_back(tensor.name);
  }
  return names;
}

Names inputs_of(const Result<Graph>& graph) {
  return graph ? names_of(*graph, TensorKind::kInput) : Names{error_names(graph)};
}

/// x · w + b as exporters write a linear layer on a sequence, everything a graph input.
void linear(OnnxModel& m, const Names& x) {
  m.input("x", x);
  m.input("w", Ints{8, 4});
  m.input("b", Ints{4});
  m.node("MatMul", {"x", "w"}, {"product"});
  m.node("Add", {"b", "product"}, {"y"});
  m.output("y");
}

TEST(OnnxParameters, StaticInputsInParameterSlots) {
  OnnxModel m;
  m.input("x", Names{"batch", "3", "8", "8"});
  m.input("w", Ints{4, 3, 3, 3});
  m.input("v", Ints{16, 5});
  m.node("Identity", {"w"}, {"w_same"});
  m.node("Conv", {"x", "w_same"}, {"c"});
  m.node("ReduceMean", {"c"}, {"mean"}).with("axes", Ints{2, 3}).with("keepdims", 0);
  m.ints("shape", {4, 20});
  m.node("Reshape", {"v", "shape"}, {"v_other"});
  m.node("Transpose", {"v_other"}, {"v_turned"}).with("perm", Ints{1, 0});
  m.node("Gemm", {"mean", "v_turned"}, {"y"}).with("transB", 1);
  m.output("y");
  EXPECT_THAT(inputs_of(m.read()), ElementsAre("x"));
}

TEST(OnnxParameters, TheTableOfAGatherIsOneTheIndicesAreNot) {
  OnnxModel m;
  m.input("table", Ints{100, 8});
  m.input("ids", Ints{1, 5}, onnx::TensorProto::INT64);
  m.node("Gather", {"table", "ids"}, {"y"});
  m.output("y");
  // A static file lists its inputs first, so ids count as a parameter too, unless said otherwise.
  EXPECT_EQ(m.read()->ops.size(), 0U);
  OnnxOptions options;
  options.inputs = {"ids"};
  const auto graph = m.read(options);
  EXPECT_THAT(inputs_of(graph), ElementsAre("ids"));
  EXPECT_EQ(graph->ops.size(), 1U);
}

TEST(OnnxParameters, BehindOtherOperatorsAnInputIsAnInput) {
  OnnxModel m;
  m.input("x", Names{"N", "8"});
  m.input("w", Ints{8, 4});
  m.weight("stored", {8, 8});
  m.node("MatMul", {"x", "stored"}, {"h"});
  m.node("Relu", {"w"}, {"r"});
  m.node("MatMul", {"h", "r"}, {"y"});
  m.output("y");
  EXPECT_THAT(inputs_of(m.read()), ElementsAre("x", "w"));
}

TEST(OnnxParameters, BiasesOfAFileWithoutValuesAreParameters) {
  OnnxModel m;
  linear(m, {"batch", "5", "8"});
  const auto graph = m.read();
  EXPECT_THAT(inputs_of(graph), ElementsAre("x"));
  ASSERT_EQ(graph->ops.size(), 1U);  // and so the bias is the product's
  EXPECT_EQ(graph->ops[0].inputs.size(), 3U);
}

TEST(OnnxParameters, InAStaticFileThoseAfterTheFirstParameter) {
  OnnxModel m;
  m.input("mask", Ints{1, 5, 4});
  linear(m, {"1", "5", "8"});
  m.node("Add", {"y", "mask"}, {"z"});
  m.output("z");
  EXPECT_THAT(inputs_of(m.read()), ElementsAre("mask", "x"));
}

TEST(OnnxParameters, AFileThatStoresWeightsMeansItsInputs) {
  OnnxModel m;
  m.input("x", Names{"batch", "5", "8"});
  m.input("offset", Ints{4});
  m.input("second", Ints{4, 4});
  m.weight("w", {8, 4});
  m.node("MatMul", {"x", "w"}, {"product"});
  m.node("Add", {"product", "offset"}, {"sum"});
  m.node("MatMul", {"sum", "second"}, {"y"});
  m.output("y");
  EXPECT_THAT(inputs_of(m.read()), ElementsAre("x", "offset"));  // the rule itself still holds
}

TEST(OnnxParameters, InputForcesAnInput) {
  OnnxModel m;
  linear(m, {"batch", "5", "8"});
  OnnxOptions options;
  options.inputs = {"w"};
  EXPECT_THAT(inputs_of(m.read(options)), ElementsAre("x", "w", "b"));
  options.inputs = {"w", "nobody"};
  EXPECT_EQ(error_names(m.read(options)), "E-unknown-input");
}

TEST(OnnxParameters, InputForcesAStoredValueThatIsListed) {
  OnnxModel m;
  m.input("x", Names{"batch", "8"});
  m.input("w", Ints{8, 4});
  m.weight("w", {8, 4});
  m.node("MatMul", {"x", "w"}, {"y"});
  m.output("y");
  EXPECT_THAT(inputs_of(m.read()), ElementsAre("x"));
  OnnxOptions options;
  options.inputs = {"w"};
  EXPECT_THAT(inputs_of(m.read(options)), ElementsAre("x", "w"));
}

TEST(OnnxParameters, SomethingStaysAnInput) {
  OnnxModel m;
  m.input("table", Ints{100, 8});
  m.node("Transpose", {"table"}, {"t"});
  m.weight("w", {8, 100});
  m.node("Gather", {"table", "i"}, {"row"}).with("axis", 0);
  m.ints("i", {3, 1, 4});
  m.node("MatMul", {"row", "t"}, {"y"});
  m.output("y");
  EXPECT_THAT(inputs_of(m.read()), ElementsAre("table"));
}

TEST(OnnxDimensions, TheBatchIsOneUnlessSaid) {
  OnnxModel m;
  linear(m, {"batch", "5", "8"});
  EXPECT_EQ(find_tensor(*m.read(), "x")->shape, (Shape{1, 5, 8}));
  OnnxOptions options;
  options.batch = 7;
  EXPECT_EQ(find_tensor(*m.read(options), "x")->shape, (Shape{7, 5, 8}));
}

TEST(OnnxDimensions, WithoutSuchANameTheFirstOpenOneIsTheBatch) {
  OnnxModel m;
  linear(m, {"input_dynamic_axes_1", "5", "8"});
  OnnxOptions options;
  options.batch = 3;
  EXPECT_EQ(find_tensor(*m.read(options), "x")->shape, (Shape{3, 5, 8}));
}

TEST(OnnxDimensions, WithSuchANameElsewhereTheFirstIsNot) {
  OnnxModel m;
  linear(m, {"seq", "batch", "8"});
  const auto graph = m.read();
  ASSERT_FALSE(graph);
  EXPECT_EQ(error_names(graph), "E-unbound-dim");
  EXPECT_THAT(graph.errors()[0].message, HasSubstr("'seq'"));
  EXPECT_THAT(graph.errors()[0].hint, HasSubstr("--dim seq=N"));
  OnnxOptions options;
  options.dims = {{"seq", 12}};
  EXPECT_EQ(find_tensor(*m.read(options), "x")->shape, (Shape{12, 1, 8}));
}

TEST(OnnxDimensions, OnesWithoutANameGetOne) {
  OnnxModel m;
  linear(m, {"batch", "", "8"});
  EXPECT_THAT(m.read().errors()[0].hint, HasSubstr("--dim x.1=N"));
  OnnxOptions options;
  options.dims = {{"x.1", 6}};
  EXPECT_EQ(find_tensor(*m.read(options), "x")->shape, (Shape{1, 6, 8}));
}

TEST(OnnxDimensions, WhatIsSaidMustBeOpen) {
  OnnxModel m;
  linear(m, {"batch", "5", "8"});
  OnnxOptions options;
  options.dims = {{"seq", 12}};
  const auto graph = m.read(options);
  EXPECT_EQ(error_names(graph), "E-unknown-dimension");
  EXPECT_THAT(graph.errors()[0].hint, HasSubstr("'batch'"));
  options.dims = {{"batch", -2}};
  EXPECT_EQ(error_names(m.read(options)), "E-out-of-range");
}

TEST(OnnxDimensions, AFixedBatchIsWhatItIs) {
  OnnxModel m;
  linear(m, {"2", "5", "8"});
  OnnxOptions options;
  options.batch = 2;
  EXPECT_TRUE(m.read(options).ok());
  options.batch = 4;
  EXPECT_EQ(error_names(m.read(options)), "E-batch-fixed");
}

TEST(OnnxDimensions, BelongToTheIdentityOfTheWorkload) {
  OnnxModel m;
  linear(m, {"batch", "5", "8"});
  OnnxOptions options;
  options.batch = 2;
  EXPECT_NE(m.read()->hash, m.read(options)->hash);
  EXPECT_EQ(m.read()->hash, m.read()->hash);
}

}  // namespace
}  // namespace takt
