// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--zeros`: how much of an activation is zero, for machines that make use of it.

#include <string>
#include <utility>
#include <vector>

#include "sim/base/diagnostic.h"
#include "sim/ir/region.h"

namespace takt {

/// Notes the shares (in millionths) at the stored tensors of these names. Names of no activation,
/// and names given twice, are errors.
Diagnostics set_zero_shares(const std::vector<std::pair<std::string, std::uint32_t>>& shares,
                            RegionGraph& graph);

}  // namespace takt
