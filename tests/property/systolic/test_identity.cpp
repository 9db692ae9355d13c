// SPDX-License-Identifier: Apache-2.0
// The identity that holds the project together: what SystolicTiming and MatrixUnitCore say of a
// sequence of tiles is what the PE-level array counts, tile by tile, and its values are the
// product.

#include <gtest/gtest.h>

#include "models/common/systolic_array/systolic_array_core.h"
#include "models/common/systolic_array/systolic_timing.h"
#include "tests/property/systolic/random_tiles.h"

namespace takt {
namespace {

/// The closed form's moments of every tile.
template <class Operand, class Sum>
std::vector<Booking> closed_form(const TileSequence<Operand, Sum>& s) {
  Machine machine;
  machine.matrix = s.unit;
  machine.vector.lanes = 1;
  const SystolicTiming timing(machine);
  MatrixUnitCore unit(true);
  std::vector<Booking> bookings;
  for (const auto& item : s.items) {
    TileOp op;
    op.kind = TileOpKind::kMatrix;
    op.matrix = item.shape;
    MatrixCost cost = timing.matrix(op);
    cost.counts_from_zero = false;  // the array counts; SCALE-Sim's -1 has a test of its own
    Waits waits;
    waits.add(StallCause::kInputs, item.a_ready);
    waits.add(StallCause::kWeights, item.b_ready);
    const Booking probed = unit.probe(cost, waits);
    const Booking booked = unit.issue(cost, waits);
    EXPECT_EQ(probed.done, booked.done);
    bookings.push_back(booked);
  }
  return bookings;
}

template <class Operand, class Sum>
void check_sequence(const TileSequence<Operand, Sum>& s, bool skip_quiet) {
  const std::vector<Booking> expected = closed_form(s);
  SystolicArray<Operand, Sum> array(s.unit, s.dtype);
  std::deque<std::vector<Sum>> outs;
  for (const auto& item : s.items) {
    outs.push_back(item.out);
    array.push(array_tile<Operand, Sum>(item, outs.back()));
  }
  const Cycles limit = expected.back().done + Cycles(1000);
  while (!array.idle()) {
    if (skip_quiet && array.wake() > array.now()) {
      ASSERT_NE(array.wake(), kNever) << describe(s);
      array.skip(array.wake() - array.now());
    }
    array.step();
    ASSERT_LT(array.now(), limit) << "never finishes: " << describe(s);
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Booking counted = *array.take_done();
    ASSERT_EQ(counted.loaded, expected[i].loaded) << "loaded, tile " << i << " of " << describe(s);
    ASSERT_EQ(counted.start, expected[i].start) << "start, tile " << i << " of " << describe(s);
    ASSERT_EQ(counted.issued, expected[i].issued) << "issued, tile " << i << " of " << describe(s);
    ASSERT_EQ(counted.done, expected[i].done) << "done, tile " << i << " of " << describe(s);
    const auto product = plain_product<Operand, Sum>(s.items[i]);
    ASSERT_EQ(outs[i], product) << "values, tile " << i << " of " << describe(s);
  }
}

template <class Operand, class Sum>
void check_many(DType dtype, std::uint64_t first_seed, int count, std::uint32_t side_max) {
  for (int i = 0; i < count; ++i) {
    const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
    Random random(seed);
    const bool arrival = random.between(0, 1) == 1;
    const bool skip = random.between(0, 1) == 1;
    const auto s = random_sequence<Operand, Sum>(random, dtype, side_max, arrival);
    check_sequence(s, skip);
    if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
  }
}

TEST(SystolicIdentity, Int8SmallArrays) {
  check_many<std::int8_t, std::int32_t>(DType::kInt8, 1'000'000, 4000, 6);
}
TEST(SystolicIdentity, Int8LargerArrays) {
  check_many<std::int8_t, std::int32_t>(DType::kInt8, 2'000'000, 600, 24);
}
TEST(SystolicIdentity, Int16) {
  check_many<std::int16_t, std::int32_t>(DType::kInt16, 3'000'000, 1000, 9);
}
TEST(SystolicIdentity, Float) { check_many<float, float>(DType::kFp32, 4'000'000, 1000, 9); }

}  // namespace
}  // namespace takt
