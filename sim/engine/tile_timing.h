// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one place where the cost of a tile op is decided: used by `analytic` and `transaction`,
// checked by `cycle`, which counts.

#include "sim/base/quantity.h"
#include "sim/program/tile_op.h"

namespace takt {

/// Closed-form cost of one pass through a matrix unit, in its clock.
///   stationary load ──► issue (operand rows enter) ──► drain (last result leaves)
struct MatrixCost {
  Cycles load{};               ///< to bring the stationary operand into the array; 0 = it is there
  Cycles issue{};              ///< operand rows enter for so long: the array is active
  Cycles drain{};              ///< from the last row's entry to the last result written
  Cycles unload{};             ///< output stationary: the results' way out of the array
  Cycles useful{};             ///< floor(issue x used PEs / PEs)
  bool overlap_load = true;    ///< shadow set: the load may run while the tile before still issues
  bool overlap_unload = true;  ///< the unload may run while the next tile issues
};

class TileTiming {
 public:
  virtual ~TileTiming() = default;
  virtual MatrixCost matrix(const TileOp& op) const = 0;
  /// Cycles the vector unit is busy, and the latency after which the last result is written.
  virtual Cycles vector_busy(const TileOp& op) const = 0;
  virtual Cycles vector_latency() const = 0;
};

}  // namespace takt
