// SPDX-License-Identifier: Apache-2.0
#include "sim/base/math.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/base/dtype.h"
#include "sim/base/ids.h"
#include "sim/base/random.h"

namespace takt {
namespace {

TEST(Math, DivisionRoundsUp) {
  EXPECT_EQ(ceil_div(0, 7), 0u);
  EXPECT_EQ(ceil_div(7, 7), 1u);
  EXPECT_EQ(ceil_div(8, 7), 2u);
  EXPECT_EQ(ceil_div(UINT64_MAX, 2), UINT64_MAX / 2 + 1);
  EXPECT_EQ(round_up(13, 8), 16u);
  EXPECT_EQ(round_up(16, 8), 16u);
}

TEST(Math, ProductsAreExactInBetween) {
  EXPECT_EQ(mul_div_ceil(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(mul_div_ceil(10, 10, 3), 34u);
  EXPECT_EQ(mul_div_ceil(10, 9, 3), 30u);
  EXPECT_THROW(mul_div_ceil(UINT64_MAX, 2, 1), InternalError);
}

TEST(Math, UsersNumbersThatDoNotFitAreNoticed) {
  EXPECT_EQ(checked_mul(1LL << 31, 1LL << 31), 1LL << 62);
  EXPECT_FALSE(checked_mul(1LL << 32, 1LL << 32).has_value());
  EXPECT_EQ(checked_add(INT64_MAX, -1), INT64_MAX - 1);
  EXPECT_FALSE(checked_add(INT64_MAX, 1).has_value());
  EXPECT_FALSE(checked_add(INT64_MIN, -1).has_value());
}

TEST(Random, IsThePublishedGenerator) {
  // First outputs of SplitMix64 from state 1234567, as printed with its reference code.
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317ULL);
  EXPECT_EQ(random.next(), 3203168211198807973ULL);
  EXPECT_EQ(random.next(), 9817491932198370423ULL);
}

TEST(Random, CoversItsRangeAndNoMore) {
  Random random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.between(3, 7));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{3, 4, 5, 6, 7}));
}

TEST(DType, TheTableIsInTheOrderOfTheEnumeration) {
  for (std::size_t i = 0; i < kDTypes.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kDTypes[i].dtype), i);
    EXPECT_EQ(dtype_from(kDTypes[i].name), kDTypes[i].dtype);
  }
  EXPECT_EQ(dtype_from("int7"), std::nullopt);
  EXPECT_EQ(bytes_of(DType::kBf16), 2u);
}

TEST(Ids, AnIdIsInvalidUntilSet) {
  EXPECT_FALSE(UnitId{}.valid());
  EXPECT_TRUE(UnitId{0}.valid());
  EXPECT_EQ(UnitId{3}, UnitId{3});
  EXPECT_NE(UnitId{3}, UnitId{4});
  static_assert(!std::is_convertible_v<UnitId, BufferId>, "an id indexes one vector only");
}

}  // namespace
}  // namespace takt
