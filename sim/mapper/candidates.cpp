// SPDX-License-Identifier: Apache-2.0
// The mappings of a region that are looked at.
#include "sim/mapper/gemmini_tiler.h"
#include "sim/mapper/row_mapping.h"
#include "sim/mapper/search.h"

namespace takt {
namespace {

/// total, then halves (rounded up to a multiple of `step`) down to `least`.
std::vector<std::int64_t> halvings(std::int64_t total, std::int64_t step, std::int64_t least) {
  std::vector<std::int64_t> extents{total};
  std::int64_t extent = total;
  while (extent > least) {
    extent = (extent + 1) / 2;
    extent = std::min(total, (extent + step - 1) / step * step);
    if (extent >= extents.back()) break;
    extents.push_back(extent);
  }
  return extents;
}

std::vector<RegionMapping::Cut> cuts_of(const Region& region, const Machine& machine) {
  using Cut = RegionMapping::Cut;
  std::vector<Cut> cuts{Cut::kNone};
  if (machine.cores == 1) return cuts;
  const auto parts = static_cast<std::int64_t>(machine.cores);
  if (region.kind == Region::Kind::kVector) {
    if (region.vector.images >= parts) cuts.push_back(Cut::kImages);
    if (region.vector.rows >= 2) cuts.push_back(Cut::kRows);
    return cuts;
  }
  const MatrixWork& w = region.matrix;
  if (w.g >= 2) cuts.push_back(Cut::kGroups);
  if (w.n >= 2) cuts.push_back(Cut::kImages);
  if (w.p >= 2) cuts.push_back(Cut::kRows);
  if (w.o >= 2) cuts.push_back(Cut::kChannels);
  return cuts;
}

/// Parts a cut really makes: none of them may be empty.
std::uint32_t parts_of(std::int64_t total, std::uint32_t cores) {
  const std::int64_t share = (total + cores - 1) / cores;
  return static_cast<std::uint32_t>((total + share - 1) / share);
}

void add_cut(RegionMapping mapping, const Region& region, RegionMapping::Cut cut,
             std::uint32_t cores, std::vector<RegionMapping>& into) {
  using Cut = RegionMapping::Cut;
  const bool vector = region.kind == Region::Kind::kVector;
  const MatrixWork& w = region.matrix;
  std::int64_t total = 1;
  switch (cut) {
    case Cut::kNone: break;
    case Cut::kGroups: total = w.g; break;
    case Cut::kImages: total = vector ? region.vector.images : w.n; break;
    case Cut::kRows: total = vector ? region.vector.rows : w.p; break;
    case Cut::kChannels: total = w.o; break;
  }
  mapping.cut = cut;
  mapping.parts = cut == Cut::kNone ? 1 : parts_of(total, cores);
  into.push_back(mapping);
}

std::vector<RegionMapping> vector_candidates(const Region& region, const Machine& machine) {
  std::vector<RegionMapping> all;
  for (const auto cut : cuts_of(region, machine)) {
    for (const std::int64_t images : halvings(region.vector.images, 1, 1)) {
      for (const std::int64_t rows : halvings(region.vector.rows, 1, 1)) {
        // Several images in a tile only if they are there whole.
        if (images > 1 && rows < region.vector.rows) continue;
        for (const std::uint32_t slots : {2U, 1U}) {
          RegionMapping m;
          m.engine = WorkUnit::kVector;
          m.n = images;
          m.rows = rows;
          m.operand_slots = m.output_slots = slots;
          add_cut(m, region, cut, machine.cores, all);
        }
      }
    }
  }
  // Last, single rows in parts.
  const VectorWork& v = region.vector;
  for (const auto cut : cuts_of(region, machine)) {
    for (const std::int64_t channels : halvings(v.channels, v.channel_step, v.channel_step)) {
      if (channels == v.channels) continue;
      for (const std::uint32_t slots : {2U, 1U}) {
        RegionMapping m;
        m.engine = WorkUnit::kVector;
        m.rows = 1;
        m.channels = channels;
        m.operand_slots = m.output_slots = slots;
        add_cut(m, region, cut, machine.cores, all);
      }
    }
  }
  return all;
}

/// Fetch and slots of one tiling.
void add_fetches(RegionMapping m, const Region& region, const Machine& machine,
                 RegionMapping::Cut cut, std::vector<RegionMapping>& into) {
  for (const WeightFetch fetch : {WeightFetch::kTile, WeightFetch::kPass}) {
    const MatrixWork& w = region.matrix;
    if (fetch == WeightFetch::kPass && !fetches_by_pass(w, machine)) continue;
    for (const std::uint32_t slots : {2U, 1U}) {
      m.fetch = fetch;
      m.input_slots = m.operand_slots = m.output_slots = slots;
      m.weight_slots = fetch == WeightFetch::kPass ? 2 * slots : slots;
      add_cut(m, region, cut, machine.cores, into);
    }
  }
}

/// Groups that would leave most of the array idle: several side by side, or none on the array.
void add_group_variants(RegionMapping m, const Region& region, const Machine& machine,
                        RegionMapping::Cut cut, std::vector<RegionMapping>& into) {
  const MatrixWork& w = region.matrix;
  if (w.g == 1 || m.c < w.c) return;
  m.pack = m.o < w.o ? 1 : std::min(m.g, groups_a_pass_max(w, region.dtype, machine.matrix));
  if (m.pack > 1) add_fetches(m, region, machine, cut, into);
  m.pack = 1;
  m.engine = WorkUnit::kVector;
  m.fetch = WeightFetch::kTile;
  for (const std::uint32_t slots : {2U, 1U}) {
    m.input_slots = m.weight_slots = m.operand_slots = m.output_slots = slots;
    add_cut(m, region, cut, machine.cores, into);
  }
}

std::vector<RegionMapping> matrix_candidates(const Region& region, const Machine& machine) {
  std::vector<RegionMapping> all;
  const MatrixWork& w = region.matrix;
  const auto cols = static_cast<std::int64_t>(machine.matrix.cols);
  const auto rows = static_cast<std::int64_t>(machine.matrix.rows);
  // Channels of the reduction in steps that fill the array's rows, with whole taps if they can.
  const std::int64_t taps_a_pass =
      machine.matrix.taps_apart ? 1 : std::max<std::int64_t>(1, w.r * w.s);
  const std::int64_t c_step = std::max<std::int64_t>(1, rows / taps_a_pass);
  for (const auto cut : cuts_of(region, machine)) {
    for (const std::int64_t g : halvings(w.g, 1, 1)) {
      for (const std::int64_t o : halvings(w.o, cols, cols)) {
        for (const std::int64_t c : halvings(w.c, c_step, c_step)) {
          for (const std::int64_t n : halvings(w.n, 1, 1)) {
            for (const std::int64_t p : halvings(w.p, 1, 1)) {
              for (const std::int64_t q :
                   p == 1 ? halvings(w.q, 1, 1) : std::vector<std::int64_t>{w.q}) {
                if (n > 1 && (p < w.p || q < w.q)) continue;
                if (g > 1 && (o < w.o || c < w.c)) continue;
                for (const TileOrder order : {TileOrder::kPixelsOuter, TileOrder::kChannelsOuter}) {
                  const bool one = o == w.o || (n == w.n && p == w.p && q == w.q);
                  if (order == TileOrder::kChannelsOuter && one && c == w.c)
                    continue;  // the same order
                  RegionMapping m;
                  m.g = g, m.n = n, m.p = p, m.q = q, m.o = o, m.c = c;
                  m.order = order;
                  add_fetches(m, region, machine, cut, all);
                  add_group_variants(m, region, machine, cut, all);
                }
              }
            }
          }
        }
      }
    }
  }
  return all;
}

std::vector<RegionMapping> row_candidates(const Region& region, const Machine& machine) {
  std::vector<RegionMapping> all;
  for (const auto cut : cuts_of(region, machine)) {
    for (const RegionMapping& m : row_mappings(region, machine)) {
      add_cut(m, region, cut, machine.cores, all);
    }
  }
  return all;
}

}  // namespace

std::vector<RegionMapping> candidates(const Region& region, const Machine& machine,
                                      std::uint32_t cores) {
  if (cores < machine.cores) {
    Machine fewer = machine;
    fewer.cores = cores;
    return candidates(region, fewer);
  }
  if (machine.mapper.gemmini && region.kind == Region::Kind::kMatrix) {
    return {gemmini_mapping(region, machine)};
  }
  const bool rows = machine.matrix.dataflow == Dataflow::kRowStationary;
  if (rows && region.kind == Region::Kind::kMatrix) return row_candidates(region, machine);
  return region.kind == Region::Kind::kVector ? vector_candidates(region, machine)
                                              : matrix_candidates(region, machine);
}

}  // namespace takt
