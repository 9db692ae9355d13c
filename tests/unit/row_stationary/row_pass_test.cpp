// SPDX-License-Identifier: Apache-2.0
// Passes of Eyeriss's array by hand, with the mappings of AlexNet that its authors published.
#include "sim/engine/row_pass.h"

#include <gtest/gtest.h>

#include "models/common/row_stationary/row_stationary_timing.h"
#include "sim/base/check.h"
#include "sim/engine/engine.h"

namespace takt {
namespace {

MatrixUnit eyeriss() {
  MatrixUnit array;
  array.rows = 12;
  array.cols = 14;
  array.dataflow = Dataflow::kRowStationary;
  array.weight_buffers = 1;
  array.rate[static_cast<std::size_t>(DType::kInt16)] = {1, 1};
  array.row_stationary = {224, 12, 24, 4, 1, 4, true};
  return array;
}

/// images, rows, cols; filters and channels of the pass; kernel, stride; filters, channels a PE.
RowPass pass(std::uint64_t n, std::uint64_t e, std::uint64_t f, std::uint64_t filters,
             std::uint64_t channels, std::uint16_t kernel, std::uint16_t stride, std::uint16_t p,
             std::uint16_t q) {
  RowPass out;
  out.images = n, out.rows = e, out.cols = f, out.filters = filters, out.channels = channels;
  out.sets = {kernel, kernel, stride, stride, p, q, 0};
  return out;
}

TEST(RowPass, SetsOnTheArray) {
  const MatrixUnit array = eyeriss();
  EXPECT_EQ(pe_sets_max(array, 11, 7), 2U);   // CONV1: two sets side by side
  EXPECT_EQ(pe_sets_max(array, 5, 27), 1U);   // CONV2: 27 columns in two pieces of at most 14
  EXPECT_EQ(pe_sets_max(array, 3, 13), 4U);   // CONV3 to CONV5: one below the other
  EXPECT_EQ(pe_sets_max(array, 11, 15), 0U);  // two pieces of 11 rows do not fit 12
  EXPECT_EQ(pe_sets_max(array, 13, 1), 0U);
  EXPECT_EQ(pe_sets_max(array, 1, 1), 168U);
}

TEST(RowPass, FirstLayerIsBoundByItsWork) {
  const RowPassCost cost = row_pass_cost(eyeriss(), pass(1, 7, 55, 32, 1, 11, 4, 16, 1));
  EXPECT_EQ(cost.load, 32U * 121 / 4);
  // 35 rows of inputs, a window of 11 of each; then 55 windows of 16 filters, 11 products.
  EXPECT_EQ(cost.issue, 35U * 11 + 55U * 16 * 11);
  EXPECT_EQ(cost.drain, 11U);
  EXPECT_EQ(cost.useful, 7U * 55 * 32 * 121 / 168);
}

TEST(RowPass, SumsBoundManySetsWithOtherFilters) {
  // Four sets with other filters: 52 columns send a sum every 12 cycles, four words leave a cycle.
  const RowPassCost four = row_pass_cost(eyeriss(), pass(4, 13, 13, 64, 4, 3, 1, 16, 4));
  EXPECT_EQ(four.issue, 15U * 4 * 3 + 4U * 13 * 13 * 64 / 4);
  EXPECT_GT(4U * 13 * 13 * 64 / 4, 4U * 13 * 16 * 12) << "the work takes less";
  // With one channel a PE the sums are the limit.
  const RowPassCost one = row_pass_cost(eyeriss(), pass(4, 13, 13, 64, 1, 3, 1, 16, 1));
  EXPECT_EQ(one.issue, 15U * 3 + 4U * 13 * 13 * 64 / 4);
  EXPECT_GT(4U * 13 * 13 * 64 / 4, 4U * 13 * 16 * 3);
}

TEST(RowPass, InputsBoundAPassOfFewFilters) {
  // One filter: every input is used three times and comes one a cycle.
  const RowPassCost cost = row_pass_cost(eyeriss(), pass(1, 13, 13, 1, 4, 3, 1, 1, 4));
  EXPECT_EQ(cost.issue, 4U * 15 * 15);
}

TEST(RowPass, RaggedPassesAreDealtOutEvenly) {
  // 28 filters over sets of 16: fourteen each.
  const RowPassCost cost = row_pass_cost(eyeriss(), pass(1, 7, 55, 28, 1, 11, 4, 16, 1));
  EXPECT_EQ(cost.issue, 35U * 11 + 55U * 14 * 11);
}

TEST(RowPass, WhatDoesNotFitIsOurBug) {
  EXPECT_THROW(row_pass_cost(eyeriss(), pass(1, 7, 55, 48, 1, 11, 4, 16, 1)), InternalError);
  EXPECT_THROW(row_pass_cost(eyeriss(), pass(1, 7, 55, 25, 1, 11, 4, 25, 1)), InternalError);
  EXPECT_THROW(row_pass_cost(eyeriss(), pass(1, 13, 13, 16, 5, 3, 1, 16, 5)), InternalError);
}

TEST(RowPass, SkippedZerosDoNothing) {
  RowPass some = pass(4, 13, 13, 32, 6, 3, 1, 16, 3);
  const RowPassActions all = row_pass_actions(some);
  EXPECT_EQ(all.macs, 4U * 13 * 13 * 32 * 6 * 9);
  // Each sum goes up two sets of three PEs.
  EXPECT_EQ(all.hops, 4U * 13 * 13 * 32 * 5);
  const std::uint64_t filled = 32U * 6 * 9 * 13 + 4U * 13 * 13 * 2 * 6 * 3;
  EXPECT_EQ(all.scratchpads, 4 * all.macs + filled);
  some.sets.zero_ppm = 750'000;
  const RowPassActions quarter = row_pass_actions(some);
  EXPECT_EQ(quarter.macs, all.macs / 4);
  EXPECT_EQ(quarter.scratchpads, all.macs + filled);
}

TEST(RowPass, TheTileOpSaysTheSame) {
  Machine machine;
  machine.matrix = eyeriss();
  TileOp op;
  op.kind = TileOpKind::kMatrix;
  op.matrix.m = 7 * 55, op.matrix.n = 32, op.matrix.k = 121;
  op.matrix.dtype = DType::kInt16;
  op.matrix.rows = {11, 11, 4, 4, 16, 1, 500'000};
  op.place.n = {0, 1}, op.place.p = {7, 7}, op.place.q = {0, 55}, op.place.c = {0, 1};
  const RowPass by_hand = pass(1, 7, 55, 32, 1, 11, 4, 16, 1);
  const RowPassCost expected = row_pass_cost(machine.matrix, by_hand);
  const MatrixCost cost = RowStationaryTiming(machine).matrix(op);
  EXPECT_EQ(cost.load.value(), expected.load);
  EXPECT_EQ(cost.issue.value(), expected.issue);
  EXPECT_EQ(cost.drain.value(), expected.drain);
  EXPECT_FALSE(cost.overlap_load);
  op.matrix.load_stationary = false;
  EXPECT_EQ(RowStationaryTiming(machine).matrix(op).load.value(), 0U);
  ActionCounts counts;
  count(op, counts);
  EXPECT_EQ(counts.macs_executed, op.matrix.macs() / 2);
  EXPECT_EQ(counts.noc_bytes, 7U * 55 * 32 * 10 * 2);
  EXPECT_GT(counts.scratchpad_accesses, 4 * counts.macs_executed);
}

}  // namespace
}  // namespace takt
