// SPDX-License-Identifier: Apache-2.0
#pragma once
// The loops of a vector region over several views; used by fuse*.cpp only.

#include "sim/ir/fuse_state.h"

namespace takt::fusing {

/// Views of one shape walked together as images, rows, runs and elements of a run.
struct Grid {
  std::int64_t images = 1, rows = 1, runs = 1, run = 1;
  std::vector<ActivationView> walks;  ///< by view
  bool exact = true;                  ///< no loop was left out (see two_levels)
};

/// Nothing if the cuts of the views do not nest.
std::optional<Grid> grid_of(const std::vector<View>& views, const RowCut& cut);

/// Do a region's loops lead to every element of all of them?
bool walk_exactly(const std::vector<View>& views, const RowCut& cut);

/// Cuts rows that are too long for one buffer line after another; only where rows are independent.
void split_rows(Grid& grid);

}  // namespace takt::fusing
