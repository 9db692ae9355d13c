// SPDX-License-Identifier: Apache-2.0
#pragma once
// Is this a graph? What every stage behind the readers takes for granted, checked in one place.

#include "sim/base/diagnostic.h"
#include "sim/ir/graph.h"

namespace takt {

/// What is wrong with `graph`, each naming its node or tensor; empty = all of this holds:
/// ids are valid; inputs and parameters are made by no op, activations by exactly one, before their
/// first use (so there is no cycle); something is an output; ops have names, each once; every shape
/// and element type is what inference says; constants have as many elements as their shape.
Diagnostics verify(const Graph& graph);

}  // namespace takt
