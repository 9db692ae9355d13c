// SPDX-License-Identifier: Apache-2.0
#pragma once
// The mapper: enumerates tilings and orders, ranks them by estimate, plays the best few and keeps
// the best by the objective. Deterministic; never worse by its own objective than its greedy start.

#include <functional>

#include "sim/base/stop.h"
#include "sim/mapper/estimate.h"

namespace takt {

enum class Objective { kCycles, kEnergy, kEdp, kDramBytes };

struct Candidate {
  RegionMapping mapping;
  MappingEstimate estimate;
  double score = 0;  ///< by the objective, where it was played; else by the estimate
  bool played = false;
  std::string why_lost;  ///< empty for the winner
};

struct SearchResult {
  std::vector<Candidate> best;  ///< the winner first, then the next best
  std::uint64_t tried = 0, fitting = 0;
  std::string last_constraint;  ///< what killed the smallest candidate when none fits
};

/// The objective's value for a mapping that was played; lower is better.
using PlayMapping = std::function<double(const RegionMapping&)>;

struct SearchOptions {
  Objective objective = Objective::kCycles;
  std::size_t play = 6;     ///< how many of the best estimates are played
  std::size_t keep = 1;     ///< how many to return
  StopFlag stop = nullptr;  ///< throws Stopped soon after it is set
};

SearchResult search(const Region& region, const RegionGraph& graph, const Machine& machine,
                    const RegionRoom& room, const SearchOptions& options, const PlayMapping& play);

/// All tilings and orders that are looked at, cut over all of at most so many cores or over none;
/// they do not depend on any buffer's size, so more room never takes a candidate away.
std::vector<RegionMapping> candidates(const Region& region, const Machine& machine,
                                      std::uint32_t cores = UINT32_MAX);

}  // namespace takt
