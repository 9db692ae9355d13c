// SPDX-License-Identifier: Apache-2.0
// Numbers with units, ranges of them, and constraints over them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/parse.h"
#include "sim/sweep/constraint.h"
#include "sim/sweep/range.h"

namespace takt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Measure, IsExactAndReadsBack) {
  for (const char* text : {"64 KiB", "1.5 GHz", "12.8 GB/s", "500 ns", "8 cycles", "1.2 pJ/B", "0",
                           "0.25", "32", "0.2 W", "1 GiB"}) {
    const auto measure = measure_from(text);
    ASSERT_TRUE(measure) << text;
    const auto again = measure_from(text_of(*measure));
    ASSERT_TRUE(again) << text_of(*measure);
    EXPECT_EQ(compare(*measure, *again), 0) << text;
    EXPECT_EQ(measure->dimension, again->dimension) << text;
  }
  EXPECT_EQ(base_digits(*measure_from("64 KiB")), "65536");
  EXPECT_EQ(base_digits(*measure_from("1.5 GHz")), "1500000000");
  EXPECT_EQ(base_digits(*measure_from("200 fJ")), "0.2");
  EXPECT_EQ(base_digits(*measure_from("0.050")), "0.05");
  EXPECT_EQ(text_of(*measure_from("65536 B")), "64 KiB");
}

TEST(Measure, RefusesWhatIsNoNumber) {
  for (const char* text :
       {"", "abc", "-5", "1e6", "64 Kib", "64 KiB/s2", "int8", "1/3", "99999999999 TiB", "1 2"}) {
    EXPECT_FALSE(measure_from(text)) << text;
  }
}

TEST(Measure, ComparesAndAddsAcrossPlaces) {
  const auto m = [](const char* text) { return *measure_from(text); };
  EXPECT_LT(compare(m("0.1"), m("0.25")), 0);
  EXPECT_EQ(compare(m("1 MiB"), m("1024 KiB")), 0);
  EXPECT_GT(compare(m("9000000000000000000"), m("0.000000000000000001")), 0);
  EXPECT_LT(compare(m("0.000000000000000001"), m("9000000000000000000")), 0);
  EXPECT_EQ(base_digits(*sum(m("0.75"), m("0.25"))), "1");
  EXPECT_EQ(base_digits(*product(m("1 KiB"), m("1.5"))), "1536");
  EXPECT_FALSE(sum(m("9000000000000000000"), m("9000000000000000000")));
  EXPECT_FALSE(product(m("9000000000000000000"), m("2")));
}

/// The values of a range as text, or the errors.
std::vector<std::string> range(const std::string& yaml) {
  Diagnostics errors;
  const auto node = parse_text(yaml, "s.yaml", errors);
  std::vector<std::string> texts;
  for (const Measure& m : range_values(*node, "parameters.x", errors)) texts.push_back(text_of(m));
  for (const Diagnostic& d : errors) texts.push_back(d.path + ": " + d.message);
  return texts;
}

TEST(Range, MultipliesAndSteps) {
  EXPECT_THAT(range("{from: 64 KiB, to: 512 KiB, factor: 2}"),
              ElementsAre("64 KiB", "128 KiB", "256 KiB", "512 KiB"));
  EXPECT_THAT(range("{from: 8, to: 20, factor: 1.5}"), ElementsAre("8", "12", "18"));
  EXPECT_THAT(range("{from: 8, to: 30, step: 8}"), ElementsAre("8", "16", "24"));
  EXPECT_THAT(range("{from: 0.1, to: 0.5, step: 0.1}"),
              ElementsAre("0.1", "0.2", "0.3", "0.4", "0.5"));
  EXPECT_THAT(range("{from: 1 GHz, to: 1.4 GHz, step: 200 MHz}"),
              ElementsAre("1 GHz", "1.2 GHz", "1.4 GHz"));
  EXPECT_THAT(range("{from: 7, to: 7, step: 1}"), ElementsAre("7"));
  // A value that is no whole number of bytes is kept, for the machine to refuse.
  EXPECT_THAT(range("{from: 1 B, to: 2 B, factor: 1.5}"), ElementsAre("1 B", "1.5 B"));
  // The next one would be 2^63, and a step of 9e18 from a half has more digits than are kept.
  EXPECT_EQ(range("{from: 1, to: 9223372036854775807, factor: 2}").size(), 63U);
  EXPECT_THAT(range("{from: 0.5, to: 10, step: 9000000000000000000}"), ElementsAre("0.5"));
}

TEST(Range, SaysWhatIsWrong) {
  EXPECT_THAT(range("{from: 1, to: 4}"),
              ElementsAre("parameters.x: needs either 'step' or 'factor'"));
  EXPECT_THAT(range("{from: 1, to: 4, step: 1, factor: 2}"),
              ElementsAre("parameters.x: needs either 'step' or 'factor'"));
  EXPECT_THAT(range("{from: 4, to: 1, step: 1}"),
              ElementsAre("parameters.x.to: must not be less than 'from'"));
  EXPECT_THAT(range("{from: 1, to: 4, step: 0}"),
              ElementsAre("parameters.x.step: must be more than 0"));
  EXPECT_THAT(range("{from: 0, to: 4, factor: 2}"),
              ElementsAre("parameters.x.from: must be more than 0 where a factor follows"));
  EXPECT_THAT(range("{from: 1 B, to: 4 B, step: 1}"),
              ElementsAre("parameters.x.step: is a plain number where 'from' is a size"));
  EXPECT_THAT(range("{from: 1, to: 4, factor: 2 B}"),
              ElementsAre("parameters.x.factor: takes no unit"));
  // Never a shorter list than was asked for.
  EXPECT_THAT(
      range("{from: 1, to: 100, factor: 1.1}"),
      ElementsAre("parameters.x: the value after 5.559917313492231481 has too many digits"));
  EXPECT_THAT(range("{from: one, to: 4, step: 1, by: 2}"),
              ElementsAre(HasSubstr("parameters.x.from: expected a number"),
                          HasSubstr("parameters.x.by: unknown key")));
}

/// "yes", "no", or the errors.
std::string verdict(const std::string& text) {
  const std::vector<std::pair<std::string, std::string>> keys{
      {"rows", "32"},        {"cols", "16"},           {"size", "64 KiB"}, {"clock", "1 GHz"},
      {"latency", "100 ns"}, {"bandwidth", "32 GB/s"}, {"share", "0.5"}};
  const KeyValues values{[&keys](const std::string& key) -> std::optional<Measure> {
                           for (const auto& [name, value] : keys) {
                             if (name == key) return measure_from(value);
                           }
                           return std::nullopt;
                         },
                         [&keys] {
                           std::vector<std::string> names;
                           for (const auto& item : keys) names.push_back(item.first);
                           return names;
                         }};
  Diagnostics errors;
  const auto node = parse_text("- \"" + text + "\"\n", "s.yaml", errors);
  const auto constraint = Constraint::parse(node->children.at(0), "c", errors);
  std::optional<bool> holds;
  if (constraint) holds = constraint->holds(values, errors);
  std::string said = holds ? (*holds ? "yes" : "no") : "";
  for (const Diagnostic& d : errors) {
    said +=
        std::to_string(d.place.column) + ": " + d.message + (d.hint.empty() ? "" : "; " + d.hint);
  }
  return said;
}

TEST(Constraint, Holds) {
  for (const char* text : {"rows <= 32",
                           "rows < 33",
                           "rows == 32",
                           "rows != 31",
                           "rows >= 2 * cols",
                           "rows > cols",
                           "size >= 2 * rows * 1 KiB",
                           "size == 64 KiB",
                           "size / 1 KiB == 64",
                           "size == 65536 B",
                           "rows - cols - 8 == 8",
                           "rows / cols / 2 == 1",
                           "2 + 3 * 4 == 14",
                           "(2 + 3) * 4 == 20",
                           "-rows < 0",
                           "- (rows - 40) == 8",
                           "clock * latency == 100",
                           "latency == 0.1 us",
                           "bandwidth / clock == 32 B",
                           "bandwidth * latency <= 3.2 kB",
                           "10 * 10 ns == latency",
                           "share * rows == cols",
                           "64KiB==size",
                           "rows*cols*1 B==512 B"}) {
    EXPECT_EQ(verdict(text), "yes") << text;
  }
  for (const char* text : {"rows < 32", "rows != 32", "size > 64 KiB", "clock * latency < 100"}) {
    EXPECT_EQ(verdict(text), "no") << text;
  }
}

TEST(Constraint, SaysWhereItIsWrong) {
  EXPECT_EQ(verdict("rows <= "), "12: expected a number or a key, got the end");
  EXPECT_EQ(verdict("rows"), "8: expected one of <=, <, >=, >, ==, !=, got the end");
  EXPECT_EQ(verdict("rows = 4"), "9: expected one of <=, <, >=, >, ==, !=, got '= 4'");
  EXPECT_EQ(verdict("(rows < 4"), "10: expected ')', got '< 4'");
  EXPECT_EQ(verdict("rows < 4 parsec"), "13: expected a unit or an operator, got 'parsec'");
  EXPECT_EQ(verdict("rows < 4 < 5"), "13: expected the end, got '< 5'");
  EXPECT_EQ(verdict("rows < 1.2.3"), "11: not a number that can be read: '1.2.3'");
  EXPECT_EQ(verdict("row < 4"),
            "4: 'row' is not a number of the machine, nor a parameter; did you mean 'rows'?");
  EXPECT_THAT(verdict("size > 4"), HasSubstr("9: compares what is in byte with what is a plain"));
  EXPECT_THAT(verdict("size + clock > 4 B"), HasSubstr("9: adds what is in byte with what is in"));
  EXPECT_EQ(verdict("rows / (cols - 16) > 1"), "23: divides by zero, or is too large a number");
  EXPECT_THAT(verdict("area_mm2 <= 50"), HasSubstr("energy table has no areas"));
  EXPECT_THAT(verdict(std::string(100, '(') + "1"), HasSubstr("too many brackets"));
  EXPECT_THAT(verdict(std::string(2000, '1') + " < 2"), HasSubstr("1000 characters"));
}

}  // namespace
}  // namespace takt
