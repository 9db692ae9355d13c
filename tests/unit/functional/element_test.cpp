// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/element.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sim/base/random.h"

namespace takt {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::uint32_t bits_of(DType dtype, double value) {
  std::byte bytes[8] = {};
  store_element(dtype, bytes, value);
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < bytes_of(dtype); ++i) {
    bits |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
  }
  return bits;
}

TEST(Element, KnownPatterns) {
  EXPECT_EQ(bits_of(DType::kFp16, 1), 0x3C00U);
  EXPECT_EQ(bits_of(DType::kFp16, -2), 0xC000U);
  EXPECT_EQ(bits_of(DType::kFp16, 65504), 0x7BFFU);
  EXPECT_EQ(bits_of(DType::kFp16, 0x1p-24), 0x0001U);
  EXPECT_EQ(bits_of(DType::kFp16, 0x1p-14), 0x0400U);
  EXPECT_EQ(bits_of(DType::kFp16, kInfinity), 0x7C00U);
  EXPECT_EQ(bits_of(DType::kBf16, 1), 0x3F80U);
  EXPECT_EQ(bits_of(DType::kBf16, -3.140625), 0xC049U);
  EXPECT_EQ(bits_of(DType::kFp8, 1), 0x38U);
  EXPECT_EQ(bits_of(DType::kFp8, 448), 0x7EU);
  EXPECT_EQ(bits_of(DType::kFp8, 0x1p-9), 0x01U);
  EXPECT_EQ(bits_of(DType::kInt8, -1), 0xFFU);
}

TEST(Element, RoundsToNearestEven) {
  EXPECT_EQ(rounded(DType::kFp16, 2049), 2048);
  EXPECT_EQ(rounded(DType::kFp16, 2051), 2052);
  EXPECT_EQ(rounded(DType::kFp16, 65519), 65504);
  EXPECT_EQ(rounded(DType::kFp16, 65520), kInfinity);
  EXPECT_EQ(rounded(DType::kBf16, 257), 256);
  EXPECT_EQ(rounded(DType::kFp8, 17), 16);
  EXPECT_EQ(rounded(DType::kFp8, 1e9), 448);
  EXPECT_EQ(rounded(DType::kInt8, 130), -126);
  EXPECT_EQ(rounded(DType::kInt32, 0x1p31), -0x1p31);
  EXPECT_EQ(rounded(DType::kBool, 7), 1);
}

TEST(Element, EveryPatternOfNarrowFloatsSurvives) {
  for (const DType dtype : {DType::kFp8, DType::kFp16, DType::kBf16}) {
    for (std::uint32_t bits = 0; bits < 1U << (8 * bytes_of(dtype)); ++bits) {
      const std::byte bytes[2] = {static_cast<std::byte>(bits & 255),
                                  static_cast<std::byte>(bits >> 8)};
      const double value = load_element(dtype, bytes);
      if (std::isnan(value)) continue;
      ASSERT_EQ(rounded(dtype, value), value) << bits;
      ASSERT_EQ(bits_of(dtype, value), bits);
    }
  }
}

TEST(Element, RoundingPicksTheNearerNeighbour) {
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const double x = std::ldexp(static_cast<double>(random.next() >> 11), -60);
    const double y = rounded(DType::kFp16, x);
    const std::uint32_t bits = bits_of(DType::kFp16, y);
    for (const std::uint32_t other : {bits - 1, bits + 1}) {
      const std::byte bytes[2] = {static_cast<std::byte>(other & 255),
                                  static_cast<std::byte>(other >> 8)};
      EXPECT_LE(std::abs(x - y), std::abs(x - load_element(DType::kFp16, bytes)));
    }
  }
}

}  // namespace
}  // namespace takt
