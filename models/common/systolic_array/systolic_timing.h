// SPDX-License-Identifier: Apache-2.0
#pragma once
// Closed-form cost of a tile's pass through a systolic array, and of vector work. README.md derives
// the formulas; systolic_array_core counts the same moments by stepping, and must agree.

#include "models/common/vector_unit/vector_timing.h"
#include "sim/engine/tile_timing.h"
#include "sim/machine/machine.h"

namespace takt {

class SystolicTiming : public TileTiming {
 public:
  explicit SystolicTiming(const Machine& machine);
  MatrixCost matrix(const TileOp& op) const override;
  /// SCALE-Sim has no vector unit: in its timing the work is there and takes no time.
  Cycles vector_busy(const TileOp& op) const override {
    const bool scalesim = array_.timing == MatrixUnit::Timing::kScaleSim;
    return scalesim ? Cycles(0) : vector_.busy(op.vector);
  }
  Cycles vector_latency() const override { return vector_.latency(); }

 private:
  MatrixUnit array_;
  VectorTiming vector_;
};

/// The extents of a tile by the part they play in the array, whatever the dataflow.
struct PassExtents {
  std::uint64_t streamed = 0;   ///< what enters row by row: m, n or k (rows or reduction elements)
  std::uint64_t used_rows = 0;  ///< rows of PEs that hold data
  std::uint64_t used_cols = 0;
};
/// Ends the program if the tile does not fit: tiles are ours, not the user's.
PassExtents pass_extents(const MatrixUnit& array, const MatrixTile& tile);

/// Rows of the command that begins with row `first` of `m`, of which `row` are of one output row;
/// 0 if none begins there. Without commands, all of them are one.
std::uint64_t command_rows(const MatrixUnit& array, std::uint64_t row, std::uint64_t m,
                           std::uint64_t first);

/// The least cycles of the command of `rows` rows that begins with row `first`, as above.
std::uint64_t least_of_command(const MatrixUnit& array, std::uint64_t row, std::uint64_t m,
                               std::uint64_t first, std::uint64_t rows);

/// Cycles in which `streamed` rows (elements of k, when outputs are stationary) enter the array.
std::uint64_t issue_cycles(const MatrixUnit& array, const MatrixTile& tile, std::uint64_t streamed);

}  // namespace takt
