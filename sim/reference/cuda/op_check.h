// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether an op's operands, results and attributes go together, so that no kernel reads or writes
// beyond a tensor: a list may come from anywhere.

#include <string>

#include "list.h"

namespace takt::gpu {

/// The first thing that does not fit; empty if all does. Ops of kinds that have no kernel are not
/// looked at: they are refused by name (Execution::unsupported).
std::string op_mistake(const Network& network, const Op& op);

}  // namespace takt::gpu
