// SPDX-License-Identifier: Apache-2.0
#pragma once
// One attempt at a whole network: with these tensors on chip and so many cores, a mapping for every
// region, and addresses for all of it.

#include "sim/backend/region_search.h"

namespace takt {

/// What is decided before any layer is mapped.
struct AttemptPlan {
  std::vector<bool> resident;  ///< by tensor: in the unified buffer
  std::vector<bool> shared;    ///< by tensor: in the cores' shared buffer
  std::uint32_t cores = 1;     ///< that take part
  bool given = false;          ///< nothing is dropped of `resident`: someone wants it so
};

struct Attempt {
  Decisions decisions;
  std::vector<SearchResult> searches;  ///< by region
  double score = 0;                    ///< expected, by the objective
  Diagnostics errors;                  ///< why it failed, if it did
};

/// Residents of the plan are dropped where a layer is tight, unless they are given.
Attempt attempt(const CompileTask& task, const AttemptPlan& plan, RegionSearch& search);

}  // namespace takt
