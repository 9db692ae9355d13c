// SPDX-License-Identifier: Apache-2.0
#pragma once
// What `takt sweep` says: how far it is, and the best points.

#include <string>

#include "sim/report/summary.h"
#include "sim/sweep/sweep_run.h"

namespace takt {

struct SweepReport {
  const Sweep& sweep;
  const CheckedSweep& checked;
  const SweepOutcome& outcome;
};

/// "name: 40 points: 38 done (2 of them do not fit), 0 failed, 2 left", without a line's end.
std::string state_text(const std::string& name, const SweepState& state);
std::string state_json(const std::string& name, const SweepState& state);

/// The state, and the best point of each network by each objective.
std::string sweep_summary(const SweepReport& report, const TextStyle& style);
std::string sweep_json(const SweepReport& report);

/// The first failed points with their reasons, and where the rest is; `folder` may be empty.
std::string failures_text(const SweepReport& report, const std::string& folder);

}  // namespace takt
