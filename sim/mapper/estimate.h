// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a mapping roughly costs, in closed form: whether it fits, exact DRAM traffic, and a lower
// estimate of cycles that ranks candidates before they are played.

#include <string>

#include "sim/mapper/footprint.h"

namespace takt {

struct MappingEstimate {
  bool fits = false;
  std::string why_not;             ///< the first constraint that fails, with numbers
  std::uint64_t dram_bytes = 0;    ///< exact: what the program will move
  std::uint64_t shared_bytes = 0;  ///< to and from the shared buffer, likewise
  std::uint64_t cycles = 0;        ///< estimate
  /// Of these, what DRAM is expected to need: short rows, and rows that meet few channels. The
  /// analytic engine knows nothing of them.
  std::uint64_t dram_cycles = 0;
};

MappingEstimate estimate(const Region& region, const RegionGraph& graph, const Machine& machine,
                         const RegionMapping& mapping, const RegionRoom& room);

}  // namespace takt
