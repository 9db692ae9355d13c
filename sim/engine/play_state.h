// SPDX-License-Identifier: Apache-2.0
#pragma once
// What decides how the analytic engine goes on: moments of units, credits of channels, and how far
// each core has come in the region under way.

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

/// From when to when a core works for a region. Cores are played one after the other, so that a
/// common end would stand still for as long as a later one catches up.
struct Extent {
  bool worked = false;
  Cycles start{}, end{};
  Cycles matrix_start{}, matrix_end{};  ///< as RegionResult::matrix_span_*
};

struct PlayState {
  std::vector<UnitState> units;
  std::vector<ChannelState> channels;
  std::vector<std::uint32_t> region_channels;  ///< touched in this region
  std::vector<Extent> extents;                 ///< of this region, by core
  std::size_t core = 0;                        ///< whose ops are played
  std::uint64_t tick = 0;                      ///< what is used notes it as `touched`

  Extent& extent() { return extents[core]; }
};

}  // namespace takt
