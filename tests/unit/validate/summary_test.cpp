// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/summary.h"

#include <gtest/gtest.h>

#include <limits>

#include "sim/validate/validation_report.h"

namespace takt {
namespace {

ValidationRow row(const char* id, double measured, double simulated) {
  ValidationRow r;
  r.id = id;
  r.measured = measured;
  r.simulated = simulated;
  return r;
}

EntryResult entry_of(std::vector<ValidationRow> rows, Bound bound = {}) {
  EntryResult entry;
  entry.name = "suite.entry";
  entry.rows = std::move(rows);
  entry.bound = bound;
  judge(entry);
  return entry;
}

TEST(Summary, ErrorsInPercentOfWhatWasMeasured) {
  const EntryResult entry =
      entry_of({row("a", 100, 110), row("b", 200, 190), row("c", 50, 51), row("d", 400, 400)});
  EXPECT_EQ(entry.status, Status::kPassed);
  EXPECT_EQ(entry.summary->n, 4u);
  EXPECT_DOUBLE_EQ(entry.summary->mean_abs_pct, (10 + 5 + 2 + 0) / 4.0);
  EXPECT_DOUBLE_EQ(entry.summary->median_abs_pct, 3.5);
  EXPECT_DOUBLE_EQ(entry.summary->max_abs_pct, 10);
  EXPECT_DOUBLE_EQ(*entry.summary->rank_correlation, 1);
}

TEST(Summary, RankCorrelationOfReversedOrder) {
  EXPECT_DOUBLE_EQ(
      *entry_of({row("a", 1, 30), row("b", 2, 20), row("c", 3, 10)}).summary->rank_correlation, -1);
  EXPECT_FALSE(entry_of({row("a", 1, 1), row("b", 2, 2)}).summary->rank_correlation.has_value());
}

TEST(Summary, FittedAndUnjudgedRowsCountOnlyInN) {
  std::vector<ValidationRow> rows{row("a", 100, 103), row("b", 100, 200), row("c", 100, 300)};
  rows[1].fitted = true;
  rows[2].judged = false;
  Bound bound;
  bound.max_abs_pct = 5;
  const EntryResult entry = entry_of(rows, bound);
  EXPECT_EQ(entry.status, Status::kPassed);
  EXPECT_EQ(entry.summary->n, 3u);
  EXPECT_EQ(entry.summary->compared, 1u);
  EXPECT_DOUBLE_EQ(entry.summary->max_abs_pct, 3);
}

TEST(Summary, FittedRowsHaveTheirOwn) {
  std::vector<ValidationRow> rows{row("a", 100, 103), row("b", 100, 110), row("c", 100, 80),
                                  row("d", 100, 300)};
  rows[1].fitted = rows[2].fitted = rows[3].fitted = true;
  rows[3].judged = false;
  const EntryResult entry = entry_of(rows);
  ASSERT_TRUE(entry.fitted.has_value());
  EXPECT_EQ(entry.fitted->n, 3u);
  EXPECT_EQ(entry.fitted->compared, 2u);
  EXPECT_DOUBLE_EQ(entry.fitted->mean_abs_pct, 15);
  EXPECT_DOUBLE_EQ(entry.fitted->median_abs_pct, 15);
  EXPECT_DOUBLE_EQ(entry.fitted->max_abs_pct, 20);
  EXPECT_FALSE(entry_of({row("a", 100, 103)}).fitted.has_value());
}

TEST(Summary, NothingIsInPercentOfZero) {
  const EntryResult entry = entry_of({row("a", 0, 1), row("b", 0, 0)});
  EXPECT_EQ(entry.status, Status::kMissed);
  EXPECT_EQ(entry.misses, std::vector<std::string>{"a: there is no error in percent of 0"});
}

TEST(Summary, WhatIsNoNumberIsAMiss) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const EntryResult entry = entry_of({row("a", nan, 1), row("b", 2, inf), row("c", inf, inf),
                                      row("d", 1, 1), row("e", 2, 2), row("f", 2, 3)});
  EXPECT_EQ(entry.status, Status::kMissed);
  EXPECT_EQ(entry.misses,
            (std::vector<std::string>{"a: measured or simulated is no finite number",
                                      "b: measured or simulated is no finite number",
                                      "c: measured or simulated is no finite number"}));
  EXPECT_EQ(entry.summary->n, 6u);
  EXPECT_EQ(entry.summary->compared, 3u);
  EXPECT_DOUBLE_EQ(entry.summary->max_abs_pct, 50);
  EXPECT_TRUE(entry.summary->rank_correlation.has_value());
}

TEST(Summary, EveryBoundCanBeMissed) {
  const std::vector<ValidationRow> rows{row("a", 100, 110), row("b", 90, 90), row("c", 80, 95)};
  Bound bound;
  bound.mean_abs_pct = 1;
  bound.median_abs_pct = 1;
  bound.max_abs_pct = 1;
  bound.rank_correlation = 0.9;
  const EntryResult entry = entry_of(rows, bound);
  EXPECT_EQ(entry.status, Status::kMissed);
  EXPECT_EQ(entry.misses.size(), 4u);
}

TEST(Summary, ARefusedRowIsNeitherRightNorAMiss) {
  ValidationRow refused = row("b", 1, 1);
  refused.simulated.reset();
  refused.problem = "unsupported: strings";
  refused.judged = false;
  EXPECT_EQ(entry_of({row("a", 1, 1), refused}).status, Status::kMissed);  // not on purpose
  refused.refused = true;
  const EntryResult entry = entry_of({row("a", 1, 1), refused});
  EXPECT_EQ(entry.status, Status::kPassed);
  EXPECT_EQ(entry.summary->n, 2u);
  EXPECT_EQ(entry.summary->compared, 1u);
}

TEST(Summary, NoRowIsSkipped) {
  ValidationRow without;
  without.id = "b";
  without.measured = 1;
  without.problem = "no mapping fits";
  const EntryResult entry = entry_of({row("a", 100, 100), without});
  EXPECT_EQ(entry.status, Status::kMissed);
  EXPECT_EQ(entry.misses, std::vector<std::string>{"b: no mapping fits"});
  EXPECT_EQ(entry_of({}).status, Status::kMissed);
}

TEST(Summary, NothingIsFasterThanItCanBe) {
  std::vector<ValidationRow> rows{row("a", 100, 98)};
  rows[0].floor = 99;
  EXPECT_EQ(entry_of(rows).status, Status::kMissed);
  rows[0].floor = 98;
  EXPECT_EQ(entry_of(rows).status, Status::kPassed);
}

TEST(Summary, SharesDifferInPoints) {
  EntryResult entry;
  entry.unit = ErrorUnit::kPoints;
  entry.rows = {row("a", 12.5, 10), row("b", 0, 3)};
  entry.bound.max_abs_pct = 3;
  judge(entry);
  EXPECT_EQ(entry.status, Status::kPassed);
  EXPECT_DOUBLE_EQ(entry.summary->max_abs_pct, 3);
}

TEST(Report, JsonHasTheKeysOfTheContract) {
  SuiteResult suite;
  suite.spec.name = "suite";
  suite.entries = {entry_of({row("a", 100, 110)})};
  EntryResult absent;
  absent.name = "suite.other";
  absent.not_run = "expected as data/other.csv";
  judge(absent);
  suite.entries.push_back(absent);
  const auto json = to_json({suite});
  const auto& first = json["suites"][0];
  EXPECT_EQ(first["name"], "suite.entry");
  EXPECT_EQ(first["status"], "passed");
  EXPECT_TRUE(first["bound"].is_object());
  EXPECT_EQ(first["summary"]["n"], 1);
  EXPECT_EQ(first["rows"][0]["id"], "a");
  EXPECT_EQ(first["rows"][0]["measured"], 100.0);
  EXPECT_EQ(first["rows"][0]["simulated"], 110.0);
  EXPECT_EQ(first["rows"][0]["error_pct"], 10.0);
  EXPECT_EQ(first["rows"][0]["fitted"], false);
  EXPECT_EQ(json["suites"][1]["status"], "not_run");
  EXPECT_EQ(json["suites"][1]["not_run"], "expected as data/other.csv");
  EXPECT_TRUE(json["suites"][1]["rows"].empty());
}

TEST(Report, FittedRowsHaveAKeyOfTheirOwn) {
  SuiteResult suite;
  std::vector<ValidationRow> rows{row("a", 100, 110), row("b", 100, 95)};
  suite.entries = {entry_of(rows)};
  EXPECT_FALSE(to_json({suite})["suites"][0].contains("summary_fitted"));
  rows[1].fitted = true;
  suite.entries = {entry_of(rows)};
  const auto json = to_json({suite})["suites"][0];
  EXPECT_EQ(json["summary"]["n"], 2);
  EXPECT_EQ(json["summary"]["max_abs_pct"], 10.0);
  EXPECT_EQ(json["summary_fitted"]["n"], 1);
  EXPECT_EQ(json["summary_fitted"]["mean_abs_pct"], 5.0);
}

}  // namespace
}  // namespace takt
