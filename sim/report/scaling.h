// SPDX-License-Identifier: Apache-2.0
#pragma once
// The same core several times: what keeps N cores from being N times as fast. Nothing is guessed:
// array cycles that N cores spend beyond what one did are in accounts of the ledger.

#include <optional>
#include <string_view>
#include <vector>

#include "sim/stats/record.h"

namespace takt {

/// Cycles of arrays, all cores together, that the smaller machine did not spend on this.
struct ScalingLoss {
  std::string_view cause;  ///< docs/metrics.md defines each
  std::uint64_t cycles = 0;
};

struct Scaling {
  std::uint32_t cores = 1;
  double linear = 1;                ///< cores over the first machine's
  double speed_up = 1;              ///< the first machine's cycles over this one's
  std::vector<ScalingLoss> losses;  ///< the largest first; those that hold none are left out
};

/// Absent unless `more` has more cores than `first`, each like the first machine's (clock, arrays,
/// peak), and both did the same work.
std::optional<Scaling> scaling(const RunRecord& first, const RunRecord& more);

}  // namespace takt
