// SPDX-License-Identifier: Apache-2.0
#pragma once
// Graph to regions: matrix operators with what fuses behind them, chains of vector operators, and
// tensors placed so that reshapes, transposes, slices and concatenations move nothing if they can.
//
// Layout: the result of a convolution or pool is stored channel-last (N, H, W, C), elementwise
// results like their first operand, everything else row-major; parameters as the graph has them. A
// network input is stored as its first reader wants it and an output as it was made: turning
// them is the host's business and is not counted.

#include <string>

#include "sim/base/result.h"
#include "sim/ir/graph.h"
#include "sim/ir/region.h"

namespace takt {

struct FuseOptions {
  /// What floating point of the graph is stored and computed in, where the graph leaves it open;
  /// whole numbers and graphs that are not open keep their own types.
  DType precision = DType::kInt8;
  /// Time steps of recurrent layers times directions that are unrolled; more is an error.
  std::int64_t recurrent_steps_max = 65'536;
};

/// Needs inferred shapes. The sum of the regions' MACs is the graph's (macs.h).
Result<RegionGraph> fuse(const Graph& graph, const FuseOptions& options);

/// For people: a line a tensor, a few a region.
std::string to_string(const RegionGraph& regions);

}  // namespace takt
