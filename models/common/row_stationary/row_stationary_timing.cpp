// SPDX-License-Identifier: Apache-2.0
#include "models/common/row_stationary/row_stationary_timing.h"

#include "sim/engine/row_pass.h"

namespace takt {

// One set of filters a PE: the next pass's are loaded when the last window of this one has begun
// its way out, hence nothing of a load overlaps (MatrixCost::overlap_load).
MatrixCost RowStationaryTiming::matrix(const TileOp& op) const {
  const RowPassCost pass = row_pass_cost(array_, row_pass(op));
  MatrixCost cost;
  if (op.matrix.load_stationary) cost.load = Cycles(pass.load);
  cost.issue = Cycles(pass.issue);
  cost.drain = Cycles(pass.drain);
  cost.useful = Cycles(pass.useful);
  cost.overlap_load = false;
  return cost;
}

}  // namespace takt
