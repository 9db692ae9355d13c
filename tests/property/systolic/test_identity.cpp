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

enum class Feeding {
  kAtOnce,    ///< every tile is known from the beginning
  kAsNeeded,  ///< tiles are pushed when few are left to begin, and taken off as they finish
  kSkipping,  ///< and quiet stretches are skipped
};

/// Runs the sequence on a PE-level array; moments and results by tile.
template <class Operand, class Sum>
void count(const TileSequence<Operand, Sum>& s, Feeding feeding, Cycles limit,
           std::vector<Booking>& moments, std::deque<std::vector<Sum>>& outs) {
  SystolicArray<Operand, Sum> array(s.unit, s.dtype);
  std::size_t begun = 0, loads_ahead = 0;
  // A load begins in the step in which the tile that loaded before starts, so it must be known
  // then.
  const auto top_up = [&] {
    while (outs.size() < s.items.size() && (feeding == Feeding::kAtOnce || loads_ahead < 3)) {
      const auto& item = s.items[outs.size()];
      loads_ahead += item.shape.load_stationary;
      outs.push_back(item.out);
      array.push(array_tile<Operand, Sum>(item, outs.back()));
    }
  };
  top_up();
  while (moments.size() < s.items.size()) {
    if (feeding == Feeding::kSkipping && array.wake() > array.now()) {
      ASSERT_NE(array.wake(), kNever);
      array.skip(array.wake() - array.now());
    }
    array.step();
    ASSERT_LT(array.now(), limit) << "never finishes";
    while (begun < outs.size() && array.moments(begun).start != kNever) {
      loads_ahead -= s.items[begun++].shape.load_stationary;
    }
    while (const auto done = array.take_done()) moments.push_back(*done);
    top_up();
  }
  EXPECT_TRUE(array.idle());
}

template <class Operand, class Sum>
void check_sequence(const TileSequence<Operand, Sum>& s, Feeding feeding) {
  const std::vector<Booking> expected = closed_form(s);
  std::vector<Booking> counted;
  std::deque<std::vector<Sum>> outs;
  count(s, feeding, expected.back().done + Cycles(1000), counted, outs);
  ASSERT_EQ(counted.size(), expected.size()) << describe(s);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string where = " of tile " + std::to_string(i) + " of " + describe(s);
    ASSERT_EQ(counted[i].loaded, expected[i].loaded) << "loaded" << where;
    ASSERT_EQ(counted[i].start, expected[i].start) << "start" << where;
    ASSERT_EQ(counted[i].issued, expected[i].issued) << "issued" << where;
    ASSERT_EQ(counted[i].done, expected[i].done) << "done" << where;
    const auto product = plain_product<Operand, Sum>(s.items[i]);
    ASSERT_EQ(outs[i], product) << "values" << where;
  }
}

template <class Operand, class Sum>
void check_many(DType dtype, std::uint64_t first_seed, int count, std::uint32_t side_max) {
  for (int i = 0; i < count; ++i) {
    const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
    Random random(seed);
    const bool arrival = random.between(0, 1) == 1;
    const auto feeding = static_cast<Feeding>(random.between(0, 2));
    const auto s = random_sequence<Operand, Sum>(random, dtype, side_max, arrival);
    check_sequence(s, feeding);
    if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
  }
}

TEST(SystolicIdentity, ProductsOfThreeTimesTheArray) {
  constexpr std::uint64_t kFirst = 5'000'000, kCases = 600;
  std::size_t passes = 0;
  for (std::uint64_t seed = kFirst; seed < kFirst + kCases; ++seed) {
    Random random(seed);
    const auto feeding = static_cast<Feeding>(random.between(0, 2));
    const auto s = random_products<std::int8_t, std::int32_t>(random, DType::kInt8, 7);
    passes += s.items.size();
    check_sequence(s, feeding);
    if (HasFatalFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(passes, 20 * kCases);
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
