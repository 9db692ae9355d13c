// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs suites: finds their data, has them simulate their rows, and judges.

#include "sim/base/stop.h"
#include "sim/validate/data_folder.h"
#include "sim/validate/summary.h"

namespace takt {

struct SuiteResult {
  SuiteSpec spec;
  std::vector<EntryResult> entries;
};

struct ValidateRequest {
  Evaluate evaluate;
  MachineOf machine_of;
  CompileRegions compile;
  std::vector<std::string> names;  ///< suites or entries; none = all
  /// Called as rows are done: entry, rows done, rows in all.
  std::function<void(const std::string& entry, std::size_t done, std::size_t total)> progress;
  StopFlag stop = nullptr;  ///< entries that are not finished when it is set are not run
};

/// The entries that are asked for, by suite. An unknown name is a usage error.
Result<std::vector<SuiteSpec>> chosen_suites(const std::vector<std::string>& names);

/// Errors: data that cannot be read. A row that cannot be simulated is a miss, not an error.
Result<std::vector<SuiteResult>> validate(const ValidateRequest& request, const DataFolder& data);

/// Was any bound missed?
bool any_missed(const std::vector<SuiteResult>& suites);
/// How many entries there are, and how many have all their rows.
struct EntriesDone {
  std::size_t finished = 0, all = 0;
};
EntriesDone entries_done(const std::vector<SuiteResult>& suites);

}  // namespace takt
