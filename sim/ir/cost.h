// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an operator costs on the vector unit, in elementary lane operations. (MACs are in macs.h.)
//
// An elementary lane operation is one instruction on one lane: add, multiply, multiply-add, compare
// and select, shift, table look-up. The counts are of the usual algorithms, not of one machine: a
// machine says how many of them a lane does a cycle.

#include <cstdint>
#include <string_view>

#include "sim/ir/graph.h"

namespace takt {

/// Lane operations: of every element the work is on, and once a row (what is normalised together).
struct LaneCost {
  std::uint32_t per_element = 0;
  std::uint32_t per_row = 0;
  std::string_view reason;       ///< the algorithm counted, and where it is from
  std::uint32_t reductions = 0;  ///< a row: sums or maxima over its elements, counted above as well
};

/// One element of the function. 8-bit integers use a table of all 256 values.
LaneCost lane_cost(UnaryKind kind, DType precision);
LaneCost lane_cost(BinaryKind kind, DType precision);
LaneCost lane_cost(ReduceKind kind, DType precision);  ///< an element that is reduced

/// An op, by element of its first output. Pools, LRN and reductions contain the whole window;
/// matrix operators and RNNs cost nothing here (theirs are in macs.h, and the steps the RNN regions
/// list).
LaneCost lane_cost(const Graph& graph, const Op& op, DType precision);

/// Bias and requantisation: steps that are no op of the graph.
LaneCost bias_cost();
LaneCost requantise_cost();

}  // namespace takt
