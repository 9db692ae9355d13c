// SPDX-License-Identifier: Apache-2.0
#pragma once
// Errors of rows, their mean, median, worst and rank correlation, and the verdict.

#include "sim/validate/suite.h"

namespace takt {

enum class Status { kPassed, kMissed, kNotRun };
const char* to_string(Status status);

/// Over the rows that are judged: those that no parameter was fitted on, or those that one was.
struct Summary {
  std::size_t n = 0;         ///< all rows; of fitted ones, all of these
  std::size_t compared = 0;  ///< rows the figures below are of
  double mean_abs_pct = 0, median_abs_pct = 0, max_abs_pct = 0;
  std::optional<double> rank_correlation;  ///< Spearman's; absent below three rows, or all equal
};

struct EntryResult {
  std::string name;
  Status status = Status::kNotRun;
  Bound bound;
  ErrorUnit unit = ErrorUnit::kPercent;
  std::string not_run;      ///< why, and where the data is expected
  std::string data;         ///< the file the rows are from
  bool data_given = false;  ///< by --data FILE
  std::optional<Summary> summary;
  std::optional<Summary> fitted;  ///< of the fitted rows, if there are any; judged by no bound
  std::vector<ValidationRow> rows;
  std::vector<std::string> misses;  ///< each bound that was missed, in words
};

/// In percent of what was measured, or in points; absent without a simulated number, and where it
/// is no finite one.
std::optional<double> error_of(const ValidationRow& row, ErrorUnit unit);
Summary summarize(const std::vector<ValidationRow>& rows, ErrorUnit unit, bool fitted = false);
/// Summaries, misses and status of the rows there are.
void judge(EntryResult& entry);

}  // namespace takt
