// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/edit.h"

#include <algorithm>

namespace takt {

GraphIndex::GraphIndex(const Graph& graph)
    : makers_(graph.tensors.size(), kNobody), readers_(graph.tensors.size()) {
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    for (const TensorId out : graph.ops[i].outputs) {
      if (out.valid()) makers_[out.index] = static_cast<int>(i);
    }
    for (const TensorId in : graph.ops[i].inputs) {
      if (in.valid()) readers_[in.index].push_back(static_cast<int>(i));
    }
  }
}

void prune(Graph& graph) {
  std::vector<bool> needed(graph.tensors.size());
  for (std::size_t i = 0; i < needed.size(); ++i) needed[i] = graph.tensors[i].is_output;
  std::vector<Op> kept;
  for (auto op = graph.ops.rbegin(); op != graph.ops.rend(); ++op) {
    const bool live = std::any_of(op->outputs.begin(), op->outputs.end(),
                                  [&](TensorId out) { return out.valid() && needed[out.index]; });
    if (!live) continue;
    for (const TensorId id : op->inputs) {
      if (id.valid()) needed[id.index] = true;
    }
    for (const TensorId id : op->outputs) {
      if (id.valid()) needed[id.index] = true;
    }
    kept.push_back(std::move(*op));
  }
  std::reverse(kept.begin(), kept.end());
  std::vector<TensorId> moved(graph.tensors.size());
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (!needed[i] && graph.tensors[i].kind != TensorKind::kInput) continue;
    moved[i] = TensorId{static_cast<std::uint32_t>(tensors.size())};
    tensors.push_back(std::move(graph.tensors[i]));
  }
  for (Op& op : kept) {
    for (auto* ids : {&op.inputs, &op.outputs}) {
      for (TensorId& id : *ids) {
        if (id.valid()) id = moved[id.index];
      }
    }
  }
  graph.ops = std::move(kept);
  graph.tensors = std::move(tensors);
}

}  // namespace takt
