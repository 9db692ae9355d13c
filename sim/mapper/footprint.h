// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a mapped region's tiles take of the buffers, and the room that there is for them.

#include <vector>

#include "sim/mapper/tile_space.h"

namespace takt {

/// What of a region lies on chip already, and how much room its tiles have.
struct RegionRoom {
  bool input_resident = false, weight_resident = false, output_resident = false;
  std::vector<bool> operand_resident;
  /// What is fetched from (stored to) the cores' shared buffer instead of DRAM.
  bool input_shared = false, weight_shared = false, output_shared = false;
  std::vector<bool> operand_shared;
  std::uint32_t cores = UINT32_MAX;     ///< that may take part
  std::uint64_t unified_bytes = 0;      ///< free for this region's tiles
  std::uint64_t weight_bytes = 0;       ///< of a buffer of its own for weights; 0 = they share
  std::uint64_t weight_slot_bytes = 0;  ///< of a FIFO of array tiles; 0 = not a FIFO
};

/// Bytes of one slot of each operand, and in all.
struct Footprint {
  std::uint64_t input = 0, weight = 0, output = 0, whole = 0;
  std::vector<std::uint64_t> operands;
  std::uint64_t unified_total = 0, weight_total = 0;
};

/// Is it a copy that needs no lanes, hence one slot for its input and its output?
bool copies_by_dma(const Region& region, const RegionRoom& room);

Footprint footprint(const Region& region, const RegionGraph& graph, const Machine& machine,
                    const RegionMapping& mapping, const RegionRoom& room);

}  // namespace takt
