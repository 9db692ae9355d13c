// SPDX-License-Identifier: Apache-2.0
// What fuses with what, and where it is written.
#include "sim/ir/fuse.h"

#include <gtest/gtest.h>

#include "sim/ir/macs.h"
#include "tests/unit/fuse/graph_maker.h"

namespace takt::testing {
namespace {

RegionGraph fused(const Graph& graph, DType precision = DType::kInt8) {
  FuseOptions options;
  options.precision = precision;
  const auto result = fuse(graph, options);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : to_string(result.errors()));
  return *result;
}

std::vector<std::string> names(const RegionGraph& regions) {
  std::vector<std::string> out;
  for (const Region& region : regions.regions) out.push_back(region.name);
  return out;
}

std::vector<std::string> steps(const Region& region) {
  std::vector<std::string> out;
  for (const VectorStep& step : region.epilogue) out.push_back(step.what);
  return out;
}

using Names = std::vector<std::string>;

TEST(Fuse, ResidualGoesToTheLaterBranch) {
  GraphMaker make;
  const TensorId x = make.unary(UnaryKind::kTanh, make.input({1, 4, 8, 8}), "x");
  const TensorId a = make.conv(x, 4, 3, 1, 1, 1, "a");
  const TensorId b = make.conv(x, 4, 1, 1, 0, 1, "b");
  const TensorId sum = make.binary(BinaryKind::kAdd, a, b, "sum");
  const RegionGraph regions = fused(make.output(make.unary(UnaryKind::kRelu, sum, "relu")));
  EXPECT_EQ(names(regions), (Names{"x", "a", "b"}));
  EXPECT_EQ(steps(regions.regions[1]), (Names{"bias", "requantise"}));
  EXPECT_EQ(steps(regions.regions[2]), (Names{"bias", "add", "relu", "requantise"}));
  EXPECT_EQ(regions.regions[2].fused, (Names{"sum", "relu"}));
  const VectorOperand& residual = regions.regions[2].operands[1];
  EXPECT_EQ(residual.access, VectorOperand::Access::kAligned);
  EXPECT_EQ(regions.tensors[residual.tensor.index].name, "a");
  EXPECT_TRUE(regions.tensors.back().is_output);
}

TEST(Fuse, AValueReadTwiceIsStored) {
  GraphMaker make;
  const TensorId a = make.conv(make.input({1, 4, 8, 8}), 4, 3, 1, 1, 1, "a");
  const TensorId relu = make.unary(UnaryKind::kRelu, a, "relu");
  const TensorId tanh = make.unary(UnaryKind::kTanh, a, "tanh");
  make.output(relu);
  const RegionGraph regions = fused(make.output(tanh));
  EXPECT_EQ(names(regions), (Names{"a", "relu", "tanh"}));
}

TEST(Fuse, ADiamondOfElementwiseOpsFuses) {
  GraphMaker make;
  const TensorId a = make.conv(make.input({1, 4, 8, 8}), 4, 3, 1, 1, 1, "a");
  const TensorId gate = make.unary(UnaryKind::kSigmoid, a, "gate");
  const RegionGraph regions = fused(make.output(make.binary(BinaryKind::kMul, a, gate, "swish")));
  EXPECT_EQ(names(regions), (Names{"a"}));
  EXPECT_EQ(regions.regions[0].fused, (Names{"gate", "swish"}));
}

TEST(Fuse, FloatingPointIsNotRequantised) {
  GraphMaker make;
  const Graph& graph = make.output(make.conv(make.input({1, 4, 8, 8}), 4, 3));
  EXPECT_EQ(steps(fused(graph, DType::kFp16).regions[0]), (Names{"bias"}));
  EXPECT_EQ(fused(graph, DType::kFp16).tensors[0].bytes(), 2u * 4 * 64);
}

TEST(Fuse, AClosedGraphKeepsItsTypes) {
  GraphMaker make;
  make.output(make.conv(make.input({1, 4, 8, 8}), 4, 3));
  make.graph.dtype_open = false;
  const RegionGraph regions = fused(make.graph, DType::kInt8);
  EXPECT_EQ(regions.regions[0].dtype, DType::kFp32);
}

TEST(Fuse, DepthwiseIsAProductOfManyGroups) {
  GraphMaker make;
  const Graph& graph = make.output(make.conv(make.input({2, 6, 8, 8}), 6, 3, 2, 1, 6, "dw"));
  const Region region = fused(graph).regions[0];
  EXPECT_EQ(region.op, "depthwise_conv");
  EXPECT_EQ(region.matrix.g, 6);
  EXPECT_EQ(region.matrix.c, 1);
  EXPECT_EQ(region.matrix.o, 1);
  EXPECT_EQ(region.matrix.input.stride_g, 1);
  EXPECT_EQ(region.matrix.macs(), total_macs(graph));
  EXPECT_TRUE(region.matrix.input_groups_inside());
  EXPECT_TRUE(region.matrix.output_groups_inside(region.output));
}

TEST(Fuse, ConcatenationsAreWrittenInPlace) {
  GraphMaker make;
  const TensorId x = make.input({1, 4, 8, 8});
  const TensorId a = make.unary(UnaryKind::kRelu, make.conv(x, 3, 1, 1, 0, 1, "a"));
  const TensorId b = make.conv(x, 5, 1, 1, 0, 1, "b");
  const TensorId all = make.concat({a, b}, 1, "all");
  const RegionGraph regions = fused(make.output(make.conv(all, 2, 1, 1, 0, 1, "c")));
  EXPECT_EQ(names(regions), (Names{"a", "b", "c"}));
  EXPECT_EQ(regions.regions[0].output.tensor, regions.regions[1].output.tensor);
  EXPECT_EQ(regions.regions[1].output.offset, 3);
  EXPECT_EQ(regions.regions[1].output.stride_w, 8);
}

TEST(Fuse, AnInputInAConcatenationIsCopied) {
  GraphMaker make;
  const TensorId x = make.input({1, 4, 8, 8});
  const TensorId a = make.conv(x, 3, 1, 1, 0, 1, "a");
  const RegionGraph regions = fused(make.output(make.concat({a, x}, 1, "all")));
  EXPECT_EQ(names(regions), (Names{"a", "all"}));
  EXPECT_TRUE(regions.regions[1].vector.moves_only);
  EXPECT_EQ(regions.regions[1].vector.row_run, 4);
}

TEST(Fuse, AttentionMovesNothing) {
  GraphMaker make;
  const TensorId x = make.input({2, 6, 8});
  const auto heads = [&](TensorId t) {
    return make.transpose(make.reshape(t, {2, 6, 2, 4}), {0, 2, 1, 3});
  };
  const TensorId q = heads(make.linear(x, 8, "q")), k = heads(make.linear(x, 8, "k"));
  const TensorId v = heads(make.linear(x, 8, "v"));
  const TensorId scores = make.matmul(q, make.transpose(k, {0, 1, 3, 2}), false, "scores");
  const TensorId context = make.matmul(make.softmax(scores, 3), v, false, "context");
  const TensorId merged = make.reshape(make.transpose(context, {0, 2, 1, 3}), {2, 6, 8});
  const RegionGraph regions = fused(make.output(make.linear(merged, 8, "out")));
  ASSERT_EQ(regions.regions.size(), 7u);
  const MatrixWork& work = regions.regions[3].matrix;
  EXPECT_EQ(work.g, 4);
  EXPECT_EQ(work.g_outer, 2);
  EXPECT_EQ(work.weight.stride_o, 8);  // keys are read across
  EXPECT_FALSE(work.weight.packed);
  // The context is written so that the projection reads rows of eight.
  EXPECT_EQ(regions.regions[6].matrix.c, 8);
  EXPECT_EQ(regions.regions[6].matrix.p, 12);
}

TEST(Fuse, SharedWeightsTakeTheBatchAsRows) {
  GraphMaker make;
  const RegionGraph regions = fused(make.output(make.linear(make.input({3, 5, 7, 8}), 4)));
  EXPECT_EQ(regions.regions[0].matrix.g, 1);
  EXPECT_EQ(regions.regions[0].matrix.p, 3 * 5 * 7);
  EXPECT_TRUE(regions.regions[0].matrix.weight.packed);
}

TEST(Fuse, FlattenedChannelsBecomeAWindow) {
  GraphMaker make;
  const TensorId x = make.conv(make.input({2, 3, 4, 5}), 6, 1);
  const RegionGraph regions = fused(make.output(make.linear(make.reshape(x, {2, 120}), 7)));
  const MatrixWork& work = regions.regions[1].matrix;
  EXPECT_EQ(work.n * work.p * work.q, 2);
  EXPECT_EQ(work.r * work.s * work.c, 120);
  EXPECT_EQ(regions.regions.size(), 2u);
}

TEST(Fuse, MaskAndSoftmaxAreOneRegion) {
  GraphMaker make;
  const TensorId x = make.input({2, 6, 6}), mask = make.input({2, 6, 6});
  const RegionGraph regions =
      fused(make.output(make.softmax(make.binary(BinaryKind::kAdd, x, mask, "mask"), 2)));
  ASSERT_EQ(regions.regions.size(), 1u);
  EXPECT_EQ(regions.regions[0].vector.row_elements, 6);
  EXPECT_EQ(regions.regions[0].vector.rows, 12);
}

TEST(Fuse, PoolsReadWindowsOfRows) {
  GraphMaker make;
  const TensorId x = make.input({2, 3, 9, 7});
  make.output(make.max_pool(x, 3, 2, 1));
  const RegionGraph regions = fused(make.output(make.global_pool(x)));
  const VectorOperand& window = regions.regions[0].operands[0];
  EXPECT_EQ(window.access, VectorOperand::Access::kWindow);
  EXPECT_EQ(window.window, 3);
  EXPECT_EQ(window.stride, 2);
  EXPECT_EQ(window.pad, 1);
  EXPECT_EQ(window.rows, 9);
  EXPECT_EQ(window.row_elements, 7 * 3);
  EXPECT_EQ(regions.regions[0].vector.rows, 5);
}

TEST(Fuse, LongRowsOfIndependentElementsAreCut) {
  GraphMaker make;
  const RegionGraph regions =
      fused(make.output(make.unary(UnaryKind::kTanh, make.input({1 << 20}))));
  EXPECT_EQ(regions.regions[0].vector.row_elements, 16'384);
  EXPECT_EQ(regions.regions[0].vector.rows, 64);
}

TEST(Fuse, WhatDependsOnParametersAloneIsFolded) {
  GraphMaker make;
  const TensorId w = make.binary(BinaryKind::kMul, make.parameter({8, 4}), make.parameter({4}));
  const RegionGraph regions = fused(make.output(make.matmul(make.input({3, 8}), w)));
  EXPECT_EQ(regions.regions.size(), 1u);
  EXPECT_EQ(regions.folded.size(), 1u);
  EXPECT_TRUE(regions.regions[0].matrix.weight.packed);
}

TEST(Fuse, TransposedConvolutionIsAProductAndAScatter) {
  GraphMaker make;
  WindowAttrs window;
  window.stride[0] = window.stride[1] = 2;
  window.kernel[0] = window.kernel[1] = 3;
  const TensorId x = make.input({2, 4, 5, 6});
  const TensorId w = make.parameter({4, 3, 3, 3});
  const TensorId up = make.op(OpKind::kConvTranspose, {x, w, make.parameter({3})}, window, "up");
  const Graph& graph = make.output(make.unary(UnaryKind::kRelu, up, "relu"));
  const RegionGraph regions = fused(graph);
  EXPECT_EQ(names(regions), (Names{"up", "up.col2im"}));
  EXPECT_EQ(regions.regions[0].matrix.macs(), total_macs(graph));
  EXPECT_EQ(steps(regions.regions[1]), (Names{"col2im", "bias", "relu", "requantise"}));
  EXPECT_EQ(regions.tensors[regions.regions[0].output.tensor.index].dtype, DType::kInt32);
}

TEST(Fuse, OutputsAreStoredWhole) {
  GraphMaker make;
  const auto parts = make.split(make.unary(UnaryKind::kTanh, make.input({4, 6})), 1, 2);
  const RegionGraph regions = fused(make.output(parts[0]));
  EXPECT_EQ(regions.regions.size(), 2u);
  EXPECT_EQ(regions.regions[1].op, "copy");
  for (const StoredTensor& tensor : regions.tensors) {
    if (tensor.is_output) {
      EXPECT_EQ(tensor.elements, 12);
    }
  }
}

struct Recurrent {
  OpKind kind;
  std::int64_t gates, directions;
  bool reset_after;
  std::size_t regions_a_step;
};
class Recurrents : public ::testing::TestWithParam<Recurrent> {};

TEST_P(Recurrents, MacsAndStepsInOrder) {
  const Recurrent& p = GetParam();
  GraphMaker make;
  const std::int64_t steps = 5, batch = 2, inputs = 3, hidden = 4;
  const TensorId x = make.input({steps, batch, inputs});
  RecurrentAttrs attrs;
  attrs.hidden = hidden;
  attrs.directions = p.directions;
  attrs.linear_before_reset = p.reset_after;
  const std::vector<TensorId> operands{x, make.parameter({p.directions, p.gates * hidden, inputs}),
                                       make.parameter({p.directions, p.gates * hidden, hidden}),
                                       make.parameter({p.directions, 2 * p.gates * hidden})};
  const auto made = make.ops(p.kind, operands, attrs, 2, "cell");
  make.output(made[0]);
  const RegionGraph regions = fused(make.output(make.unary(UnaryKind::kTanh, made[1])));
  std::uint64_t macs = 0;
  for (const Region& region : regions.regions) {
    if (region.kind == Region::Kind::kMatrix) macs += region.matrix.macs();
  }
  EXPECT_EQ(macs, total_macs(make.graph));
  const auto d = static_cast<std::size_t>(p.directions);
  EXPECT_EQ(regions.regions.size(), d * (1 + 5 * p.regions_a_step) + 1);
  EXPECT_EQ(regions.regions[0].name, p.directions == 1 ? "cell.x" : "cell.fw.x");
  EXPECT_EQ(regions.regions[0].matrix.p, steps * batch);
}

INSTANTIATE_TEST_SUITE_P(All, Recurrents,
                         ::testing::Values(Recurrent{OpKind::kLstm, 4, 1, false, 3},
                                           Recurrent{OpKind::kLstm, 4, 2, false, 3},
                                           Recurrent{OpKind::kGru, 3, 1, true, 2},
                                           Recurrent{OpKind::kGru, 3, 1, false, 4},
                                           Recurrent{OpKind::kRnn, 1, 2, false, 1}));

TEST(Fuse, TooManyStepsAreAnError) {
  GraphMaker make;
  const TensorId x = make.input({100, 1, 2});
  RecurrentAttrs attrs;
  attrs.hidden = 2;
  const auto made = make.ops(
      OpKind::kRnn, {x, make.parameter({1, 2, 2}), make.parameter({1, 2, 2})}, attrs, 1, "cell");
  FuseOptions options;
  options.recurrent_steps_max = 99;
  const auto result = fuse(make.output(made[0]), options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.errors()[0].name, "E-unsupported-form");
  EXPECT_EQ(exit_code(result.errors()), 4);
}

}  // namespace
}  // namespace takt::testing
