// SPDX-License-Identifier: Apache-2.0
#pragma once
// The regions of a network as a plain list, for programs that read no YAML. docs/layers.md
// describes the form.

#include <string>

#include "sim/ir/region.h"

namespace takt {

std::string write_layers(const RegionGraph& regions);

}  // namespace takt
