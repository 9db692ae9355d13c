// SPDX-License-Identifier: Apache-2.0
#include "sim/config/units.h"

#include <gtest/gtest.h>

#include "sim/config/suggest.h"

namespace takt {
namespace {

std::optional<std::uint64_t> base(const std::string& text, const Dimension& dimension) {
  const SplitQuantity split = split_quantity(text);
  Decimal number;
  if (read_decimal(split.number, number) != NumberFault::kNone) return std::nullopt;
  for (const UnitName& unit : dimension.units) {
    std::uint64_t value = 0;
    if (unit.name == split.unit && to_base(number, unit, value) == ScaleFault::kNone) return value;
  }
  return std::nullopt;
}

TEST(Units, exact_in_base_units) {
  EXPECT_EQ(base("24 MiB", size_dimension()), 24u << 20);
  EXPECT_EQ(base("24MiB", size_dimension()), 24u << 20);
  EXPECT_EQ(base("0.5 KiB", size_dimension()), 512u);
  EXPECT_EQ(base("1.4 GHz", frequency_dimension()), 1'400'000'000u);
  EXPECT_EQ(base("1066.666667 MHz", frequency_dimension()), 1'066'666'667u);
  EXPECT_EQ(base("460.6 GB/s", bandwidth_dimension()), 460'600'000'000u);
  EXPECT_EQ(base("100 ns", duration_dimension()), 100'000'000u);
  EXPECT_EQ(base("9223 s", duration_dimension()), 9'223'000'000'000'000'000u);
}

TEST(Units, what_is_not_whole_or_does_not_fit_is_refused) {
  EXPECT_EQ(base("0.3 B", size_dimension()), std::nullopt);
  EXPECT_EQ(base("8388608 TiB", size_dimension()), std::nullopt);  // 2^63
  EXPECT_EQ(base("8388607 TiB", size_dimension()), 8388607ull << 40);
  EXPECT_EQ(base("9224 s", duration_dimension()), std::nullopt);
}

TEST(Units, decimals_are_strict) {
  Decimal number;
  for (const char* text : {"", "-", "010", "00", "1e6", "1.", ".5", "+5", "0x10", "1 000", "1_000",
                           "nan", "inf", "1.5.2", "-01"}) {
    EXPECT_EQ(read_decimal(text, number), NumberFault::kNotANumber) << text;
  }
  for (const char* text : {"0", "-5", "0.5", "18446744073709551615", "1.000"}) {
    EXPECT_EQ(read_decimal(text, number), NumberFault::kNone) << text;
  }
  EXPECT_EQ(read_decimal("18446744073709551616", number), NumberFault::kTooLarge);
  EXPECT_EQ(read_decimal("0.1234567890123456789", number), NumberFault::kTooLarge);
}

TEST(Units, formats_read_back) {
  for (const Dimension* dimension :
       {&size_dimension(), &bandwidth_dimension(), &frequency_dimension(), &duration_dimension()}) {
    for (std::uint64_t value :
         {1ull, 999ull, 1000ull, 1024ull, 1536ull, 25165824ull, 34000000000ull, 1066666667ull,
          1ull << 40, 1ull << 62, 1234567890123456789ull}) {
      const std::string text = format_base(value, *dimension);
      EXPECT_EQ(base(text, *dimension), value) << text;
    }
  }
  EXPECT_EQ(format_base(24u << 20, size_dimension()), "24 MiB");
  EXPECT_EQ(format_base(1'400'000'000, frequency_dimension()), "1.4 GHz");
  EXPECT_EQ(format_real(0.1, "pJ"), "0.1 pJ");
  EXPECT_EQ(format_real(1e-7, "W"), "0.0000001 W");
}

TEST(Units, suggestions) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("rwos", "rows"), 1u);
  EXPECT_EQ(suggest("colums", {"rows", "cols", "columns"}), "columns");
  EXPECT_EQ(suggest("frequency", {"rows", "cols"}), std::nullopt);
}

}  // namespace
}  // namespace takt
