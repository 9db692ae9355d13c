// SPDX-License-Identifier: Apache-2.0
#pragma once
// Action counts times the machine's table.

#include "sim/base/dtype.h"
#include "sim/base/quantity.h"
#include "sim/machine/machine.h"
#include "sim/stats/counts.h"
#include "sim/stats/record.h"

namespace takt {

struct EnergyResult {
  EnergyRecord energy;
  Picojoules estimated{};  ///< the part of the total that rests on `estimate` or `fitted` entries
};

/// The energy of what was counted in `dtype` during `cycles` of the machine's clock.
EnergyResult energy_of(const ActionCounts& counts, const Machine& machine, DType dtype,
                       Cycles cycles);

/// estimated / total, 0 if nothing was used.
double estimated_share(const EnergyResult& result);

}  // namespace takt
