// SPDX-License-Identifier: Apache-2.0
#pragma once
// What vector work costs: lanes in lockstep, one elementary operation each a cycle.

#include "sim/base/quantity.h"
#include "sim/machine/machine.h"
#include "sim/program/tile_op.h"

namespace takt {

class VectorTiming {
 public:
  explicit VectorTiming(const VectorUnit& unit) : unit_(unit) {}
  /// Cycles until the unit takes its next op: ceil(lane_ops / lanes).
  Cycles busy(const VectorTile& tile) const;
  /// From the end of `busy` to the last result written: the depth of the lanes' pipeline.
  Cycles latency() const { return unit_.latency; }

 private:
  VectorUnit unit_;
};

}  // namespace takt
