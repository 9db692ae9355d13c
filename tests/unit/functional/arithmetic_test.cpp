// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/arithmetic.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sim/base/random.h"

namespace takt {
namespace {

TEST(Arithmetic, RequantiseRoundsHalfUpAndSaturates) {
  const Scale half{1U << 30};
  EXPECT_EQ(requantise(3, half, DType::kInt8), 2);
  EXPECT_EQ(requantise(1, half, DType::kInt8), 1);
  EXPECT_EQ(requantise(-1, half, DType::kInt8), 0);
  EXPECT_EQ(requantise(-3, half, DType::kInt8), -1);
  EXPECT_EQ(requantise(1000, half, DType::kInt8), 127);
  EXPECT_EQ(requantise(-1000, half, DType::kInt8), -128);
  EXPECT_EQ(requantise(1000, half, DType::kInt16), 500);
  EXPECT_EQ(requantise(-77, Scale{}, DType::kInt8), -77);
  EXPECT_EQ(requantise(std::int64_t{1} << 50, Scale{1}, DType::kInt16), 32767);
}

TEST(Arithmetic, ScaleBringsTheMeanToTenAndNeverUp) {
  // Mean magnitude 1000: 10 / 1000 of 2^31.
  EXPECT_EQ(scale_for(1000 * 7, 7, DType::kInt8).multiplier, (std::uint64_t{10} << 31) / 1000);
  EXPECT_EQ(scale_for(5 * 7, 7, DType::kInt8).multiplier, 1U << 31);
  EXPECT_EQ(scale_for(0, 7, DType::kInt8).multiplier, 1U << 31);
  EXPECT_EQ(scale_for(UINT64_MAX, 1, DType::kInt8).multiplier, 1U);
  EXPECT_EQ(scale_for(2048, 1, DType::kInt16).multiplier, 1U << 30);
}

TEST(Arithmetic, DivisionsAndRoots) {
  EXPECT_EQ(floor_div(-7, 2), -4);
  EXPECT_EQ(round_div(7, 2), 4);
  EXPECT_EQ(round_div(-7, 2), -3);
  EXPECT_EQ(round_div(-8, 3), -3);
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t x = random.next() >> random.between(0, 63);
    const std::uint64_t r = isqrt(x);
    EXPECT_LE(static_cast<unsigned __int128>(r) * r, x);
    EXPECT_GT(static_cast<unsigned __int128>(r + 1) * (r + 1), x);
  }
  EXPECT_EQ(bias_shift(1), 4);
  EXPECT_EQ(bias_shift(16), 6);
  EXPECT_EQ(bias_shift(576), 8);
}

std::string hash_of(const UnaryAttrs& attrs) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const std::int32_t q : unary_table(attrs, DType::kInt8)) {
    hash = (hash ^ static_cast<std::uint8_t>(q)) * 0x100000001B3ULL;
  }
  std::ostringstream out;
  out << std::hex << hash;
  return out.str();
}

TEST(Arithmetic, TablesAreTheDocumentedOnes) {
  std::ifstream file(TAKT_SOURCE_DIR "/docs/values.md");
  std::ostringstream page;
  page << file.rdbuf();
  const auto expect = [&](const std::string& name, UnaryAttrs attrs) {
    const std::string row = "| " + name + " | `" + hash_of(attrs) + "` |";
    EXPECT_NE(page.str().find(row), std::string::npos) << row;
  };
  expect("Sigmoid", {UnaryKind::kSigmoid});
  expect("Tanh", {UnaryKind::kTanh});
  expect("Gelu", {UnaryKind::kGelu});
  expect("Gelu, approximate", {UnaryKind::kGeluTanh});
  expect("Erf", {UnaryKind::kErf});
  expect("Swish", {UnaryKind::kSwish});
  expect("HardSwish", {UnaryKind::kHardSwish});
  expect("HardSigmoid, alpha 1/6, beta 1/2", {UnaryKind::kHardSigmoid, 1.0 / 6, 0.5});
  expect("Exp", {UnaryKind::kExp});
  expect("Softplus", {UnaryKind::kSoftplus});
  expect("Mish", {UnaryKind::kMish});
  expect("Elu, alpha 1", {UnaryKind::kElu, 1});
  expect("Sqrt", {UnaryKind::kSqrt});
  expect("Reciprocal", {UnaryKind::kReciprocal});
}

TEST(Arithmetic, TablesByHand) {
  const auto relu = unary_table({UnaryKind::kRelu}, DType::kInt8);
  ASSERT_EQ(relu.size(), 256U);
  for (int q = -128; q < 128; ++q) {
    EXPECT_EQ(relu[static_cast<std::size_t>(q + 128)], std::max(q, 0));
  }
  const auto sigmoid = unary_table({UnaryKind::kSigmoid}, DType::kInt8);
  EXPECT_EQ(sigmoid[128], 16);       // half of a unit at 0
  EXPECT_EQ(sigmoid[128 + 32], 23);  // 32 / (1 + e^-1) = 23.39
  const auto root = unary_table({UnaryKind::kSqrt}, DType::kInt8);
  EXPECT_EQ(root[128 + 32], 32);
  EXPECT_EQ(root[0], 0);  // no value
  const auto inverse = unary_table({UnaryKind::kReciprocal}, DType::kInt8);
  EXPECT_EQ(inverse[128], 127);
  EXPECT_EQ(inverse[128 + 64], 16);
  const auto softmax = exponential_table(DType::kInt8, 2);
  EXPECT_EQ(softmax[0], 65536U);
  EXPECT_EQ(softmax[16], 24109U);  // 65536 / e
  EXPECT_EQ(softmax.back(), 0U);
}

}  // namespace
}  // namespace takt
