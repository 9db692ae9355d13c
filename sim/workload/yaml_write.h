// SPDX-License-Identifier: Apache-2.0
#pragma once
// A graph as a network file: a flat list of layers, every size a number. It reads back to the same
// operators, shapes and MACs; of known elements only factors of arithmetic are kept, the others
// become parameters of unknown values.

#include <string>

#include "sim/base/result.h"
#include "sim/ir/graph.h"

namespace takt {

/// Or what the language cannot say, by node.
Result<std::string> write_network(const Graph& graph);

}  // namespace takt
