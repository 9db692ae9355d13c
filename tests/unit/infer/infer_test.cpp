// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/infer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/infer/small_graph.h"

namespace takt {
namespace {

using test::axes;
using test::made;
using test::move_to;
using test::SmallGraph;
using test::window;
using testing::HasSubstr;

TEST(InferWindow, ConvSlidesOverPaddedInput) {
  // floor((224 + 6 - 7) / 2) + 1 = 112
  EXPECT_EQ(made(OpKind::kConv, window(7, 2, 3), {{1, 3, 224, 224}, {64, 3, 7, 7}, {64}}),
            "[1, 64, 112, 112] fp32");
  // A dilated 3 spans 5: 14 + 4 - 5 + 1 = 14
  EXPECT_EQ(made(OpKind::kConv, window(3, 1, 2, 1, 2), {{2, 8, 14, 14}, {16, 8, 3, 3}}),
            "[2, 16, 14, 14] fp32");
  EXPECT_EQ(made(OpKind::kConv, window(3, 1, 1, 32), {{1, 32, 8, 8}, {32, 1, 3, 3}}),
            "[1, 32, 8, 8] fp32");
}

TEST(InferWindow, ConvInOneDimension) {
  WindowAttrs w;
  w.kernel[0] = 3;
  w.pad_begin[0] = 2;
  EXPECT_EQ(made(OpKind::kConv, w, {{1, 4, 10}, {6, 4, 3}}), "[1, 6, 10] fp32");
  w.kernel[1] = 3;
  EXPECT_THAT(made(OpKind::kConv, w, {{1, 4, 10}, {6, 4, 3}}), HasSubstr("two dimensions"));
}

TEST(InferWindow, ConvRefusesWhatDoesNotFit) {
  EXPECT_THAT(made(OpKind::kConv, window(5), {{1, 3, 4, 4}, {8, 3, 5, 5}}),
              HasSubstr("spans 5 elements, its padded input has 4"));
  EXPECT_THAT(made(OpKind::kConv, window(3, 1, 0, 2), {{1, 3, 8, 8}, {8, 1, 3, 3}}),
              HasSubstr("2 groups do not divide its 3 channels"));
  EXPECT_THAT(made(OpKind::kConv, window(3, 1, 0, 2), {{1, 4, 8, 8}, {7, 2, 3, 3}}),
              HasSubstr("output channels"));
  EXPECT_THAT(made(OpKind::kConv, window(3), {{1, 3, 8, 8}, {8, 4, 3, 3}}),
              HasSubstr("4 channels"));
  EXPECT_THAT(made(OpKind::kConv, window(3), {{1, 3, 8, 8}, {8, 3, 3, 3}, {7}}),
              HasSubstr("bias [7] must be [8]"));
  EXPECT_THAT(made(OpKind::kConv, window(3, 0), {{1, 3, 8, 8}, {8, 3, 3, 3}}),
              HasSubstr("strides"));
  EXPECT_THAT(made(OpKind::kConv, window(3, 1, -1), {{1, 3, 8, 8}, {8, 3, 3, 3}}),
              HasSubstr("pads"));
  EXPECT_THAT(made(OpKind::kConv, window(3), {{1, 3, 8}, {8, 3, 3, 3}}), HasSubstr("dimensions"));
  EXPECT_THAT(made(OpKind::kConv, window(3), {{3, 8, 8, 8, 8}, {8, 3, 3, 3}}),
              HasSubstr("must be"));
  EXPECT_THAT(made(OpKind::kConv, window(3), {{1, 3, 8, 8}}),
              HasSubstr("has 1 inputs, not 2 to 3"));
}

TEST(InferWindow, CeilModeCountsNoWindowThatSeesOnlyPadding) {
  WindowAttrs w = window(3, 2);
  EXPECT_EQ(made(OpKind::kMaxPool, w, {{1, 1, 4, 4}}), "[1, 1, 1, 1] fp32");
  w.ceil_mode = true;
  EXPECT_EQ(made(OpKind::kMaxPool, w, {{1, 1, 4, 4}}), "[1, 1, 2, 2] fp32");
  // 1 + 2 padding, window 2, stride 3: the second window would start behind the input.
  WindowAttrs behind = window(2, 3, 1);
  behind.ceil_mode = true;
  EXPECT_EQ(made(OpKind::kMaxPool, behind, {{1, 1, 1, 1}}), "[1, 1, 1, 1] fp32");
}

TEST(InferWindow, NoWindowSeesOnlyPadding) {
  const char* const kBlind = "see nothing of its input";
  EXPECT_EQ(made(OpKind::kMaxPool, window(3, 1, 2), {{1, 1, 4, 4}}), "[1, 1, 6, 6] fp32");
  EXPECT_THAT(made(OpKind::kMaxPool, window(3, 1, 3), {{1, 1, 4, 4}}), HasSubstr(kBlind));
  EXPECT_THAT(made(OpKind::kMaxPool, window(2, 2, 2), {{1, 1, 4, 4}}), HasSubstr(kBlind));
  WindowAttrs end = window(2, 2, 0);
  end.pad_end[0] = 2;  // the last window is at rows 4 and 5 of 4
  EXPECT_THAT(made(OpKind::kMaxPool, end, {{1, 1, 4, 4}}), HasSubstr(kBlind));
  // Taps at -1 and 1 of one element; at -2, 0 and 2 one of them sees it.
  WindowAttrs holes = window(2, 1, 1);
  holes.dilation[0] = holes.dilation[1] = 2;
  EXPECT_THAT(made(OpKind::kMaxPool, holes, {{1, 1, 1, 1}}), HasSubstr(kBlind));
  holes = window(3, 2, 2);
  holes.dilation[0] = holes.dilation[1] = 2;
  EXPECT_EQ(made(OpKind::kMaxPool, holes, {{1, 1, 1, 1}}), "[1, 1, 1, 1] fp32");
  // A mean of zeros is one, of no elements is none.
  WindowAttrs mean = window(3, 1, 3);
  EXPECT_THAT(made(OpKind::kAveragePool, mean, {{1, 1, 4, 4}}), HasSubstr(kBlind));
  mean.count_include_pad = true;
  EXPECT_EQ(made(OpKind::kAveragePool, mean, {{1, 1, 4, 4}}), "[1, 1, 8, 8] fp32");
}

TEST(InferWindow, GlobalPoolingLeavesOneElement) {
  WindowAttrs w;
  w.global = true;
  EXPECT_EQ(made(OpKind::kAveragePool, w, {{2, 512, 7, 9}}), "[2, 512, 1, 1] fp32");
  EXPECT_THAT(made(OpKind::kAveragePool, w, {{2, 512, 0, 9}}), HasSubstr("no elements"));
}

TEST(InferWindow, ConvTransposeInvertsConv) {
  WindowAttrs w = window(4, 2, 1);
  EXPECT_EQ(made(OpKind::kConvTranspose, w, {{1, 16, 7, 7}, {16, 8, 4, 4}}), "[1, 8, 14, 14] fp32");
  w.output_padding[0] = 1;
  EXPECT_EQ(made(OpKind::kConvTranspose, w, {{1, 16, 7, 7}, {16, 8, 4, 4}}), "[1, 8, 15, 14] fp32");
  EXPECT_THAT(made(OpKind::kConvTranspose, window(1, 1, 9), {{1, 2, 3, 3}, {2, 2, 1, 1}}),
              HasSubstr("leave nothing"));
}

TEST(InferMath, BroadcastingIsNumpys) {
  EXPECT_EQ(made(OpKind::kBinary, BinaryAttrs{}, {{8, 1, 6, 1}, {7, 1, 5}}), "[8, 7, 6, 5] fp32");
  EXPECT_EQ(made(OpKind::kBinary, BinaryAttrs{}, {{}, {3}}), "[3] fp32");
  EXPECT_THAT(made(OpKind::kBinary, BinaryAttrs{}, {{2, 3}, {4}}),
              HasSubstr("[2, 3] and [4] do not broadcast"));
  EXPECT_EQ(made(OpKind::kBinary, BinaryAttrs{BinaryKind::kLess}, {{2, 3}, {3}}), "[2, 3] bool");
  EXPECT_EQ(made(OpKind::kWhere, {}, {{3, 1}, {1, 4}, {}}), "[3, 4] fp32");
  EXPECT_EQ(made(OpKind::kSum, {}, {{3, 1}, {1, 4}, {2, 1, 1}}), "[2, 3, 4] fp32");
  EXPECT_THAT(made(OpKind::kBinary, BinaryAttrs{BinaryKind::kPRelu}, {{3}, {2, 3}}),
              HasSubstr("slope"));
}

TEST(InferMath, MatMulBroadcastsBatchesAndTransposes) {
  EXPECT_EQ(made(OpKind::kMatMul, MatMulAttrs{}, {{1, 12, 128, 64}, {12, 64, 128}}),
            "[1, 12, 128, 128] fp32");
  MatMulAttrs transposed;
  transposed.transpose_b = true;
  EXPECT_EQ(made(OpKind::kMatMul, transposed, {{5, 64}, {10, 64}, {10}}), "[5, 10] fp32");
  EXPECT_THAT(made(OpKind::kMatMul, MatMulAttrs{}, {{5, 64}, {63, 10}}),
              HasSubstr("64 columns meet 63 rows"));
  EXPECT_THAT(made(OpKind::kMatMul, MatMulAttrs{}, {{5, 64}, {64, 10}, {9}}), HasSubstr("bias"));
  EXPECT_THAT(made(OpKind::kMatMul, MatMulAttrs{}, {{64}, {64, 10}}), HasSubstr("matrices"));
}

TEST(InferMath, CastMakesWhatItsOutputSays) {
  SmallGraph graph;
  graph.op(OpKind::kCast, {}, {graph.value({2})}, 1, DType::kInt64);
  EXPECT_EQ(graph.types(), "[2] int64");
}

TEST(InferAxes, ReductionsDropOrKeepDimensions) {
  EXPECT_EQ(made(OpKind::kReduce, axes({1, 2}), {{2, 3, 4}}), "[2, 1, 1] fp32");
  EXPECT_EQ(made(OpKind::kReduce, axes({0, 2}, false), {{2, 3, 4}}), "[3] fp32");
  EXPECT_EQ(made(OpKind::kReduce, axes({}, false), {{2, 3, 4}}), "[] fp32");
  EXPECT_EQ(made(OpKind::kArgMax, axes({1}, false), {{2, 3, 4}}), "[2, 4] int64");
  EXPECT_THAT(made(OpKind::kReduce, axes({3}), {{2, 3, 4}}), HasSubstr("axis 3 is outside"));
  EXPECT_THAT(made(OpKind::kReduce, axes({1, 1}), {{2, 3, 4}}), HasSubstr("twice"));
  EXPECT_THAT(made(OpKind::kSoftmax, axes({-1}), {{2, 3}}), HasSubstr("axis -1 is outside"));
}

TEST(InferAxes, TopKTakesNoMoreThanThereIs) {
  AxesAttrs attrs = axes({1});
  attrs.k = 5;
  EXPECT_EQ(made(OpKind::kTopK, attrs, {{2, 10}}, 2), "[2, 5] fp32, [2, 5] int64");
  attrs.k = 11;
  EXPECT_THAT(made(OpKind::kTopK, attrs, {{2, 10}}, 2), HasSubstr("cannot take 11 of 10"));
}

TEST(InferAxes, NormsCheckTheirFactors) {
  EXPECT_EQ(made(OpKind::kLayerNorm, axes({2}), {{1, 5, 8}, {8}, {8}}), "[1, 5, 8] fp32");
  EXPECT_THAT(made(OpKind::kLayerNorm, axes({2}), {{1, 5, 8}, {9}}), HasSubstr("factors [9]"));
  EXPECT_EQ(made(OpKind::kBatchNorm, AxesAttrs{}, {{1, 4, 2, 2}, {4}, {4}, {4}, {4}}),
            "[1, 4, 2, 2] fp32");
  EXPECT_THAT(made(OpKind::kBatchNorm, AxesAttrs{}, {{1, 4, 2, 2}, {4}, {3}}),
              HasSubstr("input 2 [3] must be [4]"));
  AxesAttrs groups;
  groups.groups = 3;
  EXPECT_THAT(made(OpKind::kGroupNorm, groups, {{1, 4, 2, 2}}),
              HasSubstr("3 groups do not divide"));
}

TEST(InferMove, SlicesCountStepsBothWays) {
  MoveAttrs attrs;
  attrs.begin = {1, 9};
  attrs.end = {4, -1};
  attrs.step = {2, -3};
  // 1, 3 and 9, 6, 3, 0
  EXPECT_EQ(made(OpKind::kSlice, attrs, {{5, 10}}), "[2, 4] fp32");
  attrs.begin[0] = 6;
  EXPECT_THAT(made(OpKind::kSlice, attrs, {{5, 10}}), HasSubstr("outside dimension 0"));
  attrs.begin[0] = 4;
  attrs.end[0] = 2;
  EXPECT_EQ(made(OpKind::kSlice, attrs, {{5, 10}}), "[0, 4] fp32");
  attrs.step[0] = 0;
  EXPECT_THAT(made(OpKind::kSlice, attrs, {{5, 10}}), HasSubstr("step"));
}

TEST(InferMove, TheOthers) {
  MoveAttrs attrs;
  attrs.axis = 1;
  EXPECT_EQ(made(OpKind::kConcat, attrs, {{2, 3, 4}, {2, 5, 4}}), "[2, 8, 4] fp32");
  EXPECT_THAT(made(OpKind::kConcat, attrs, {{2, 3, 4}, {2, 5, 3}}), HasSubstr("differ elsewhere"));
  attrs.begin = {0, 2};
  attrs.end = {2, 7};
  EXPECT_EQ(made(OpKind::kSplit, attrs, {{2, 7}}, 2), "[2, 2] fp32, [2, 5] fp32");
  attrs.end[1] = 8;
  EXPECT_THAT(made(OpKind::kSplit, attrs, {{2, 7}}, 2), HasSubstr("part 1 is outside"));
  MoveAttrs pads;
  pads.begin = {0, -1};
  pads.end = {2, 0};
  EXPECT_EQ(made(OpKind::kPad, pads, {{3, 4}}), "[5, 3] fp32");
  pads.begin = {0, -5};
  EXPECT_THAT(made(OpKind::kPad, pads, {{3, 4}}), HasSubstr("leave nothing"));
  EXPECT_EQ(made(OpKind::kTranspose, TransposeAttrs{{2, 0, 1}}, {{2, 3, 4}}), "[4, 2, 3] fp32");
  EXPECT_THAT(made(OpKind::kTranspose, TransposeAttrs{{2, 0, 0}}, {{2, 3, 4}}), HasSubstr("once"));
  EXPECT_EQ(made(OpKind::kReshape, move_to({-1, 6}), {{2, 3, 4}}), "[4, 6] fp32");
  EXPECT_THAT(made(OpKind::kReshape, move_to({5, -1}), {{2, 3, 4}}), HasSubstr("cannot make"));
  EXPECT_THAT(made(OpKind::kReshape, move_to({-1, -1}), {{2, 3, 4}}), HasSubstr("cannot make"));
  EXPECT_EQ(made(OpKind::kExpand, move_to({3, 1, 5}), {{2, 1}}), "[3, 2, 5] fp32");
  EXPECT_EQ(made(OpKind::kResize, move_to({1, 3, 8, 8}), {{1, 3, 4, 4}}), "[1, 3, 8, 8] fp32");
}

TEST(InferMove, GatherPutsTheIndicesShapeInPlaceOfTheAxis) {
  SmallGraph graph;
  MoveAttrs attrs;
  attrs.axis = 1;
  graph.op(OpKind::kGather, attrs, {graph.value({7, 100, 3}), graph.value({2, 4}, DType::kInt64)});
  EXPECT_EQ(graph.types(), "[7, 2, 4, 3] fp32");
  graph.op(OpKind::kGather, attrs, {graph.value({7, 100, 3}), graph.value({2, 4})});
  EXPECT_THAT(graph.types(), HasSubstr("not whole numbers"));
}

TEST(InferRecurrent, GatesTimesHidden) {
  RecurrentAttrs attrs;
  attrs.hidden = 16;
  attrs.directions = 2;
  EXPECT_EQ(made(OpKind::kLstm, attrs, {{5, 3, 8}, {2, 64, 8}, {2, 64, 16}, {2, 128}}, 3),
            "[5, 2, 3, 16] fp32, [2, 3, 16] fp32, [2, 3, 16] fp32");
  EXPECT_EQ(made(OpKind::kGru, attrs, {{5, 3, 8}, {2, 48, 8}, {2, 48, 16}}), "[5, 2, 3, 16] fp32");
  EXPECT_THAT(made(OpKind::kGru, attrs, {{5, 3, 8}, {2, 64, 8}, {2, 64, 16}}),
              HasSubstr("input 1 is [2, 64, 8], not [2, 48, 8]"));
}

TEST(InferLimits, BombsAreRefused) {
  const std::int64_t huge = INT64_MAX;
  EXPECT_THAT(made(OpKind::kExpand, move_to({huge, huge}), {{1}}), HasSubstr("too many elements"));
  EXPECT_THAT(made(OpKind::kReshape, move_to({huge, -1}), {{4}}), HasSubstr("cannot make"));
  EXPECT_THAT(made(OpKind::kUnary, UnaryAttrs{}, {{huge, huge}}), HasSubstr("out of bounds"));
  EXPECT_THAT(made(OpKind::kUnary, UnaryAttrs{}, {{-3}}), HasSubstr("out of bounds"));
  EXPECT_THAT(made(OpKind::kExpand, move_to(std::vector<std::int64_t>(17, 1)), {{1}}),
              HasSubstr("17 dimensions"));
  EXPECT_THAT(made(OpKind::kMatMul, MatMulAttrs{},
                   {{std::int64_t{1} << 20, std::int64_t{1} << 20},
                    {std::int64_t{1} << 20, std::int64_t{1} << 20}}),
              testing::Not(HasSubstr("too many")));
  const Shape wide{std::int64_t{1} << 12, std::int64_t{1} << 28};
  EXPECT_THAT(made(OpKind::kMatMul, MatMulAttrs{}, {wide, {std::int64_t{1} << 28, 1 << 12}}),
              "[4096, 4096] fp32");
  // 1024 channels of 31745² outputs, each a sum of 512 · 1024² products: 2^69
  EXPECT_THAT(
      made(OpKind::kConv, window(1024), {{1, 512, 1 << 15, 1 << 15}, {1024, 512, 1024, 1024}}),
      HasSubstr("too many multiplications"));
}

TEST(InferShapes, ReportsAllAndPassesOverWhatFollows) {
  SmallGraph g;
  const TensorId x = g.value({2, 3}), y = g.value({4});
  const TensorId bad = g.op(OpKind::kBinary, BinaryAttrs{}, {x, y}).outputs[0];
  g.op(OpKind::kUnary, UnaryAttrs{}, {bad});
  const TensorId good = g.op(OpKind::kReshape, move_to({6}), {x}).outputs[0];
  g.op(OpKind::kReshape, move_to({7}), {good});
  const Diagnostics errors = infer_shapes(g.graph);
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].path, "node 'op0'");
  EXPECT_EQ(errors[1].path, "node 'op3'");
  EXPECT_EQ(errors[1].name, "E-shape");
  EXPECT_EQ(g.graph.tensor(good).shape, Shape{6});
}

TEST(InferShapes, LimitsTheWholeGraph) {
  SmallGraph g;
  TensorId x = g.value({std::int64_t{1} << 40});
  for (int i = 0; i < 100; ++i) x = g.op(OpKind::kUnary, UnaryAttrs{}, {x}).outputs[0];
  const Diagnostics errors = infer_shapes(g.graph);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0].message, HasSubstr("too many elements"));
}

TEST(InferOp, AnOpOfAnotherKindsAttributesIsRefused) {
  EXPECT_THAT(made(OpKind::kConv, MatMulAttrs{}, {{1, 3, 8, 8}, {8, 3, 3, 3}}),
              HasSubstr("attributes of another kind"));
}

}  // namespace
}  // namespace takt
