// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether a mapping fits its machine.

#include <string>

#include "sim/mapper/footprint.h"

namespace takt {

/// The first constraint that a mapping breaks, with numbers; "" if it fits. `footprint` is its own.
std::string mapping_fault(const Region& region, const Machine& machine,
                          const RegionMapping& mapping, const RegionRoom& room,
                          const Footprint& footprint);

}  // namespace takt
