// SPDX-License-Identifier: Apache-2.0
#pragma once
// The engine of fidelity `cycle`: the transaction engine's chip, with every pass stepped clock by
// clock in the PEs and every value computed. Same counts as `transaction`, or the run ends as a bug
// of ours. One run a process. No SystemC types here.

#include <memory>

#include "models/common/chip/cycle_values_core.h"
#include "sim/engine/engine.h"

namespace takt {

/// `values` is the player of the program that will be run, with its inputs and parameters; after a
/// run that finished it holds the results. All references must outlive the engine; `observer` may
/// be null. Programs with cycle_problems() are refused.
std::unique_ptr<Engine> make_cycle_engine(const Machine& machine, const TileTiming& timing,
                                          FunctionalPlayer& values,
                                          PassObserver* observer = nullptr);

}  // namespace takt
