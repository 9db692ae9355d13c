// SPDX-License-Identifier: Apache-2.0
#include "models/common/vector_unit/vector_timing.h"

#include "sim/base/check.h"
#include "sim/base/math.h"

namespace takt {

Cycles VectorTiming::busy(const VectorTile& tile) const {
  if (tile.lane_ops == 0) return Cycles(0);
  CHECK(unit_.lanes > 0) << "vector work on a machine without lanes";
  return Cycles(ceil_div(tile.lane_ops, unit_.lanes));
}

}  // namespace takt
