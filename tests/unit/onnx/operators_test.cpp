// SPDX-License-Identifier: Apache-2.0
// Forms of operators that changed between opsets, and those made of several ops. The plain forms
// are covered by the format's own suite (tests/reader/onnx_nodes).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/ir/fuse.h"
#include "sim/ir/macs.h"
#include "tests/support/onnx_model.h"

namespace takt {
namespace {

using test::error_names;
using test::Ints;
using test::kinds;
using test::last_shape;
using test::Names;
using test::OnnxModel;
using testing::ElementsAre;
using testing::HasSubstr;

/// The shape that `op` on x makes, or the error.
class OneNode {
 public:
  OneNode(int opset, const Ints& x) : model(opset) { model.input("x", x); }
  test::NodeRef op(const std::string& type, const Names& inputs) {
    return model.node(type, inputs, {"y"});
  }
  std::string shape() {
    model.output("y");
    const auto graph = model.read();
    if (!graph) return error_names(graph);
    for (const Tensor& tensor : graph->tensors) {
      if (tensor.is_output) return to_string(tensor.shape);
    }
    return "no output";
  }
  std::string message() {
    model.output("y");
    const auto graph = model.read();
    return graph ? "none" : graph.errors().front().message;
  }
  OnnxModel model;
};

TEST(OnnxOpsets, SqueezeTakesItsAxesFromEither) {
  OneNode old(12, {1, 3, 1});
  old.op("Squeeze", {"x"}).with("axes", Ints{0});
  EXPECT_EQ(old.shape(), "[3, 1]");
  OneNode now(13, {1, 3, 1});
  now.model.ints("axes", {-1});
  now.op("Squeeze", {"x", "axes"});
  EXPECT_EQ(now.shape(), "[1, 3]");
}

TEST(OnnxOpsets, SplitTakesItsSizesFromEither) {
  OneNode old(11, {7, 2});
  old.op("Split", {"x"}).with("split", Ints{3, 4})->add_output("z");
  EXPECT_EQ(old.shape(), "[3, 2]");
  OneNode uneven(18, {7, 2});
  uneven.op("Split", {"x"}).with("num_outputs", 2)->add_output("z");
  EXPECT_EQ(uneven.shape(), "[4, 2]");
  OneNode unequal(13, {7, 2});
  unequal.op("Split", {"x"})->add_output("z");
  EXPECT_THAT(unequal.message(), HasSubstr("cannot split 7 into 2"));
}

// Indices are made beside values, which then have a name of ours.
TEST(OnnxOpsets, TopKMayLeaveOutItsValues) {
  OneNode node(11, {2, 7});
  node.model.ints("k", {3});
  node.model.node("TopK", {"x", "k"}, {"", "y"});
  node.model.output("y");
  const auto graph = node.model.read();
  ASSERT_TRUE(graph.ok()) << error_names(graph);
  ASSERT_EQ(graph->ops.size(), 1U);
  ASSERT_EQ(graph->ops[0].outputs.size(), 2U);
  EXPECT_EQ(graph->tensor(graph->ops[0].outputs[0]).name, "y.values");
  EXPECT_EQ(graph->tensor(graph->ops[0].outputs[1]).name, "y");
  EXPECT_TRUE(graph->tensor(graph->ops[0].outputs[1]).is_output);
  const auto regions = fuse(*graph, {});
  ASSERT_TRUE(regions.ok()) << to_string(regions.errors());
  EXPECT_EQ(regions->regions.size(), 2U);
}

TEST(OnnxOpsets, SliceTakesItsBoundsFromEither) {
  OneNode old(9, {10, 4});
  old.op("Slice", {"x"}).with("starts", Ints{2}).with("ends", Ints{-1}).with("axes", Ints{0});
  EXPECT_EQ(old.shape(), "[7, 4]");
  OneNode now(13, {10, 4});
  now.model.ints("starts", {INT64_MAX});
  now.model.ints("ends", {INT64_MIN});
  now.model.ints("axes", {-2});
  now.model.ints("steps", {-3});
  now.op("Slice", {"x", "starts", "ends", "axes", "steps"});
  EXPECT_EQ(now.shape(), "[4, 4]");
}

TEST(OnnxOpsets, SoftmaxFlattensBefore13) {
  const auto axes = [](int opset) {
    OnnxModel m(opset);
    m.input("x", Ints{2, 3, 4});
    m.node("Softmax", {"x"}, {"y"});
    m.output("y");
    return std::get<AxesAttrs>(m.read()->ops[0].attributes).axes;
  };
  EXPECT_THAT(axes(11), ElementsAre(1, 2));
  EXPECT_THAT(axes(13), ElementsAre(2));
}

TEST(OnnxOpsets, ClipTakesItsBoundsFromEither) {
  OnnxModel old(6 + 1);
  old.input("x", Ints{2});
  old.node("Clip", {"x"}, {"y"}).with("min", 0.0F).with("max", 6.0F);
  old.output("y");
  EXPECT_EQ(std::get<ClipAttrs>(old.read()->ops[0].attributes).high, 6);
  OnnxModel relu(13);
  relu.input("x", Ints{2});
  relu.scalar("zero", 0);
  relu.node("Clip", {"x", "zero"}, {"y"});
  relu.output("y");
  EXPECT_EQ(std::get<UnaryAttrs>(relu.read()->ops[0].attributes).kind, UnaryKind::kRelu);
}

TEST(OnnxOpsets, UpsampleAndResize) {
  OneNode seven(7, {1, 3, 4, 5});
  seven.op("Upsample", {"x"}).with_floats("scales", {1, 1, 2, 3});
  EXPECT_EQ(seven.shape(), "[1, 3, 8, 15]");
  OneNode eleven(11, {1, 3, 4, 5});
  eleven.model.ints("sizes", {1, 3, 10, 7});
  eleven.op("Resize", {"x", "", "", "sizes"}).with("mode", "linear");
  EXPECT_EQ(eleven.shape(), "[1, 3, 10, 7]");
  // 0.7 is stored as 0.69999999, and 0.7 of 10 is 7 all the same.
  OneNode rounded(13, {10});
  rounded.model.weight("scales", {1}, {0.7F});
  rounded.op("Resize", {"x", "", "scales"});
  EXPECT_EQ(rounded.shape(), "[7]");
  OneNode axes(18, {1, 3, 4, 5});
  axes.model.weight("scales", {1}, {2});
  axes.op("Resize", {"x", "", "scales"}).with("axes", Ints{3});
  EXPECT_EQ(axes.shape(), "[1, 3, 4, 10]");
}

TEST(OnnxOpsets, ReduceTakesItsAxesFromEither) {
  OneNode old(17, {2, 3, 4});
  old.op("ReduceMean", {"x"}).with("axes", Ints{-1}).with("keepdims", 0);
  EXPECT_EQ(old.shape(), "[2, 3]");
  OneNode now(18, {2, 3, 4});
  now.model.ints("axes", {0, 2});
  now.op("ReduceMean", {"x", "axes"});
  EXPECT_EQ(now.shape(), "[1, 3, 1]");
  OneNode all(18, {2, 3, 4});
  all.op("ReduceMax", {"x"}).with("keepdims", 0);
  EXPECT_EQ(all.shape(), "[]");
  OneNode none(18, {2, 3, 4});
  none.op("ReduceMax", {"x"}).with("noop_with_empty_axes", 1);
  EXPECT_EQ(none.shape(), "[2, 3, 4]");
}

TEST(OnnxOpsets, ShapeMayBeOfAPart) {
  OneNode part(15, {2, 3, 4, 5});
  part.op("Shape", {"x"}).with("start", 1).with("end", -1);
  EXPECT_EQ(part.shape(), "[2]");
}

TEST(OnnxOperators, AutoPadSplitsAnOddElement) {
  const auto pads = [](const char* mode) {
    OnnxModel m;
    m.input("x", Ints{1, 1, 6, 6});
    m.weight("w", {1, 1, 3, 3});
    m.node("Conv", {"x", "w"}, {"y"}).with("strides", Ints{2, 2}).with("auto_pad", mode);
    m.output("y");
    const auto graph = m.read();
    EXPECT_EQ(last_shape(*graph), (mode[0] == 'V' ? Shape{1, 1, 2, 2} : Shape{1, 1, 3, 3}));
    const auto& w = std::get<WindowAttrs>(graph->ops[0].attributes);
    return Ints{w.pad_begin[0], w.pad_end[0]};
  };
  EXPECT_THAT(pads("SAME_UPPER"), ElementsAre(0, 1));
  EXPECT_THAT(pads("SAME_LOWER"), ElementsAre(1, 0));
  EXPECT_THAT(pads("VALID"), ElementsAre(0, 0));
}

TEST(OnnxOperators, ConvTransposeFitsTheShapeAskedFor) {
  OneNode asked(11, {1, 2, 3, 3});
  asked.model.weight("w", {2, 4, 3, 3});
  asked.op("ConvTranspose", {"x", "w"})
      .with("strides", Ints{3, 2})
      .with("output_shape", Ints{10, 8});
  EXPECT_EQ(asked.shape(), "[1, 4, 10, 8]");
  OneNode same(11, {1, 2, 3, 3});
  same.model.weight("w", {2, 4, 3, 3});
  same.op("ConvTranspose", {"x", "w"}).with("strides", Ints{2, 2}).with("auto_pad", "SAME_UPPER");
  EXPECT_EQ(same.shape(), "[1, 4, 6, 6]");
}

TEST(OnnxOperators, VectorsInMatMul) {
  OneNode row(13, {8});
  row.model.weight("w", {5, 8, 4});
  row.op("MatMul", {"x", "w"});
  EXPECT_EQ(row.shape(), "[5, 4]");
  OneNode both(13, {8});
  both.model.weight("w", {8});
  both.op("MatMul", {"x", "w"});
  EXPECT_EQ(both.shape(), "[]");
}

TEST(OnnxOperators, GemmAddsWhatIsNoRow) {
  OnnxModel m;
  m.input("x", Ints{5, 8});
  m.weight("w", {8, 4});
  m.weight("c", {5, 1});
  m.node("Gemm", {"x", "w", "c"}, {"y"}).with("beta", 0.5F);
  m.output("y");
  const auto graph = m.read();
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  EXPECT_THAT(kinds(*graph), ElementsAre(OpKind::kMatMul, OpKind::kBinary));
  EXPECT_EQ(total_macs(*graph), 5U * 8 * 4);
}

TEST(OnnxOperators, TileAndDepthToSpace) {
  OneNode tile(13, {2, 3});
  tile.model.ints("repeats", {3, 2});
  tile.op("Tile", {"x", "repeats"});
  EXPECT_EQ(tile.shape(), "[6, 6]");
  OneNode depth(13, {1, 12, 4, 5});
  depth.op("DepthToSpace", {"x"}).with("blocksize", 2).with("mode", "CRD");
  EXPECT_EQ(depth.shape(), "[1, 3, 8, 10]");
  OneNode space(13, {1, 3, 8, 10});
  space.op("SpaceToDepth", {"x"}).with("blocksize", 2);
  EXPECT_EQ(space.shape(), "[1, 12, 4, 5]");
}

TEST(OnnxOperators, KnownIndicesAtEqualDistancesAreASlice) {
  OnnxModel m;
  m.input("x", Ints{2, 5, 4});
  m.int_scalar("last", -1);
  m.ints("even", {0, 2});
  m.node("Gather", {"x", "even"}, {"e"}).with("axis", 2);
  m.node("Gather", {"e", "last"}, {"y"}).with("axis", 1);
  m.output("y");
  const auto graph = m.read();
  EXPECT_THAT(kinds(*graph), ElementsAre(OpKind::kSlice, OpKind::kSlice, OpKind::kReshape));
  EXPECT_EQ(last_shape(*graph), (Shape{2, 2}));
  OneNode outside(13, {2, 5});
  outside.model.int_scalar("i", 5);
  outside.op("Gather", {"x", "i"}).with("axis", 1);
  EXPECT_THAT(outside.message(), HasSubstr("index 5 is outside axis 1 of [2, 5]"));
}

TEST(OnnxOperators, ShapesThatDependOnDataAreRefused) {
  OnnxModel m;
  m.input("x", Ints{4, 4});
  m.input("shape", Ints{2}, onnx::TensorProto::INT64);
  m.node("Reshape", {"x", "shape"}, {"y"});
  m.output("y");
  const auto graph = m.read();
  EXPECT_EQ(error_names(graph), "E-dynamic-shape");
  EXPECT_EQ(exit_code(graph.errors()), 4);
  EXPECT_THAT(graph.errors()[0].path, HasSubstr("'y'"));
}

TEST(OnnxOperators, AttributesOfTheWrongTypeAreRefused) {
  OneNode axis(13, {2, 3});
  axis.op("Softmax", {"x"}).with("axis", "one");
  EXPECT_THAT(axis.message(), HasSubstr("attribute 'axis' is of the wrong type"));
  OneNode kernel(13, {1, 1, 4, 4});
  kernel.op("MaxPool", {"x"}).with("kernel_shape", Ints{2});
  EXPECT_THAT(kernel.message(), HasSubstr("'kernel_shape' has 1 numbers, not 2"));
}

TEST(OnnxOperators, ShapeArithmeticIsEvaluated) {
  // Flatten by hand, as exporters do: Reshape(x, Concat(Shape(x)[0], -1)).
  OnnxModel m;
  m.input("x", Names{"batch", "3", "4"});
  m.int_scalar("zero", 0);
  m.ints("axes", {0});
  m.ints("rest", {-1});
  m.node("Shape", {"x"}, {"s"});
  m.node("Gather", {"s", "zero"}, {"n"});
  m.node("Unsqueeze", {"n", "axes"}, {"u"});
  m.node("Concat", {"u", "rest"}, {"t"}).with("axis", 0);
  m.node("Reshape", {"x", "t"}, {"y"});
  m.output("y");
  OnnxOptions options;
  options.batch = 5;
  const auto graph = m.read(options);
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  EXPECT_THAT(kinds(*graph), ElementsAre(OpKind::kReshape));
  EXPECT_EQ(last_shape(*graph), (Shape{5, 12}));
}

}  // namespace
}  // namespace takt
