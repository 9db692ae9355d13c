// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tiling of Gemmini's own software: what `tiled_conv_auto` and `tiled_matmul_auto` of its C
// library choose, so that a machine can be looked at as it is used (Genc et al., DAC 2021; the
// library is ucb-bar/gemmini-rocc-tests, include/gemmini.h).

#include "sim/mapper/mapping.h"

namespace takt {

/// Rows of one array width that a tile may take: half of the memories, the other half is being
/// loaded.
struct GemminiRooms {
  std::int64_t array = 16;  ///< rows and columns of the array
  std::int64_t scratchpad_rows = 0;
  std::int64_t accumulator_rows = 0;
};
GemminiRooms gemmini_rooms(const Machine& machine);

struct GemminiConv {
  std::int64_t batch = 1, out_rows = 1, out_cols = 1, out_channels = 1;
  std::int64_t kernel_rows = 1, kernel_cols = 1, in_channels = 1;
  /// Tiles that were looked at on the way, each with some twenty divisions. (Those of a product are
  /// few, and a multiplication or two each.)
  std::int64_t steps = 0;
};
/// The tile of a convolution: one extent after the other shrinks, the largest first, until it fits;
/// then columns grow again, then all that still can.
GemminiConv gemmini_conv_tile(const GemminiConv& layer, std::int64_t stride,
                              const GemminiRooms& rooms);

struct GemminiMatmul {
  std::int64_t i = 1, j = 1, k = 1;  ///< rows, columns, reduction
};
/// The tile of a product, in elements: as many whole arrays as fit, square first.
GemminiMatmul gemmini_matmul_tile(const GemminiMatmul& layer, const GemminiRooms& rooms);

/// A matrix region's tile by one of the two. A tile whose kernel would be cut keeps it whole: then
/// it may not fit.
RegionMapping gemmini_mapping(const Region& region, const Machine& machine);

}  // namespace takt
