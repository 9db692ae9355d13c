// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/macs.h"

#include <gtest/gtest.h>

#include "tests/unit/infer/small_graph.h"

namespace takt {
namespace {

using test::SmallGraph;
using test::window;

std::uint64_t macs(OpKind kind, Attributes attributes, const std::vector<Shape>& shapes) {
  SmallGraph g;
  std::vector<TensorId> inputs;
  for (const Shape& shape : shapes) inputs.push_back(g.value(shape));
  g.op(kind, std::move(attributes), inputs);
  EXPECT_TRUE(infer_shapes(g.graph).empty());
  return total_macs(g.graph);
}

TEST(Macs, ConvolutionCountsItsWindowForEachOutput) {
  // ResNet's first layer: 112 * 112 * 64 outputs of 7 * 7 * 3 products.
  EXPECT_EQ(macs(OpKind::kConv, window(7, 2, 3), {{1, 3, 224, 224}, {64, 3, 7, 7}}), 118'013'952U);
  // Depthwise: one channel in each sum.
  EXPECT_EQ(macs(OpKind::kConv, window(3, 1, 1, 32), {{1, 32, 112, 112}, {32, 1, 3, 3}}),
            112U * 112 * 32 * 9);
}

TEST(Macs, TransposedConvolutionCountsItsWindowForEachInput) {
  EXPECT_EQ(macs(OpKind::kConvTranspose, window(4, 2, 1), {{1, 16, 7, 7}, {16, 8, 4, 4}}),
            7U * 7 * 16 * 8 * 16);
}

TEST(Macs, MatrixProductsWithBatchesAndTransposes) {
  EXPECT_EQ(macs(OpKind::kMatMul, MatMulAttrs{}, {{2, 12, 128, 64}, {12, 64, 100}}),
            2U * 12 * 128 * 64 * 100);
  MatMulAttrs both;
  both.transpose_a = both.transpose_b = true;
  EXPECT_EQ(macs(OpKind::kMatMul, both, {{64, 5}, {10, 64}}), 5U * 64 * 10);
}

TEST(Macs, RecurrentGatesForEachStepAndDirection) {
  RecurrentAttrs attrs;
  attrs.hidden = 16;
  attrs.directions = 2;
  EXPECT_EQ(macs(OpKind::kLstm, attrs, {{5, 3, 8}, {2, 64, 8}, {2, 64, 16}}),
            5U * 3 * 2 * 64 * (8 + 16));
}

TEST(Macs, NothingElseCounts) {
  EXPECT_EQ(macs(OpKind::kBinary, BinaryAttrs{BinaryKind::kMul}, {{100, 100}, {100, 100}}), 0U);
  WindowAttrs all;
  all.global = true;
  EXPECT_EQ(macs(OpKind::kAveragePool, all, {{1, 8, 7, 7}}), 0U);
}

}  // namespace
}  // namespace takt
