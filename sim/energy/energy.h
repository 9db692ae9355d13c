// SPDX-License-Identifier: Apache-2.0
#pragma once
// Action counts times the machine's table.

#include "sim/base/dtype.h"
#include "sim/base/quantity.h"
#include "sim/machine/machine.h"
#include "sim/stats/counts.h"
#include "sim/stats/record.h"

namespace takt {

/// The energy of what was counted in `dtype` during `cycles` of the machine's clock.
EnergyRecord energy_of(const ActionCounts& counts, const Machine& machine, DType dtype,
                       Cycles cycles);

}  // namespace takt
