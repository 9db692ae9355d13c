// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/fold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/infer/small_graph.h"

namespace takt {
namespace {

using test::axes;
using test::move_to;
using test::SmallGraph;
using Ints = std::vector<std::int64_t>;
using Floats = std::vector<double>;

/// The value of the last op's first output; nothing if it has none.
std::optional<ConstantData> value_of(const SmallGraph& g) {
  const auto types = infer_op(g.graph, g.graph.ops.back());
  EXPECT_TRUE(types.ok());
  const auto values = fold_op(g.graph, g.graph.ops.back(), *types);
  if (!values) return std::nullopt;
  return values->front();
}

std::optional<Ints> ints_of(const SmallGraph& g) {
  const auto value = value_of(g);
  if (!value || !std::holds_alternative<Ints>(*value)) return std::nullopt;
  return std::get<Ints>(*value);
}

std::optional<Ints> binary(BinaryKind kind, const Ints& a, const Ints& b,
                           DType dtype = DType::kInt64) {
  SmallGraph g;
  const auto size = [](const Ints& v) { return Shape{static_cast<std::int64_t>(v.size())}; };
  g.op(OpKind::kBinary, BinaryAttrs{kind}, {g.ints(size(a), a, dtype), g.ints(size(b), b, dtype)});
  return ints_of(g);
}

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

TEST(FoldArithmetic, WholeNumbersWrapAsTheirTypeDoes) {
  EXPECT_EQ(binary(BinaryKind::kAdd, {kMost}, {1}), (Ints{kLeast}));
  EXPECT_EQ(binary(BinaryKind::kMul, {100}, {2}, DType::kInt8), (Ints{-56}));
  EXPECT_EQ(binary(BinaryKind::kSub, {0}, {1}, DType::kUInt8), (Ints{255}));
  EXPECT_EQ(binary(BinaryKind::kPow, {3, 2}, {4, 62}), (Ints{81, std::int64_t{1} << 62}));
}

TEST(FoldArithmetic, DivisionCutsOffAndTheRemainderTakesTheDivisorsSign) {
  EXPECT_EQ(binary(BinaryKind::kDiv, {7, -7, 7}, {2, 2, -2}), (Ints{3, -3, -3}));
  EXPECT_EQ(binary(BinaryKind::kMod, {7, -7, 7, -7}, {3, 3, -3, -3}), (Ints{1, 2, -2, -1}));
  EXPECT_EQ(binary(BinaryKind::kDiv, {kLeast}, {-1}), (Ints{kLeast}));
  EXPECT_EQ(binary(BinaryKind::kDiv, {1}, {0}), std::nullopt);
  EXPECT_EQ(binary(BinaryKind::kMod, {1}, {0}), std::nullopt);
}

TEST(FoldArithmetic, ComparisonsAndLogic) {
  EXPECT_EQ(binary(BinaryKind::kEqual, {1, 2}, {1, 3}), (Ints{1, 0}));
  EXPECT_EQ(binary(BinaryKind::kGreaterEqual, {1, 2, 3}, {2}), (Ints{0, 1, 1}));
  EXPECT_EQ(binary(BinaryKind::kXor, {0, 1}, {1, 1}, DType::kBool), (Ints{1, 0}));
}

TEST(FoldArithmetic, BroadcastsBothWays) {
  SmallGraph g;
  g.op(OpKind::kBinary, BinaryAttrs{}, {g.ints({2, 1}, {10, 20}), g.ints({3}, {1, 2, 3})});
  EXPECT_EQ(ints_of(g), (Ints{11, 12, 13, 21, 22, 23}));
}

TEST(FoldArithmetic, FloatsRoundToTheirType) {
  SmallGraph g;
  g.op(OpKind::kBinary, BinaryAttrs{BinaryKind::kDiv}, {g.floats({}, {1}), g.floats({}, {3})});
  EXPECT_EQ(std::get<Floats>(*value_of(g)), Floats{static_cast<double>(1.0F / 3.0F)});
  EXPECT_EQ(round_to(DType::kFp32, 1e300), std::numeric_limits<double>::infinity());
  EXPECT_EQ(round_to(DType::kFp64, 1e300), 1e300);
}

TEST(FoldCast, CutsOffTowardsZeroAndSaturatesWhatCannotBe) {
  const ConstantData reals = Floats{1.9, -1.9, std::nan(""), 1e30};
  EXPECT_EQ(std::get<Ints>(convert(reals, DType::kFp32, DType::kInt64)), (Ints{1, -1, 0, kMost}));
  EXPECT_EQ(std::get<Ints>(convert(Ints{300, -1, 0}, DType::kInt64, DType::kUInt8)),
            (Ints{44, 255, 0}));
  EXPECT_EQ(std::get<Ints>(convert(Floats{0.0, 0.5}, DType::kFp32, DType::kBool)), (Ints{0, 1}));
  EXPECT_EQ(std::get<Floats>(convert(Ints{-1}, DType::kUInt64, DType::kFp64)),
            Floats{18446744073709551616.0});
}

TEST(FoldReduce, OverSomeAxes) {
  SmallGraph g;
  const TensorId x = g.ints({2, 3}, {1, 2, 3, 4, 5, 6});
  g.op(OpKind::kReduce, axes({0}, false, ReduceKind::kSum), {x});
  EXPECT_EQ(ints_of(g), (Ints{5, 7, 9}));
  g.op(OpKind::kReduce, axes({1}, true, ReduceKind::kProd), {x});
  EXPECT_EQ(ints_of(g), (Ints{6, 120}));
  g.op(OpKind::kReduce, axes({}, false, ReduceKind::kMax), {x});
  EXPECT_EQ(ints_of(g), (Ints{6}));
}

TEST(FoldReduce, NothingOverNothing) {
  SmallGraph g;
  // A kept dimension of 0 beside a reduced one of 2^40: no work, no memory.
  g.op(OpKind::kReduce, axes({1}, false, ReduceKind::kSum),
       {g.ints({0, std::int64_t{1} << 40}, {})});
  EXPECT_EQ(ints_of(g), (Ints{}));
}

TEST(FoldMove, ElementsGoWhereTheyBelong) {
  SmallGraph g;
  const TensorId x = g.ints({2, 3}, {1, 2, 3, 4, 5, 6});
  g.op(OpKind::kTranspose, TransposeAttrs{{1, 0}}, {x});
  EXPECT_EQ(ints_of(g), (Ints{1, 4, 2, 5, 3, 6}));
  MoveAttrs slice;
  slice.begin = {1, 2};
  slice.end = {-1, -1};
  slice.step = {-1, -2};
  g.op(OpKind::kSlice, slice, {x});
  EXPECT_EQ(ints_of(g), (Ints{6, 4, 3, 1}));
  g.op(OpKind::kExpand, move_to({2, 2, 3}), {g.ints({2, 1}, {7, 8})});
  EXPECT_EQ(ints_of(g), (Ints{7, 7, 7, 8, 8, 8, 7, 7, 7, 8, 8, 8}));
  MoveAttrs axis1;
  axis1.axis = 1;
  g.op(OpKind::kConcat, axis1, {x, g.ints({2, 1}, {9, 10})});
  EXPECT_EQ(ints_of(g), (Ints{1, 2, 3, 9, 4, 5, 6, 10}));
  g.op(OpKind::kGather, axis1, {x, g.ints({2}, {-1, 0})});
  EXPECT_EQ(ints_of(g), (Ints{3, 1, 6, 4}));
  g.op(OpKind::kGather, axis1, {x, g.ints({1}, {3})});
  EXPECT_EQ(ints_of(g), std::nullopt);
  MoveAttrs pads;
  pads.begin = {1, 0};
  pads.end = {0, 1};
  pads.mode = "constant";
  pads.value = 5;
  g.op(OpKind::kPad, pads, {x});
  EXPECT_EQ(ints_of(g), (Ints{5, 5, 5, 5, 1, 2, 3, 5, 4, 5, 6, 5}));
}

TEST(FoldMove, SplitMakesEveryPart) {
  SmallGraph g;
  MoveAttrs parts;
  parts.begin = {0, 1};
  parts.end = {1, 3};
  g.op(OpKind::kSplit, parts, {g.ints({3}, {1, 2, 3})}, 2);
  const auto types = infer_op(g.graph, g.graph.ops.back());
  const auto values = fold_op(g.graph, g.graph.ops.back(), *types);
  ASSERT_TRUE(values);
  EXPECT_EQ(std::get<Ints>(values->at(0)), (Ints{1}));
  EXPECT_EQ(std::get<Ints>(values->at(1)), (Ints{2, 3}));
}

TEST(FoldMove, WhereChooses) {
  SmallGraph g;
  g.op(OpKind::kWhere, {},
       {g.ints({2, 1}, {1, 0}, DType::kBool), g.ints({2}, {1, 2}), g.ints({}, {9})});
  EXPECT_EQ(ints_of(g), (Ints{1, 2, 9, 9}));
}

TEST(Fold, OfAnUnknownOperandThereIsNoValue) {
  SmallGraph g;
  g.op(OpKind::kBinary, BinaryAttrs{}, {g.ints({1}, {1}), g.value({1}, DType::kInt64)});
  EXPECT_FALSE(value_of(g));
}

}  // namespace
}  // namespace takt
