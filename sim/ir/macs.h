// SPDX-License-Identifier: Apache-2.0
#pragma once
// Multiply-accumulates a network requires: of convolutions, matrix products and the gates of
// recurrent layers, nothing else. Padding counts, as in the usual tables of networks.

#include <optional>
#include <vector>

#include "sim/base/quantity.h"
#include "sim/ir/graph.h"
#include "sim/ir/infer.h"

namespace takt {

/// Of one op whose outputs have `types`; nothing if the number passes 2^62.
std::optional<Macs> macs_of(const Graph& graph, const Op& op, const std::vector<TensorType>& types);
/// Of one op of a graph whose shapes are inferred.
Macs macs_of(const Graph& graph, const Op& op);
/// Of the whole graph, its shapes inferred.
std::uint64_t total_macs(const Graph& graph);

}  // namespace takt
