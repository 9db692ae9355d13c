// SPDX-License-Identifier: Apache-2.0
#pragma once
// A mapping file's words on the network as a whole (NetworkPlan), as decisions about its tensors;
// and back.

#include "sim/backend/decisions.h"
#include "sim/backend/layout.h"
#include "sim/mapper/mapping_file.h"

namespace takt {

/// What stays on chip, as it was given; the compiler decides what is left out.
struct SettledPlan {
  std::optional<std::vector<bool>> resident, shared;  ///< by tensor
};

/// Errors: a name that is no tensor's, a tensor that cannot stay there, more than the shared buffer
/// holds (kInvalidInput, at the name). Whether tiles fit beside it all is for the attempt to see.
/// `cut`: some layer is dealt out over the cores.
Result<SettledPlan> settle_plan(const NetworkPlan& plan, const RegionGraph& graph,
                                const Machine& machine, const std::vector<TensorUse>& uses,
                                bool cut);

/// The decisions about the network as a whole, as a mapping file says them.
NetworkPlan plan_of(const Decisions& decisions, const RegionGraph& graph, const Machine& machine);

}  // namespace takt
