// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random mappings of a region: any extents, orders, fetches, slots and cuts, sensible or not.

#include <algorithm>

#include "sim/base/check.h"
#include "sim/base/random.h"
#include "sim/mapper/mapping_check.h"
#include "sim/mapper/tile_space.h"

namespace takt::test {

/// One to all of it; small counts of tiles are as likely as small tiles.
inline std::int64_t random_extent(Random& random, std::int64_t total) {
  const auto whole = static_cast<std::uint64_t>(total);
  switch (random.between(0, 3)) {
    case 0: return total;
    case 1: return (total + 1) / 2;
    default: return static_cast<std::int64_t>(random.between(1, whole));
  }
}

/// One group a pass, several, or the vector unit.
inline void random_groups(Random& random, const Region& region, const Machine& machine,
                          RegionMapping& m) {
  const MatrixWork& w = region.matrix;
  const std::uint64_t way = random.between(0, 2);
  if (way > 0) m.c = w.c;
  if (way == 1) {
    m.o = w.o;
    const std::int64_t most = std::min(m.g, groups_a_pass_max(w, region.dtype, machine.matrix));
    m.pack = random.between(0, 1) == 0
                 ? most
                 : static_cast<std::int64_t>(random.between(1, static_cast<std::uint64_t>(most)));
  }
  if (way == 2) m.engine = WorkUnit::kVector, m.fetch = WeightFetch::kTile;
}

/// Any order of the loops, parts of the kernel, tiles that are loaded anew.
inline void random_order(Random& random, const Region& region, RegionMapping& m) {
  m.reload = random.between(0, 3) == 0;
  const bool whole = m.pack > 1 || m.engine == WorkUnit::kVector;
  if (!whole && random.between(0, 1) == 0) {
    m.r = random_extent(random, region.matrix.r);
    m.s = random_extent(random, region.matrix.s);
  }
  const bool in_parts = m.engine == WorkUnit::kVector && m.c < region.matrix.c;
  if (random.between(0, 1) == 0 || in_parts) return;
  m.order = TileOrder::kGiven;
  for (std::size_t i = 0; i < kTileDims; ++i) m.given_loops[i] = static_cast<TileDim>(i);
  for (std::size_t i = kTileDims - 1; i > 0; --i) {
    std::swap(m.given_loops[i], m.given_loops[random.between(0, i)]);
  }
}

inline RegionMapping random_mapping(Random& random, const Region& region, const Machine& machine) {
  RegionMapping m;
  const auto slots = [&] { return static_cast<std::uint32_t>(random.between(1, 3)); };
  if (region.kind == Region::Kind::kVector) {
    m.engine = WorkUnit::kVector;
    m.n = random_extent(random, region.vector.images);
    m.rows = random_extent(random, region.vector.rows);
    const VectorWork& v = region.vector;
    if (v.channels > 1 && random.between(0, 2) == 0) {
      m.channels = v.channel_step * random_extent(random, v.channels / v.channel_step);
    }
  } else {
    const MatrixWork& w = region.matrix;
    m.g = random_extent(random, w.g);
    m.n = random_extent(random, w.n);
    m.p = random_extent(random, w.p);
    m.q = random_extent(random, w.q);
    m.o = random_extent(random, w.o);
    m.c = random_extent(random, w.c);
    m.order = static_cast<TileOrder>(random.between(0, 1));
    m.fetch = static_cast<WeightFetch>(random.between(0, 1));
    m.input_slots = slots(), m.weight_slots = slots();
    if (w.g > 1) random_groups(random, region, machine, m);
    if (w.c > 1 && random.between(0, 9) == 0) {
      // A part of the sum of one output, in a lane.
      m.engine = WorkUnit::kVector, m.fetch = WeightFetch::kTile;
      m.g = m.n = m.p = m.q = m.o = m.pack = 1;
      m.c = random_extent(random, w.c);
    }
    if (machine.matrix.dataflow != Dataflow::kRowStationary) random_order(random, region, m);
  }
  m.operand_slots = slots(), m.output_slots = slots();
  if (machine.cores > 1 && random.between(0, 1) == 1) {
    m.cut = static_cast<RegionMapping::Cut>(random.between(1, 4));
    m.parts = static_cast<std::uint32_t>(random.between(2, machine.cores));
  }
  if (!mapping_fault(region, machine, m).empty()) {
    // What the layer's form rules out: whole weights, no cut.
    m.fetch = WeightFetch::kTile;
    m.cut = RegionMapping::Cut::kNone, m.parts = 1;
  }
  const std::string fault = mapping_fault(region, machine, m);
  CHECK(fault.empty()) << fault << ": " << to_string(m);
  return m;
}

}  // namespace takt::test
