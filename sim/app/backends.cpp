// SPDX-License-Identifier: Apache-2.0
#include "sim/app/backends.h"

#include "models/common/chip/transaction_engine.h"
#include "models/tpu/tpu_backend.h"
#include "sim/engine/analytic.h"

namespace takt {

std::unique_ptr<Backend> make_backend(const Machine& machine) {
  if (machine.backend == "tpu") return make_tpu_backend(machine);
  CHECK(false) << "machine files name a backend that exists, not '" << machine.backend << "'";
  return nullptr;
}

std::unique_ptr<Engine> make_engine(Fidelity fidelity, const Machine& machine,
                                    const TileTiming& timing) {
  switch (fidelity) {
    case Fidelity::kAnalytic: return std::make_unique<AnalyticEngine>(timing);
    case Fidelity::kTransaction: return make_transaction_engine(machine, timing);
    case Fidelity::kCycle: break;
  }
  CHECK(false) << "the options name a fidelity that has no engine";
  return nullptr;
}

}  // namespace takt
