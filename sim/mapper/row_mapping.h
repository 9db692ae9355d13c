// SPDX-License-Identifier: Apache-2.0
#pragma once
// Mappings of a matrix region to a row-stationary array (Chen et al., ISCA 2016): PE sets of kernel
// rows x output rows, filters and channels interleaved in a PE, sets side by side.

#include <string>
#include <vector>

#include "sim/mapper/tile_space.h"

namespace takt {

/// Why a pass of that mapping does not fit the array or its scratchpads; empty if it does.
std::string row_fault(const Region& region, const MatrixUnit& array, const RegionMapping& mapping);

/// Mappings that are looked at: the vector unit's, for kernels that no pass holds, then every way
/// to fill array and scratchpads with passes whose weights fit their buffer, and at last the
/// smallest.
std::vector<RegionMapping> row_mappings(const Region& region, const Machine& machine);

/// Array cycles of one core if nothing is ever waited for.
std::uint64_t row_cycles(const Region& region, const MatrixUnit& array, const TileSpace& space,
                         const PeSets& sets);

}  // namespace takt
