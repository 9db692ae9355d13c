// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who lowers and who plays: the explicit lists of backends and engines.

#include <memory>

#include "sim/backend/backend.h"
#include "sim/base/result.h"
#include "sim/engine/engine.h"

namespace takt {

/// The backend of machine.backend. `machine` must outlive it.
std::unique_ptr<Backend> make_backend(const Machine& machine);

/// The engine of a fidelity. `machine` and `timing` must outlive it.
std::unique_ptr<Engine> make_engine(Fidelity fidelity, const Machine& machine,
                                    const TileTiming& timing);

}  // namespace takt
