// SPDX-License-Identifier: Apache-2.0
#pragma once
// A graph as text that reads back to the same graph (`--dump ir`, files *.ir):
//
//   graph 1 "two_layers" hash 52c1… dtype open
//   t0 "image" input fp32 [1, 3, 32, 32]
//   t1 "conv1.weight" parameter fp32 [16, 3, 3, 3]
//   t2 "conv1" activation fp32 [1, 16, 32, 32] output
//   op "conv1" conv t0 t1 - -> t2 kernel=[3, 3] pad_begin=[1, 1] pad_end=[1, 1] source="conv"
//
// Tensors are numbered in order; `-` is an absent operand. Attributes that have their default are
// left out. Known elements follow a `=` behind the tensor: `= 1 2 3`.

#include <string>

#include "sim/base/result.h"
#include "sim/ir/graph.h"

namespace takt {

std::string to_text(const Graph& graph);

/// `name` stands for the file in errors. The graph is verified.
Result<Graph> read_graph_text(const std::string& text, const std::string& name);

}  // namespace takt
