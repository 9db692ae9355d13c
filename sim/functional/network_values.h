// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values of a whole network.

#include <vector>

#include "sim/functional/arithmetic.h"
#include "sim/functional/element.h"

namespace takt {

struct NetworkValues {
  std::vector<TensorValues> tensors;  ///< by graph tensor; empty for what nobody needed
  std::vector<Scale> scales;          ///< by graph op
};

}  // namespace takt
