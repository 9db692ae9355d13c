// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the tiles of a mapped region move between memory and chip, in closed form: exactly what its
// program will move.

#include "sim/mapper/footprint.h"
#include "sim/mapper/vector_space.h"

namespace takt {

/// Bytes of the DRAM, and in all of the shared buffer.
struct Traffic {
  std::uint64_t input = 0, weight = 0, operands = 0, output = 0;
  std::uint64_t shared = 0;
  std::uint64_t total() const { return input + weight + operands + output; }
  Traffic& operator+=(const Traffic& other) {
    input += other.input;
    weight += other.weight;
    operands += other.operands;
    output += other.output;
    shared += other.shared;
    return *this;
  }
  /// What of it is the shared buffer's.
  void share(std::uint64_t& part, bool is_shared) {
    if (!is_shared) return;
    shared += part;
    part = 0;
  }
};

/// Of one core's part of a region with a matrix operator.
Traffic matrix_traffic(const Region& region, const RegionGraph& graph, const Machine& machine,
                       const TileSpace& space, const RegionMapping& mapping,
                       const RegionRoom& room);
/// Of one core's part of vector work.
Traffic vector_traffic(const Region& region, const RegionGraph& graph, const Machine& machine,
                       const VectorSpace& space, const RegionRoom& room);

}  // namespace takt
