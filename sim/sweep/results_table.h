// SPDX-License-Identifier: Apache-2.0
#pragma once
// All results of a sweep as one table, in the order of the points: results.csv and results.sqlite.

#include <string>
#include <vector>

#include "sim/sweep/sweep_check.h"
#include "sim/sweep/sweep_folder.h"

namespace takt {

struct Cell {
  enum class Kind { kNone, kInteger, kReal, kText } kind = Kind::kNone;
  std::string text;
};

struct ResultsTable {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;  ///< points without a result have none

  /// The index of a column, which must be there.
  std::size_t column(const std::string& name) const;
};

/// Parameters in base units (bytes, hertz, …), then the record's totals by their path; then those
/// objectives that are no total: `dram_bytes` (read and written) and `edp_pj_s` (energy x time).
ResultsTable results_table(const Sweep& sweep, const std::vector<SweepPoint>& points,
                           const SweepResults& results);

/// RFC 4180, with a title line.
std::string to_csv(const ResultsTable& table);

/// A database at `path` with the table as `points`; replaces what is there, whole or not at all.
std::optional<Diagnostic> write_sqlite(const ResultsTable& table, const std::string& path);

/// The rows with the best value of each objective, per network.
struct BestPoint {
  ObjectiveInfo objective;
  std::size_t row;
};
std::vector<BestPoint> best_points(const Sweep& sweep, const ResultsTable& table);

}  // namespace takt
