// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the cores' shared buffer holds: whole tensors, from the region that makes them to the last
// one that reads them. All cores load tiles of them from there and store tiles there, as they would
// in DRAM, so that it makes no difference to a mapping's room.

#include "sim/backend/layout.h"

namespace takt {

/// Why a tensor cannot stay there, or an empty text.
std::string shared_fault(const RegionGraph& graph, const Machine& machine,
                         const std::vector<TensorUse>& uses, std::size_t tensor);

/// By tensor: is it kept there? All of those named find a place, in the order of their first use.
/// None of `resident`, which lie in a core's own buffer.
std::vector<bool> shared_residents(const RegionGraph& graph, const Machine& machine,
                                   const std::vector<TensorUse>& uses,
                                   const std::vector<bool>& resident);

/// What of a region's operands lies there.
void add_shared(const Region& region, const std::vector<bool>& shared, RegionRoom& room);

}  // namespace takt
