// SPDX-License-Identifier: Apache-2.0
#pragma once
// The one place where the cost of a tile op is decided: used by `analytic` and `transaction`,
// checked by `cycle`, which counts.

#include "sim/base/quantity.h"
#include "sim/program/program.h"

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
  bool overlap_drain = true;   ///< false: nothing of it begins before all before it has drained
  StallCause stationary = StallCause::kWeights;  ///< whose arrival the load waits for
  /// The first pass of each layer issues one cycle less: for a timing that, as SCALE-Sim does,
  /// gives the number of a layer's last cycle, counted from 0, as its length.
  bool counts_from_zero = false;
  std::uint32_t layer = 0;  ///< read with counts_from_zero only
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
