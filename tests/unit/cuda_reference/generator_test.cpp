// SPDX-License-Identifier: Apache-2.0
// The header that GPU and processor share against the simulator's own generator, formats and
// integer arithmetic: the same bits.
#include "sim/reference/cuda/generator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sim/base/random.h"
#include "sim/functional/arithmetic.h"
#include "sim/reference/cuda/functions.h"
#include "sim/reference/seeded.h"

namespace takt {
namespace {

constexpr DType kNarrow[] = {DType::kInt8, DType::kInt16};
constexpr DType kFloats[] = {DType::kFp8, DType::kBf16, DType::kFp16, DType::kFp32};

gpu::Type type_of(DType dtype) { return static_cast<gpu::Type>(dtype); }

TEST(SharedGenerator, BitsAndNames) {
  Random random(1);
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t seed = random.next(), name = random.next(), index = random.next() >> 20;
    ASSERT_EQ(gpu::random_bits(seed, name, index), random_bits(seed, name, index));
  }
  for (const char* name : {"", "conv1.weight", "an image"}) {
    EXPECT_EQ(gpu::fnv1a(name, std::strlen(name)), name_hash(name));
  }
}

TEST(SharedGenerator, TypesHaveTheSameNumbers) {
  for (const DTypeInfo& row : kDTypes) {
    EXPECT_EQ(gpu::info(type_of(row.dtype)).name, row.name);
    EXPECT_EQ(gpu::info(type_of(row.dtype)).bytes, row.bytes);
  }
}

TEST(SharedGenerator, ElementsOfEveryRule) {
  Random random(2);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random.next();
    SeedRule rule;
    gpu::Rule shared;
    rule.kind = static_cast<SeedRule::Kind>(i % 3);
    shared.kind = static_cast<gpu::Rule::Kind>(i % 3 + 1);
    rule.limit = shared.limit = static_cast<std::int64_t>(random.between(1, 5000));
    rule.factor = shared.factor = static_cast<float>(random.between(1, 1000)) / 999.0F;
    rule.offset = shared.offset = i % 2 == 0 ? 0.0F : 1.0F;
    if (rule.kind != SeedRule::Kind::kFraction) {
      ASSERT_EQ(static_cast<double>(gpu::seeded_whole(shared, bits)),
                seeded_element(rule, DType::kInt32, bits));
      continue;
    }
    for (const DType dtype : kFloats) {
      std::uint64_t stored = 0;
      gpu::store_real(type_of(dtype), &stored, 0,
                      static_cast<gpu::Real>(gpu::seeded_fraction(shared, bits)));
      std::uint64_t expected = 0;
      store_element(dtype, reinterpret_cast<std::byte*>(&expected),
                    seeded_element(rule, dtype, bits));
      ASSERT_EQ(stored, expected) << to_string(dtype) << " of bits " << bits;
    }
  }
}

TEST(SharedGenerator, SmallFloatsRoundAlike) {
  Random random(3);
  for (int i = 0; i < 200000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random.next());
    const float value = gpu::float_of(bits);
    for (const DType dtype : {DType::kFp8, DType::kBf16, DType::kFp16}) {
      if (std::isnan(value) && dtype == DType::kFp8) continue;
      std::uint64_t stored = 0;
      gpu::store_real(type_of(dtype), &stored, 0, static_cast<gpu::Real>(value));
      const double back = gpu::load_real(type_of(dtype), &stored, 0);
      const double want = rounded(dtype, static_cast<double>(value));
      ASSERT_TRUE(back == want || (std::isnan(back) && std::isnan(want)))
          << to_string(dtype) << ": " << value << " is " << back << " instead of " << want;
    }
  }
}

TEST(SharedArithmetic, ScalesAndRounding) {
  Random random(4);
  for (int i = 0; i < 100000; ++i) {
    const auto wide = static_cast<std::int64_t>(random.next()) >> random.between(18, 60);
    const auto multiplier = static_cast<std::uint32_t>(random.between(1, 1ULL << 31));
    const std::uint64_t sum = random.next() >> random.between(2, 60),
                        count = 1 + random.next() % 100000;
    for (const DType dtype : kNarrow) {
      ASSERT_EQ(gpu::requantise(wide, multiplier, type_of(dtype)),
                requantise(wide, Scale{multiplier}, dtype))
          << wide << " * " << multiplier;
      ASSERT_EQ(gpu::multiplier_for(sum, count, type_of(dtype)),
                scale_for(sum, count, dtype).multiplier)
          << sum << " of " << count;
    }
    const auto b = static_cast<std::int64_t>(random.between(1, 1000000));
    ASSERT_EQ(gpu::round_div(wide >> 4, b), round_div(wide >> 4, b));
    ASSERT_EQ(gpu::isqrt(sum), isqrt(sum));
  }
  for (std::int64_t k = 1; k < 100000; k += 7) {
    ASSERT_EQ(gpu::bias_factor(k), std::int64_t{1} << bias_shift(k));
  }
}

TEST(SharedArithmetic, TablesOfEveryFunction) {
  for (int f = 0; f <= static_cast<int>(UnaryKind::kThresholdedRelu); ++f) {
    UnaryAttrs attrs{static_cast<UnaryKind>(f), 0.2, 0.5};
    for (const DType dtype : kNarrow) {
      EXPECT_EQ(gpu::table_of(static_cast<gpu::Function>(f), 0.2, 0.5, type_of(dtype)),
                unary_table(attrs, dtype))
          << gpu::kFunctionNames[f];
    }
  }
  for (const DType dtype : kNarrow) {
    EXPECT_EQ(gpu::softmax_table(type_of(dtype)), exponential_table(dtype, 2));
  }
}

}  // namespace
}  // namespace takt
