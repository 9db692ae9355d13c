// SPDX-License-Identifier: Apache-2.0
#pragma once
// What decides how the analytic engine goes on: moments of units, credits of channels, and how far
// the region under way has come.

#include <vector>

#include "sim/engine/credits.h"
#include "sim/engine/engine.h"
#include "sim/engine/pipe_unit_core.h"

namespace takt {

/// A unit's core, whichever kind it is, and when it was last used.
struct UnitState {
  bool is_matrix = false;
  MatrixUnitCore matrix{true};
  PipeUnitCore pipe;
  std::uint64_t touched = 0;
};

struct ChannelState {
  Credits credits;
  StallCause cause = StallCause::kDependency;
  Cycles latency{};
  std::uint32_t consumer = UINT32_MAX;  ///< the unit that takes them, once it did
  std::uint64_t touched = 0;
  std::uint32_t region = 0;  ///< 1 + the region that last touched it
};

struct PlayState {
  std::vector<UnitState> units;
  std::vector<ChannelState> channels;
  std::vector<std::uint32_t> region_channels;  ///< touched in this region
  RegionResult* region = nullptr;              ///< the one under way
  std::uint64_t tick = 0;                      ///< what is used notes it as `touched`
};

}  // namespace takt
