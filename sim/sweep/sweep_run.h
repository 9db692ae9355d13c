// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs the points of a sweep that have no result yet, and makes the tables of all that have one.

#include <string>

#include "sim/sweep/results_table.h"

namespace takt {

/// How far a sweep is.
struct SweepState {
  std::size_t points = 0;
  std::size_t done = 0;        ///< with a result
  std::size_t infeasible = 0;  ///< of those: nothing fits, a result too
  std::size_t failed = 0;      ///< without a result, and a reason in failures/
  std::size_t left() const { return points - done - failed; }
};
SweepState state_of(const std::vector<std::string>& ids, const SweepResults& results);

/// The ids in points.jsonl; an error at the line that is none.
Result<std::vector<std::string>> point_ids(const SweepFolder& folder);
std::vector<std::string> point_ids(const std::vector<SweepPoint>& points);

/// Makes a folder that of this sweep: sweep.yaml, origin and points.jsonl. An error if it is one
/// already.
std::optional<Diagnostic> begin_sweep(const SweepFolder& folder, const Sweep& sweep,
                                      const std::vector<SweepPoint>& points);
/// Is the sweep in the folder the one with these points? The error if not.
std::optional<Diagnostic> same_sweep(const SweepFolder& folder, const Sweep& sweep,
                                     const std::vector<SweepPoint>& points);

struct SweepOutcome {
  SweepState state;
  ResultsTable table;
  std::size_t ran = 0;       ///< points that were run now
  bool interrupted = false;  ///< by a signal; what was finished is kept
};

/// Runs what has no result, appends each as it comes, then writes results.csv and results.sqlite.
Result<SweepOutcome> run_sweep(SweepFolder& folder, const Sweep& sweep,
                               const std::vector<SweepPoint>& points, PointModel& model,
                               const PoolOptions& options);

}  // namespace takt
