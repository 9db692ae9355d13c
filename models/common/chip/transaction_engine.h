// SPDX-License-Identifier: Apache-2.0
#pragma once
// The engine of fidelity `transaction`: plays the program on the chip's SystemC model, with queues,
// banks, buses and links. One run a process (sim/kernel/child_process.h). No SystemC types here.

#include <memory>

#include "models/common/chip/run_tally_core.h"
#include "models/common/chip/unit_player_core.h"
#include "models/common/sequencer/sequencer_core.h"
#include "sim/engine/engine.h"

namespace takt {

struct TransactionOptions {
  BookingObserver observer;         ///< sees every op with its final booking; may be empty
  ValueListener* values = nullptr;  ///< computes values meanwhile; null = nobody does
  std::size_t window = SequencerOptions{}.window;
};

/// `machine` and `timing` must outlive the engine; programs it runs must be the machine's.
std::unique_ptr<Engine> make_transaction_engine(const Machine& machine, const TileTiming& timing);
std::unique_ptr<Engine> make_transaction_engine(const Machine& machine, const TileTiming& timing,
                                                TransactionOptions options);

}  // namespace takt
