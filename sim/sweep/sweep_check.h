// SPDX-License-Identifier: Apache-2.0
#pragma once
// Looks at every point before the first one runs: which the constraints leave, whether machine and
// network of each can be read, and what identifies it.

#include <functional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/sweep/point_model.h"
#include "sim/sweep/pool.h"
#include "sim/sweep/sweep.h"

namespace takt {

/// A point that is to be run.
struct SweepPoint {
  Point point;
  std::string id;  ///< of machine, network, options and versions: 16 hex digits
  std::int64_t batch = 1;
};

struct CheckedSweep {
  std::vector<SweepPoint> points;
  std::size_t excluded = 0;  ///< by constraints
  bool stopped = false;      ///< a signal came before all were looked at
};

/// What identifies a point. `version` is part of it: another release may give other numbers.
std::string point_id(const std::string& machine_hash, const NetworkFacts& network,
                     const PointRequest& request, const std::string& version);

Result<CheckedSweep> check_sweep(const Sweep& sweep, PointModel& model, const std::string& version,
                                 const PoolOptions& options);

/// points.jsonl: one line a point, in the order of the grid.
std::string points_text(const Sweep& sweep, const std::vector<SweepPoint>& points);

}  // namespace takt
