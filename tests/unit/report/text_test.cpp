// SPDX-License-Identifier: Apache-2.0
// Numbers and tables for people.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sample_record.h"
#include "sim/report/format.h"
#include "sim/report/summary.h"
#include "sim/report/table.h"

namespace takt {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Format, CountsHaveSeparators) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
}

TEST(Format, ThreeDigitsAndAPrefix) {
  EXPECT_EQ(format_si(0, "s"), "0 s");
  EXPECT_EQ(format_si(1, "s"), "1.00 s");
  EXPECT_EQ(format_si(12.34, "B/s"), "12.3 B/s");
  EXPECT_EQ(format_si(256e9, "B/s"), "256 GB/s");
  EXPECT_EQ(format_si(0.0000015, "J"), "1.50 uJ");
}

TEST(Format, RoundingUpChangesThePrefix) {
  EXPECT_EQ(format_si(999.9, "s"), "1.00 ks");
  EXPECT_EQ(format_si(999.4, "s"), "999 s");
}

TEST(Format, FactorsBelowOneAreFractions) {
  EXPECT_EQ(format_factor(0.509), "0.51x");
  EXPECT_EQ(format_factor(0.0051), "0.0051x");
  EXPECT_EQ(format_factor(1), "1.00x");
  EXPECT_EQ(format_factor(51.4), "51x");
}

TEST(Format, FewBytesAreExact) {
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(65536), "65.5 kB");
}

TEST(Table, ColumnsAreAsWideAsTheirCells) {
  Table t({{"name", false}, {"n"}});
  t.add({"a", "1"});
  t.add({"long", "1000"});
  EXPECT_EQ(t.text(100, false), "name     n\na        1\nlong  1000\n");
}

TEST(Table, LongNamesGiveWayAndKeepBothEnds) {
  Table t({{"name", false, true}, {"n"}});
  t.add({"encoder.layer.0.attention.self.query", "123"});
  std::istringstream lines(t.text(30, false));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 30U) << line;
  EXPECT_EQ(shortened("encoder.query", 9), "enc..uery");
}

TEST(Table, ControlCharactersNeverReachTheTerminal) {
  Table t({{"name", false}});
  t.add({"a\033[31mred\nb"});
  EXPECT_THAT(t.text(100, false), Not(HasSubstr("\033")));
  EXPECT_THAT(t.text(100, false), HasSubstr("a?[31mred?b"));
}

TEST(Table, WidthCountsCodePoints) {
  EXPECT_EQ(display_width("grün"), 4U);
  EXPECT_EQ(shortened("grüngrüngrün", 6), "gr..ün");
}

TEST(Summary, FitsTheWidthAndHasEveryLayer) {
  RunRecord r = sample_record();
  for (int i = 0; i < 200; ++i) r.layers.push_back(r.layers[0]);
  const std::string text = run_summary(r, {}, {}, {100, false});
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_GT(count, 202U);
}

TEST(Summary, BottlenecksStandBesideTheirLayers) {
  const std::string text =
      run_summary(sample_record(), {"matrix and dram", "vector"}, {}, {120, false});
  EXPECT_THAT(text, HasSubstr("832 pJ  matrix and dram\n"));
  EXPECT_THAT(text, HasSubstr("4.00 pJ  vector\n"));
}

TEST(Summary, ColourOnlyWhenAsked) {
  EXPECT_THAT(run_summary(sample_record(), {}, {}, {100, false}), Not(HasSubstr("\033")));
  EXPECT_THAT(run_summary(sample_record(), {}, {}, {100, true}), HasSubstr("\033["));
}

TEST(Summary, LedgerBarFillsItsWidth) {
  const RunRecord r = sample_record();
  const std::string bar = ledger_bar(r.ledger, 50, {120, false});
  EXPECT_EQ(bar.find(']'), 51U);
  EXPECT_EQ(std::count(bar.begin(), bar.begin() + 51, '#'), 10);  // 10 of 50 cycles useful
  EXPECT_THAT(bar, HasSubstr("stall_inputs 40.0 %"));
  EXPECT_THAT(bar, Not(HasSubstr("stall_host")));
}

TEST(Summary, ShapesInFewCharacters) {
  LayerRecord layer;
  layer.shape = {{"n", 1}, {"c", 64}, {"h", 56},     {"w", 28},  {"k", 32},
                 {"r", 3}, {"s", 5},  {"stride", 2}, {"pad", 1}, {"groups", 1}};
  EXPECT_EQ(short_shape(layer), "64x56x28 k32 3x5/2");
  layer.shape[0].second = 8;
  layer.shape[7].second = 1;
  layer.shape[9].second = 64;
  EXPECT_EQ(short_shape(layer), "n8 64x56x28 k32 3x5 g64");
  layer.shape = {{"b", 1}, {"m", 2}, {"n", 3}, {"k", 4}};
  EXPECT_EQ(short_shape(layer), "m2 n3 k4");
  layer.shape = {{"rows", 2}, {"elements", 9}};
  EXPECT_EQ(short_shape(layer), "rows 2 elements 9");
}

TEST(Summary, WhatCachesAreAskedForIsNotTheDrams) {
  RunRecord r = sample_record();
  EXPECT_THAT(run_summary(r, {}, {}, {}),
              HasSubstr("DRAM      60 B read, 20 B written, 1.60 GB/s of 8.00 GB/s\n"));
  r.machine.cached = true;
  r.units.clear();
  EXPECT_THAT(run_summary(r, {}, {}, {}),
              HasSubstr("memory    60 B read, 20 B written, 1.60 GB/s, asked of the caches before "
                        "the DRAM\nDRAM      not known what of it the caches have: analytic looks "
                        "up no line\n"));
  r.units.push_back(
      {"dram.ch0", {}, std::nullopt, {{"reads", 2}, {"writes", 0}, {"bytes_transferred", 16}}});
  EXPECT_THAT(run_summary(r, {}, {}, {}),
              HasSubstr("asked of the caches before the DRAM\nDRAM      16 B read, 0 B written, "
                        "320 MB/s of 8.00 GB/s, moved\n"));
}

TEST(Summary, SaysWhenARunIsNotWhole) {
  RunRecord r = sample_record();
  EXPECT_THAT(run_summary(r, {}, {}, {}), Not(HasSubstr("NOT FINISHED")));
  r.partial = PartialRun{"interrupted", 2, 5};
  EXPECT_THAT(run_summary(r, {}, {}, {}), HasSubstr("NOT FINISHED (interrupted): 2 of 5 layers"));
}

}  // namespace
}  // namespace takt
