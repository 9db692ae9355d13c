// SPDX-License-Identifier: Apache-2.0
#pragma once
// All that is decided of a network before addresses and tokens.

#include <vector>

#include "sim/mapper/mapping.h"

namespace takt {

struct Decisions {
  std::vector<bool> resident;           ///< by tensor: kept in the unified buffer
  std::vector<bool> shared;             ///< by tensor: kept in the cores' shared buffer
  std::vector<RegionMapping> mappings;  ///< by region
  std::uint32_t passes = 1;             ///< the whole network so often, one after the other
  bool packed = false;  ///< slots take the first room there is, also that of the layer before
};

}  // namespace takt
