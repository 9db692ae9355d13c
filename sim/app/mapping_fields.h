// SPDX-License-Identifier: Apache-2.0
#pragma once
// A mapping as the record holds it: the keys of a mapping file, those of a map inside with a dot.

#include "sim/mapper/mapping.h"
#include "sim/stats/record.h"

namespace takt {

std::vector<MappingField> mapping_fields(const RegionMapping& mapping);

}  // namespace takt
