// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--layer`: a network of only some of its layers.

#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/ir/region.h"

namespace takt {

/// The regions of these names, in the network's order. What a left-out layer would have made
/// arrives over the host link like any input, and what a left-out layer would have read leaves over
/// it: the layer alone costs what the same operator given in place costs. One that writes a part of
/// a tensor (a concatenation's) writes it on its own. Unknown names are errors, and so are layers
/// that read a tensor of which they make only a part.
Result<RegionGraph> select_layers(const RegionGraph& graph, const std::vector<std::string>& names);

/// The error for a layer that is not there, with the nearest name.
Diagnostic unknown_layer(const RegionGraph& graph, const std::string& name);

}  // namespace takt
