// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/mapping_fault.h"

#include <algorithm>

#include "sim/base/math.h"
#include "sim/mapper/row_mapping.h"
#include "sim/mapper/vector_space.h"
#include "sim/program/nest.h"

namespace takt {
namespace {

/// Near deep padding every tile has another halo.
constexpr const char* kTooManyKinds = "tiles much smaller than the padding";

/// Small sizes to the byte: "needs 1 KiB, has 1 KiB" would help nobody.
std::string size_words(std::uint64_t bytes, bool up) {
  constexpr std::uint64_t kKiB = 1024, kExactBelow = 16 * kKiB;
  if (bytes < kExactBelow) return std::to_string(bytes) + " B";
  return std::to_string(up ? ceil_div(bytes, kKiB) : bytes / kKiB) + " KiB";
}

std::string too_big(const char* what, std::uint64_t need, const std::string& buffer,
                    std::uint64_t have) {
  return std::string(what) + " need " + size_words(need, true) + ", '" + buffer + "' has " +
         size_words(have, false) + " left";
}

/// What no program may have: more tiles than can be planned, more operands than an op can name.
std::string beyond_limits(const Region& region, const Machine& machine, const RegionMapping& m) {
  constexpr double kTilesMax = 1 << 22;
  // On the lanes the product's own two operands are read by the same op.
  const std::size_t operands = region.operands.size() + (products_on_lanes(region, m) ? 2 : 0);
  if (operands > kRegionOperandsMax) {
    return "it reads " + std::to_string(operands) + " operands at once, at most " +
           std::to_string(kRegionOperandsMax) + " can be";
  }
  double tiles = 1;
  if (region.kind == Region::Kind::kVector) {
    const VectorSpace v(region, m, 0);
    for (const Tiles* dim : {&v.images, &v.rows, &v.channels}) {
      tiles *= static_cast<double>(dim->count());
    }
  } else {
    const TileSpace t(region, machine, m, 0);
    for (const Tiles* dim : {&t.g, &t.n, &t.p, &t.q, &t.o, &t.c, &t.r, &t.s}) {
      tiles *= static_cast<double>(dim->count());
    }
  }
  if (tiles <= kTilesMax) return "";
  return "its tiles would be " + std::to_string(static_cast<std::uint64_t>(tiles)) +
         ", more than a program may have";
}

std::string vector_fault(const Region& region, const RegionMapping& m) {
  const VectorSpace s(region, m, 0);
  for (const VectorOperand& operand : region.operands) {
    if (walk(s.rows, VectorSpace::axis(operand)).runs > NestRuns::capacity()) return kTooManyKinds;
  }
  return "";
}

std::string matrix_fault(const Region& region, const Machine& machine, const RegionMapping& m,
                         const RegionRoom& room, const Footprint& f) {
  const TileSpace s(region, machine, m, 0);
  if (s.dataflow == Dataflow::kRowStationary && !s.on_lanes) {
    const std::string fault = row_fault(region, machine.matrix, m);
    if (!fault.empty()) return fault;
  }
  if (room.weight_bytes > 0 && f.weight_total > room.weight_bytes) {
    return too_big("weight tiles", f.weight_total, machine.buffers[machine.weights.index].name,
                   room.weight_bytes);
  }
  if (room.weight_slot_bytes > 0 && !s.on_lanes && f.weight > room.weight_slot_bytes) {
    return "a weight tile of " + std::to_string(f.weight) + " B does not fit a FIFO entry of " +
           std::to_string(room.weight_slot_bytes) + " B";
  }
  const std::string on_lanes = lane_sums_fault(region, machine, m);
  if (!on_lanes.empty()) return on_lanes;
  if (!s.on_lanes && s.accumulator_blocks() < s.blocks_held()) {
    return "partial sums need " + std::to_string(s.blocks_held() * s.block_rows()) +
           " accumulator rows, the array has " + std::to_string(s.accumulator_rows);
  }
  if (walk(s.p, s.rows, s.r).runs > NestRuns::capacity() ||
      walk(s.q, s.cols, s.s).runs > NestRuns::capacity() ||
      static_cast<std::uint64_t>(std::max(s.r.count(), s.s.count())) > NestRuns::capacity()) {
    return kTooManyKinds;
  }
  const MatrixWork& work = region.matrix;
  if (work.g_outer > 1 &&
      ((work.g / work.g_outer) % m.g != 0 || m.cut == RegionMapping::Cut::kGroups)) {
    return "a tile's groups must divide the " + std::to_string(work.g / work.g_outer) +
           " that lie at one stride";
  }
  return "";
}

}  // namespace

std::string mapping_fault(const Region& region, const Machine& machine, const RegionMapping& m,
                          const RegionRoom& room, const Footprint& f) {
  std::string fault = beyond_limits(region, machine, m);
  if (!fault.empty()) return fault;
  if (f.unified_total > room.unified_bytes) {
    return too_big("tiles", f.unified_total, machine.buffers[machine.unified.index].name,
                   room.unified_bytes);
  }
  return region.kind == Region::Kind::kVector ? vector_fault(region, m)
                                              : matrix_fault(region, machine, m, room, f);
}

}  // namespace takt
