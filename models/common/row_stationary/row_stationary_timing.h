// SPDX-License-Identifier: Apache-2.0
#pragma once
// Closed-form cost of a pass through a row-stationary array, and of vector work. README.md derives
// the formulas.

#include "models/common/vector_unit/vector_timing.h"
#include "sim/engine/tile_timing.h"
#include "sim/machine/machine.h"

namespace takt {

class RowStationaryTiming : public TileTiming {
 public:
  explicit RowStationaryTiming(const Machine& machine)
      : array_(machine.matrix), vector_(machine.vector) {}
  MatrixCost matrix(const TileOp& op) const override;
  Cycles vector_busy(const TileOp& op) const override { return vector_.busy(op.vector); }
  Cycles vector_latency() const override { return vector_.latency(); }

 private:
  MatrixUnit array_;
  VectorTiming vector_;
};

}  // namespace takt
