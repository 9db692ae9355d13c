// SPDX-License-Identifier: Apache-2.0
#pragma once
// Fidelity `cycle`: the program is played with values, and what it made is compared.

#include <optional>

#include "models/common/chip/cycle_engine.h"
#include "sim/app/run.h"

namespace takt {

struct CyclePlay {
  EngineResult result;
  std::optional<ValueCheck> check;  ///< of a run that got to its end
};

/// With `in_child` in a child process, and then without waves. Programs with cycle_problems() are
/// refused before anything is computed.
Result<CyclePlay> play_cycle(const Options& options, const PreparedRun& prepared,
                             const RunHooks& hooks);

}  // namespace takt
