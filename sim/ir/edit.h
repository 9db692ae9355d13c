// SPDX-License-Identifier: Apache-2.0
#pragma once
// What passes over a Graph need: who makes and reads each tensor, and taking out what is not
// needed.

#include <vector>

#include "sim/ir/graph.h"

namespace takt {

/// A picture of a graph's edges when it was made; edits do not change it.
class GraphIndex {
 public:
  static constexpr int kNobody = -1;

  explicit GraphIndex(const Graph& graph);
  /// The index in Graph::ops of the op that makes `id`; kNobody for inputs and parameters.
  int maker(TensorId id) const { return makers_[id.index]; }
  /// The ops that read `id`, in order; one that reads it twice stands there twice.
  const std::vector<int>& readers(TensorId id) const { return readers_[id.index]; }

 private:
  std::vector<int> makers_;
  std::vector<std::vector<int>> readers_;
};

/// Takes out ops whose results reach no output, then tensors that nothing mentions (inputs stay:
/// they are what the network is given). The order of what stays does not change, its ids do.
void prune(Graph& graph);

}  // namespace takt
