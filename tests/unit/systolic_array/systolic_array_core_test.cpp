// SPDX-License-Identifier: Apache-2.0
#include "models/common/systolic_array/systolic_array_core.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

using Array = SystolicArray<std::int8_t, std::int32_t>;

MatrixUnit unit_of(Dataflow dataflow, std::uint32_t rows, std::uint32_t cols) {
  MatrixUnit unit;
  unit.rows = rows;
  unit.cols = cols;
  unit.dataflow = dataflow;
  unit.rate[static_cast<std::size_t>(DType::kInt8)] = {1, 1};
  return unit;
}

// a = [1 2; 3 4; 5 6], b = [7 8; 9 10]
struct SmallProduct {
  std::vector<std::int8_t> a{1, 2, 3, 4, 5, 6}, b{7, 8, 9, 10};
  std::vector<std::int32_t> out = std::vector<std::int32_t>(6, -1);
  ArrayTile<std::int8_t, std::int32_t> tile() {
    ArrayTile<std::int8_t, std::int32_t> t;
    t.m = 3;
    t.n = t.k = 2;
    t.a = {a.data(), 2, 1};
    t.b = {b.data(), 2, 1};
    t.out = {out.data(), 2, 1};
    return t;
  }
};

TEST(SystolicArray, TwoByTwoWeightsByHand) {
  SmallProduct p;
  Array array(unit_of(Dataflow::kWeightStationary, 2, 2), DType::kInt8);
  array.push(p.tile());
  array.step();  // cycle 0: the lower weight of column 0 enters
  EXPECT_EQ(array.stationary_grid().shadow(0, 0), 9);
  array.step();  // cycle 1: it moves down, the upper one follows; column 1 is a step behind
  EXPECT_EQ(array.stationary_grid().shadow(1, 0), 9);
  EXPECT_EQ(array.stationary_grid().shadow(0, 0), 7);
  EXPECT_EQ(array.stationary_grid().shadow(0, 1), 10);
  EXPECT_EQ(array.moments(0).loaded, Cycles(2));
  EXPECT_EQ(array.moments(0).start, kNever);
  array.step();  // cycle 2: the first input meets the first weight
  EXPECT_EQ(array.moments(0).start, Cycles(2));
  EXPECT_EQ(array.stationary_grid().moving(0, 0), 1);
  EXPECT_EQ(array.stationary_grid().sum(0, 0), 7);
  array.step();  // cycle 3: its sum gets the second product and leaves
  EXPECT_EQ(array.stationary_grid().sum(1, 0), 7 + 18);
  EXPECT_EQ(array.stationary_grid().moving(0, 1), 1);
  EXPECT_EQ(p.out[0], 25);
  EXPECT_EQ(p.out[1], -1);
  while (!array.idle()) array.step();
  EXPECT_EQ(array.now(), Cycles(2 + 3 + 2));
  EXPECT_EQ(p.out, (std::vector<std::int32_t>{25, 28, 57, 64, 89, 100}));
}

TEST(SystolicArray, EveryDataflowGivesTheProduct) {
  for (const Dataflow dataflow :
       {Dataflow::kWeightStationary, Dataflow::kOutputStationary, Dataflow::kInputStationary}) {
    SmallProduct p;
    Array array(unit_of(dataflow, 4, 3), DType::kInt8);
    array.push(p.tile());
    while (!array.idle()) array.step();
    EXPECT_EQ(p.out, (std::vector<std::int32_t>{25, 28, 57, 64, 89, 100}));
  }
}

TEST(SystolicArray, SumsAddUpOverPassesAndWrapAround) {
  SmallProduct p;
  p.out.assign(6, INT32_MAX);
  auto tile = p.tile();
  tile.accumulate = true;
  Array array(unit_of(Dataflow::kWeightStationary, 2, 2), DType::kInt8);
  array.push(tile);
  while (!array.idle()) array.step();
  EXPECT_EQ(p.out[0], INT32_MIN + 24);
}

TEST(SystolicArray, OperandsMayBeGoneWhenTheArrayHasTakenThem) {
  SmallProduct p;
  Array array(unit_of(Dataflow::kWeightStationary, 2, 2), DType::kInt8);
  array.push(p.tile());
  while (array.moments(0).loaded > array.now()) array.step();
  p.b.assign(4, 99);
  while (array.moments(0).issued > array.now()) array.step();
  p.a.assign(6, 99);
  while (!array.idle()) array.step();
  EXPECT_EQ(p.out, (std::vector<std::int32_t>{25, 28, 57, 64, 89, 100}));
}

TEST(SystolicArray, WaitsForOperandsThatAreAnnouncedLater) {
  SmallProduct p;
  auto tile = p.tile();
  tile.a_ready = tile.b_ready = kNever;
  Array array(unit_of(Dataflow::kWeightStationary, 2, 2), DType::kInt8);
  const std::uint64_t id = array.push(tile);
  EXPECT_EQ(array.wake(), kNever);
  array.step();
  array.announce_b(id, Cycles(10));
  EXPECT_EQ(array.wake(), Cycles(10));
  array.skip(Cycles(9));
  while (!array.quiet() || array.moments(id).loaded == kNever) array.step();
  EXPECT_EQ(array.moments(id).loaded, Cycles(12));
  EXPECT_EQ(array.wake(), kNever);
  array.announce_a(id, array.now());
  const Cycles start = array.now();
  while (!array.idle()) array.step();
  const Booking moments = *array.take_done();
  EXPECT_EQ(moments.start, start);
  EXPECT_EQ(moments.done, start + Cycles(3 + 2));
  EXPECT_FALSE(array.take_done().has_value());
}

TEST(SystolicArray, RefusesWhatDoesNotFit) {
  SmallProduct p;
  Array array(unit_of(Dataflow::kWeightStationary, 1, 2), DType::kInt8);
  EXPECT_THROW(array.push(p.tile()), InternalError);
  Array again(unit_of(Dataflow::kWeightStationary, 2, 2), DType::kInt8);
  auto tile = p.tile();
  tile.load_stationary = false;
  EXPECT_THROW(again.push(tile), InternalError);  // there is nothing to use again
  EXPECT_THROW(Array(unit_of(Dataflow::kWeightStationary, 2, 2), DType::kFp32), InternalError);
  again.push(p.tile());
  again.step();
  EXPECT_THROW(again.skip(Cycles(1)), InternalError);
}

}  // namespace
}  // namespace takt
