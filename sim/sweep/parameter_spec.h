// SPDX-License-Identifier: Apache-2.0
#pragma once
// The map `parameters` of a sweep file, and what reading the rest of the file shares with it.

#include <string>
#include <vector>

#include "sim/config/types.h"
#include "sim/sweep/sweep.h"

namespace takt {

/// Every parameter with its values. Whether the machine takes them is not asked here.
std::vector<Parameter> read_parameters(const Node& map, Diagnostics& errors);

/// Where a node's value stands, or the key that names it.
Mark mark_of(const Node& node, bool key = false);

/// The fidelities that a point may have.
Choice<Fidelity> fidelity_choice();

/// The error about an item that its list has before.
Diagnostic repeated_value(const Node& item, const std::string& path);

}  // namespace takt
