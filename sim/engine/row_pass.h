// SPDX-License-Identifier: Apache-2.0
#pragma once
// A pass of a row-stationary array, in closed form: what it costs and what the PEs do in it. Used
// by the mapper, which ranks by it, and by the timing of the tile op, so that the two cannot drift
// apart. models/common/row_stationary/README.md derives the formulas.

#include "sim/machine/machine.h"
#include "sim/program/tile_op.h"

namespace takt {

/// Extents of a pass.
struct RowPass {
  std::uint64_t images = 1, rows = 1, cols = 1;  ///< of outputs: n, e, F
  std::uint64_t filters = 1, channels = 1;       ///< of the pass, over all sets
  RowSets sets;
  DType dtype = DType::kInt16;
};
/// Of a matrix op with `matrix.rows` set.
RowPass row_pass(const TileOp& op);

/// PE sets of `kernel_rows` x `rows` PEs that the array holds at once: 0 if not even one, which is
/// cut at the array's width and its pieces laid one below the other.
std::uint64_t pe_sets_max(const MatrixUnit& array, std::uint64_t kernel_rows, std::uint64_t rows);

struct RowPassCost {
  std::uint64_t load = 0;   ///< filters into the scratchpads
  std::uint64_t issue = 0;  ///< first windows, then one window after the other
  std::uint64_t drain = 0;  ///< the last sums up the columns
  std::uint64_t useful = 0;
};
RowPassCost row_pass_cost(const MatrixUnit& array, const RowPass& pass);

struct RowPassActions {
  std::uint64_t macs = 0;         ///< executed: of inputs that are not skipped
  std::uint64_t scratchpads = 0;  ///< words read and written
  std::uint64_t hops = 0;         ///< sums that pass from a PE to the next
};
RowPassActions row_pass_actions(const RowPass& pass);

}  // namespace takt
