// SPDX-License-Identifier: Apache-2.0
#pragma once
// The engine of fidelity `cycle`: the transaction engine's chip, with every pass stepped clock by
// clock in the PEs and every value computed. Same counts as `transaction`, or the run ends as a bug
// of ours. One run a process. No SystemC types here.

#include <memory>
#include <ostream>
#include <string>

#include "models/common/chip/cycle_values_core.h"
#include "sim/engine/engine.h"

namespace takt {

/// `--vcd`: the registers of one array's PEs, of the run's first passes.
struct WaveOptions {
  std::ostream& out;        ///< the value change dump
  std::string scratch;      ///< a path for a file that is made meanwhile, without an ending
  std::size_t passes = 64;  ///< at most, of the first array of the first core
  Cycles cycles{4096};      ///< at most, from where the first of them begins
};

/// `values` is the player of the program that will be run, with its inputs and parameters; after a
/// run that finished it holds the results. All references must outlive the engine. Programs with
/// cycle_problems() are refused, with waves also those with wave_problems().
std::unique_ptr<Engine> make_cycle_engine(const Machine& machine, const TileTiming& timing,
                                          FunctionalPlayer& values,
                                          const WaveOptions* waves = nullptr);

}  // namespace takt
