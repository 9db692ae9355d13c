// SPDX-License-Identifier: Apache-2.0
#include "sim/config/reader.h"

#include <gtest/gtest.h>

#include "sim/config/parse.h"

namespace takt {
namespace {

/// Reads one key `v` of `text` as `type`; the errors as text, or the value in canonical form.
template <class Type>
std::string read_as(const std::string& value, const Type& type) {
  Diagnostics errors;
  const auto root = parse_text("v: " + value + "\n", "t.yaml", errors);
  if (!root) return to_string(errors);
  Reader reader(*root, errors);
  const auto read = reader.required("v", type);
  reader.finish();
  if (errors.empty()) return type.format(read);
  // Messages alone: places are checked elsewhere.
  std::string text = errors.front().message;
  if (!errors.front().hint.empty()) text += " (" + errors.front().hint + ")";
  return text + " [" + errors.front().name + "]";
}

TEST(Reader, whole_numbers) {
  EXPECT_EQ(read_as("256", Whole{1, 65536}), "256");
  EXPECT_EQ(read_as("0", Whole{1, 65536}), "must be at least 1, got '0' [E-out-of-range]");
  EXPECT_EQ(read_as("-5", Whole{1, 65536}), "must be at least 1, got '-5' [E-out-of-range]");
  EXPECT_EQ(read_as("70000", Whole{1, 65536}),
            "must be at most 65536, got '70000' [E-out-of-range]");
  EXPECT_EQ(read_as("1.5", Whole{}), "expected a whole number, got '1.5' [E-not-a-number]");
  EXPECT_EQ(read_as("1e6", Whole{}),
            "expected a whole number, got '1e6' (write the number out, without an exponent) "
            "[E-not-a-number]");
  EXPECT_EQ(
      read_as("010", Whole{}),
      "expected a whole number, got '010' (leave out the leading zero: some programs read such "
      "numbers as octal) [E-not-a-number]");
  EXPECT_EQ(read_as("'128'", Whole{}),
            "expected a whole number, got the text '128' (remove the quotes) [E-not-a-number]");
  EXPECT_EQ(read_as("99999999999999999999", Whole{}),
            "too large a number, got '99999999999999999999' [E-out-of-range]");
  EXPECT_EQ(read_as("9223372036854775808", Whole{}),
            "too large a number, got '9223372036854775808' [E-out-of-range]");
  EXPECT_EQ(read_as("[1]", Whole{}), "expected a whole number, got a list [E-wrong-shape]");
  EXPECT_EQ(read_as("", Whole{}), "expected a whole number, got nothing [E-wrong-shape]");
  EXPECT_EQ(read_as("-3", Signed{}), "-3");
  EXPECT_EQ(read_as("48", PowerOfTwo{}), "must be a power of two, got '48' [E-out-of-range]");
}

TEST(Reader, quantities) {
  EXPECT_EQ(read_as("24 MiB", Size{}), "24 MiB");
  EXPECT_EQ(read_as("24576 KiB", Size{}), "24 MiB");
  EXPECT_EQ(
      read_as("24", Size{}),
      "needs a unit, got '24' (units of a size: B, kB, KiB, MB, MiB, GB, GiB, TiB; for example "
      "'24 MiB') [E-missing-unit]");
  EXPECT_EQ(
      read_as("24 MHz", Size{}),
      "'MHz' is not a unit of a size, got '24 MHz' (units of a size: B, kB, KiB, MB, MiB, GB, "
      "GiB, TiB) [E-wrong-unit]");
  EXPECT_EQ(read_as("-1 MiB", Size{}), "must be more than 0, got '-1 MiB' [E-out-of-range]");
  EXPECT_EQ(read_as("0 B", Size{}), "must be more than 0, got '0 B' [E-out-of-range]");
  EXPECT_EQ(read_as("0 B", Size{Zero::kAllowed}), "0 B");
  EXPECT_EQ(read_as("-1 B", Size{Zero::kAllowed}),
            "must not be negative, got '-1 B' [E-out-of-range]");
  EXPECT_EQ(read_as("1.5 B", Size{}),
            "expected a whole number of bytes, got '1.5 B' [E-not-a-number]");
  EXPECT_EQ(read_as("99999999 TiB", Size{}),
            "too large a number, got '99999999 TiB' [E-out-of-range]");
  EXPECT_EQ(
      read_as("1e3 B", Size{}),
      "'e3 B' is not a unit of a size, got '1e3 B' (write the number out, without an exponent) "
      "[E-wrong-unit]");
  EXPECT_EQ(
      read_as("010 B", Size{}),
      "expected a size such as '24 MiB', got '010 B' (leave out the leading zero: some programs "
      "read such numbers as octal) [E-not-a-number]");
  EXPECT_EQ(read_as("1.4 GHz", Frequency{}), "1.4 GHz");
  EXPECT_EQ(read_as("34 GB/s", Bandwidth{}), "34 GB/s");
  EXPECT_EQ(read_as("100 ns", Duration{}), "100 ns");
  EXPECT_EQ(read_as("8 cycles", CycleCount{}), "8 cycles");
  EXPECT_EQ(read_as("0.3 pJ", Energy{}), "0.3 pJ");
  EXPECT_EQ(read_as("3.92 pJ/bit", ByteEnergy{}), "31.36 pJ/B");
  EXPECT_EQ(read_as("250 mW", Power{}), "0.25 W");
}

TEST(Reader, fractions_words_and_flags) {
  EXPECT_EQ(read_as("0.5", Fraction{}), "1/2");
  EXPECT_EQ(read_as("2", Fraction{}), "2");
  EXPECT_EQ(read_as("2/6", Fraction{}), "1/3");
  EXPECT_EQ(read_as("0", Fraction{}), "must be more than 0, got '0' [E-out-of-range]");
  EXPECT_EQ(read_as("1/0", Fraction{}), "must not divide by 0, got '1/0' [E-out-of-range]");
  EXPECT_EQ(read_as("0.000001", Fraction{}),
            "must be a fraction of numbers up to 65536, got '0.000001' [E-out-of-range]");
  EXPECT_EQ(read_as("true", Flag{}), "true");
  EXPECT_EQ(read_as("yes", Flag{}), "expected true or false, got 'yes' [E-bad-choice]");
  EXPECT_EQ(read_as("bf61", compute_dtype()),
            "expected one of int8, int16, fp8, bf16, fp16, fp32, got 'bf61' (did you mean 'bf16'?) "
            "[E-bad-choice]");
  EXPECT_EQ(read_as("\"\"", Text{}), "must not be empty [E-out-of-range]");
}

TEST(Reader, everything_wrong_with_a_map_is_reported_in_order) {
  Diagnostics errors;
  const auto root = parse_text("rows: 0\ncolums: 4\nsize: 5\nhost: 1\n", "t.yaml", errors);
  ASSERT_TRUE(root);
  Reader reader(*root, errors);
  reader.required("size", Size{});
  reader.required("columns", Whole{});
  reader.required("rows", Whole{});
  Reader host = reader.map("host");
  host.required("lanes", Whole{});  // said once that there is no map
  host.finish();
  reader.finish();
  EXPECT_EQ(to_string(errors),
            "t.yaml:1:1: error: columns: is missing [E-missing-key]\n"
            "  1 | rows: 0\n"
            "    | ^\n"
            "t.yaml:1:7: error: rows: must be at least 1, got '0' [E-out-of-range]\n"
            "  1 | rows: 0\n"
            "    |       ^\n"
            "t.yaml:2:1: error: colums: unknown key; did you mean 'columns'? [E-unknown-key]\n"
            "  2 | colums: 4\n"
            "    | ^\n"
            "t.yaml:3:7: error: size: needs a unit, got '5' [E-missing-unit]\n"
            "  3 | size: 5\n"
            "    |       ^\n"
            "  hint: units of a size: B, kB, KiB, MB, MiB, GB, GiB, TiB; for example '24 MiB'\n"
            "t.yaml:4:7: error: host: expected a map, got '1' [E-wrong-shape]\n"
            "  4 | host: 1\n"
            "    |       ^\n");
}

TEST(Reader, lists) {
  Diagnostics errors;
  const auto root = parse_text("a: [1, x, 3]\nb: [{k: 1}, {j: 2}]\nc: 4\n", "t.yaml", errors);
  Reader reader(*root, errors);
  EXPECT_EQ(reader.list("a", Whole{}), (std::vector<std::uint64_t>{1, 3}));
  std::vector<Reader> maps = reader.maps("b");
  ASSERT_EQ(maps.size(), 2u);
  for (Reader& map : maps) {
    map.maybe("k", Whole{});
    map.finish();
  }
  reader.list("c", Whole{});
  reader.finish();
  ASSERT_EQ(errors.size(), 3u) << to_string(errors);
  EXPECT_EQ(errors[0].path, "a[1]");
  EXPECT_EQ(errors[1].path, "b[1].j");
  EXPECT_EQ(errors[2].message, "expected a list, got '4'");
}

TEST(Resolved, holds_values_and_defaults_and_reads_back) {
  Diagnostics errors;
  const auto root = parse_text("a: 1024 B\nm: {t: 'it \"is\"'}\n", "t.yaml", errors);
  const auto read = [](const Node& node, Resolved& out) {
    Diagnostics found;
    Reader reader(node, found, &out);
    reader.required("a", Size{});
    Reader map = reader.map("m");
    map.required("t", Text{});
    map.optional("n", Whole{}, 7);
    EXPECT_TRUE(found.empty()) << to_string(found);
  };
  Resolved first;
  read(*root, first);
  const std::string yaml = to_yaml(first);
  EXPECT_EQ(yaml,
            "a: 1 KiB  # t.yaml:1\n"
            "m:\n"
            "  t: \"it \\\"is\\\"\"  # t.yaml:2\n"
            "  n: 7  # default\n");
  const auto again = parse_text(yaml, "resolved.yaml", errors);
  Resolved second;
  read(*again, second);
  EXPECT_EQ(hash_of(first), hash_of(second));
  EXPECT_EQ(hash_of(first).size(), 16u);
  // FNV-1a's published test vector.
  EXPECT_EQ(fnv1a("foobar"), 0x85944171F73967E8ULL);
}

}  // namespace
}  // namespace takt
