// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a wait is called: the same words at every fidelity.

#include <string>

#include "sim/program/program.h"
#include "sim/stats/ledger.h"

namespace takt {

/// The account of a gap before `op` on a unit that is not a matrix unit: loads wait for room in
/// their destination, stores and vector work for what they read, syncs for a token.
UnitAccount wait_account(const Program& program, const TileOp& op);

/// From when on the unit may start ops: the device is launched, its host is there before.
Cycles launched(const Program& program, UnitId unit);

/// "core0.matrix: op 17 (matrix, layer 'conv1') waits for 1 of 'conv1.weights.ready', 0 there".
std::string blocked_text(const Program& program, const TileOp& op, const Token& token,
                         std::size_t credits);

}  // namespace takt
