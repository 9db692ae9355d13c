// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a validation suite is: rows of a measured and a simulated number, and the error they may
// have. suite_table.cpp lists the suites.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/validate/evaluate.h"

namespace takt {

/// One comparison.
struct ValidationRow {
  std::string id;
  double measured = 0;
  std::optional<double> simulated;  ///< absent: it could not be simulated, `problem` says why
  bool fitted = false;              ///< a parameter of the machine was fitted on it
  bool judged = true;               ///< false: reported beside the others, not in the summary
  bool refused = false;             ///< not simulated, because `problem` is not supported: no miss
  std::optional<double> floor;      ///< no simulation may be below it
  std::string problem;
  std::string command;  ///< what gives the same number on the command line
};

/// Largest errors allowed; what is absent is not judged.
struct Bound {
  std::optional<double> mean_abs_pct, median_abs_pct, max_abs_pct;
  std::optional<double> rank_correlation;  ///< at least
};

/// How a row's error is counted. Shares are percentages themselves: theirs is a difference.
enum class ErrorUnit { kPercent, kPoints };

/// A data file that was found, whole.
struct DataFile {
  std::string path;
  std::string text;
  bool given = false;  ///< by --data FILE: its rows count as unfitted
};

struct EntryInput {
  const DataFile* data = nullptr;  ///< of `EntrySpec::file`; null if that is empty
  const Evaluate& evaluate;
  const MachineOf& machine_of;
  const CompileRegions& compile;
  const std::function<void(std::size_t done, std::size_t total)>& progress;
};

/// Rows, or why there are none.
struct EntryRows {
  std::vector<ValidationRow> rows;
  std::string not_run;
};

/// What is compared together and has one bound: `scalesim.gemm`.
struct EntrySpec {
  std::string name;
  std::string file;                  ///< in the data folder; empty: it reads none
  std::vector<std::string> columns;  ///< those it reads; a file of `--data` must have them
  Bound bound;
  ErrorUnit unit = ErrorUnit::kPercent;
  std::function<Result<EntryRows>(const EntryInput&)> run;
};

struct SuiteSpec {
  std::string name;
  std::string what;                 ///< what is compared with what
  std::string measured;             ///< by whom, on what
  std::vector<std::string> fitted;  ///< parameters that were fitted, and on which rows
  std::vector<std::string> limits;  ///< what the suite cannot tell, and where it is off
  std::vector<EntrySpec> entries;
};

/// Every suite, in the order in which they are run and shown.
std::vector<SuiteSpec> all_suites();

/// A row that is still to be simulated, and by which run.
struct PlannedRow {
  ValidationRow row;
  RunRequest request;
};
/// Simulates what is planned, one after the other. `value` takes the number out of the record.
EntryRows simulate_rows(std::vector<PlannedRow> plan, const EntryInput& input,
                        const std::function<double(const RunRecord&)>& value);

}  // namespace takt
