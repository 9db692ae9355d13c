// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/row_mapping.h"

#include <algorithm>
#include <array>

#include "sim/engine/row_pass.h"

namespace takt {
namespace {

std::uint64_t u(std::int64_t value) { return static_cast<std::uint64_t>(value); }

/// The least extents that make 1, 2, 3 … equal pieces of `total`, largest first.
std::vector<std::int64_t> even_parts(std::int64_t total, std::int64_t most) {
  std::vector<std::int64_t> extents;
  for (std::int64_t extent = std::min(total, most); extent >= 1; --extent) {
    if (div_up(total, div_up(total, extent)) == extent) extents.push_back(extent);
  }
  return extents;
}

/// The largest, and those below that leave no piece short, down to a third of it: less in a PE only
/// moves more.
std::vector<std::int64_t> largest_and_divisors(std::int64_t total, std::int64_t most) {
  std::vector<std::int64_t> extents;
  const std::int64_t largest = std::min(total, most);
  for (std::int64_t extent = largest; extent >= 1 && 3 * extent >= largest; --extent) {
    if (extent == largest || total % extent == 0) extents.push_back(extent);
  }
  return extents;
}

/// Output channels of a tile: whole passes, halved.
std::vector<std::int64_t> filter_tiles(std::int64_t total, std::int64_t pass) {
  std::vector<std::int64_t> extents;
  for (std::int64_t passes = div_up(total, pass); passes >= 1; passes = (passes + 1) / 2) {
    extents.push_back(std::min(total, passes * pass));
    if (passes == 1) break;
  }
  // Thirds as well: 384 channels of 64 a tile.
  for (std::int64_t parts : {3, 6}) {
    const std::int64_t passes = div_up(div_up(total, parts), pass);
    extents.push_back(std::min(total, passes * pass));
  }
  std::sort(extents.rbegin(), extents.rend());
  extents.erase(std::unique(extents.begin(), extents.end()), extents.end());
  return extents;
}

/// Rows of a PE set's outputs that the array can hold for this kernel.
std::int64_t rows_max(const MatrixUnit& array, std::int64_t kernel_rows) {
  return static_cast<std::int64_t>(array.rows) / kernel_rows *
         static_cast<std::int64_t>(array.cols);
}

/// Sets with other channels beside those with other filters: as many as fit, split by halves.
std::vector<PeSets> sets_of(const MatrixWork& w, const MatrixUnit& array, std::int64_t rows,
                            std::int64_t weights_max) {
  const RowStationary& pe = array.row_stationary;
  const auto most = static_cast<std::int64_t>(pe_sets_max(array, u(w.r), u(rows)));
  const std::int64_t kernel = w.r * w.s;
  std::vector<PeSets> all;
  for (const std::int64_t q :
       largest_and_divisors(w.c, static_cast<std::int64_t>(pe.input_words) / w.s)) {
    const std::int64_t fits = static_cast<std::int64_t>(pe.filter_words) / (q * w.s);
    for (const std::int64_t p :
         largest_and_divisors(w.o, std::min<std::int64_t>(pe.sum_words, fits))) {
      const std::int64_t sets = std::min(most, weights_max / (p * q * kernel));
      for (std::int64_t r = std::min(sets, div_up(w.c, q)); r >= 1; r = r == 1 ? 0 : (r + 1) / 2) {
        all.push_back({p, q, std::min(sets / r, div_up(w.o, p)), r});
      }
    }
  }
  return all;
}

/// All of it, then halves.
std::vector<std::int64_t> halves(std::int64_t total) {
  std::vector<std::int64_t> extents;
  for (std::int64_t n = total;; n = (n + 1) / 2) {
    extents.push_back(n);
    if (n == 1) return extents;
  }
}

/// A lane makes one output, with all of its reduction.
void add_lanes(const MatrixWork& w, std::vector<RegionMapping>& into) {
  RegionMapping m;
  m.engine = WorkUnit::kVector;
  m.input_slots = m.weight_slots = m.operand_slots = m.output_slots = 1;
  m.c = w.c;
  for (const std::int64_t o : halves(w.o)) {
    for (const std::int64_t p : halves(w.p)) {
      const std::vector<std::int64_t> whole{w.q};
      for (const std::int64_t q : p == 1 ? halves(w.q) : whole) {
        m.o = o, m.p = p, m.q = q;
        into.push_back(m);
      }
    }
  }
}

/// Last, parts of the reduction: as many outputs as there are lanes, or one.
void add_parts_on_lanes(const MatrixWork& w, std::uint32_t lanes,
                        std::vector<RegionMapping>& into) {
  RegionMapping m;
  m.engine = WorkUnit::kVector;
  m.input_slots = m.weight_slots = m.operand_slots = m.output_slots = 1;
  const std::int64_t most = std::min<std::int64_t>(w.o, lanes);
  for (const std::int64_t c : halves(w.c)) {
    if (c == w.c) continue;
    m.c = c;
    for (const std::int64_t o : halves(most)) {
      m.o = o;
      into.push_back(m);
    }
  }
}

std::vector<RegionMapping> tilings(const Region& region, const Machine& machine) {
  const MatrixWork& w = region.matrix;
  const MatrixUnit& array = machine.matrix;
  const RowStationary& pe = array.row_stationary;
  const std::int64_t weights_max =
      static_cast<std::int64_t>(machine.buffers[machine.weights.index].size.value()) /
      bytes_of(region.dtype);
  std::vector<RegionMapping> all;
  const bool fits = w.r <= static_cast<std::int64_t>(array.rows) &&
                    w.s <= static_cast<std::int64_t>(std::min(pe.input_words, pe.filter_words));
  const std::vector<std::int64_t> none;
  for (const std::int64_t rows : fits ? even_parts(w.p, rows_max(array, w.r)) : none) {
    for (const PeSets& sets : sets_of(w, array, rows, weights_max)) {
      const std::int64_t pass = sets.filters * sets.filter_sets;
      for (const std::int64_t n : halves(w.n)) {
        for (const std::int64_t o : filter_tiles(w.o, pass)) {
          RegionMapping m;
          m.n = n, m.p = rows, m.q = w.q, m.o = o;
          m.c = std::min(w.c, sets.channels * sets.channel_sets);
          m.sets = sets;
          all.push_back(m);
        }
      }
    }
  }
  all.emplace_back();  // where nothing fits, it says why
  return all;
}

/// Sums lie in the output's only slot: the array waits while a tile leaves it.
void add_slots(RegionMapping m, const MatrixWork& w, const Machine& machine,
               std::vector<RegionMapping>& into) {
  m.fetch = fetches_by_pass(w, machine) ? WeightFetch::kPass : WeightFetch::kTile;
  m.operand_slots = m.output_slots = 1;
  for (const std::uint32_t inputs : {2U, 1U}) {
    for (const std::uint32_t weights : {2U, 1U}) {
      m.input_slots = inputs;
      m.weight_slots = weights;
      into.push_back(m);
    }
  }
}

}  // namespace

std::string row_fault(const Region& region, const MatrixUnit& array, const RegionMapping& m) {
  const MatrixWork& w = region.matrix;
  const RowStationary& pe = array.row_stationary;
  const PeSets& s = m.sets;
  const auto n = [](std::int64_t value) { return std::to_string(value); };
  const auto words = [](std::uint32_t value) { return static_cast<std::int64_t>(value); };
  if (s.filters < 1 || s.channels < 1 || s.filter_sets < 1 || s.channel_sets < 1) {
    return "a PE has a filter and a channel, and there is a set of each";
  }
  if (m.g != 1) return "groups follow each other in a row-stationary array: tile g must be 1";
  if (m.pack != 1) return "groups do not share a row-stationary pass";
  if ((w.r > 1 && w.dilation_h > 1) || (w.s > 1 && w.dilation_w > 1)) {
    return "a filter row slides over inputs that follow each other; this kernel is dilated";
  }
  if (w.r > words(array.rows)) {
    return "a kernel of " + n(w.r) + " rows needs as many rows of PEs, the array has " +
           n(array.rows);
  }
  if (s.channels > words(pe.input_words) / w.s) {
    return n(s.channels) + " channels x " + n(w.s) + " inputs do not fit a scratchpad of " +
           n(pe.input_words) + " words";
  }
  if (s.filters > words(pe.sum_words)) {
    return n(s.filters) + " sums do not fit a scratchpad of " + n(pe.sum_words) + " words";
  }
  if (s.filters > words(pe.filter_words) / (s.channels * w.s)) {
    return n(s.filters) + " filters x " + n(s.channels) + " channels x " + n(w.s) +
           " weights do not fit a scratchpad of " + n(pe.filter_words) + " words";
  }
  const auto most = static_cast<std::int64_t>(pe_sets_max(array, u(w.r), u(m.p)));
  if (s.filter_sets > most || s.channel_sets > most / s.filter_sets) {
    return n(s.filter_sets) + " x " + n(s.channel_sets) + " sets of " + n(w.r) + " x " + n(m.p) +
           " PEs, the array holds " + n(most);
  }
  if (m.c > s.channels * s.channel_sets) {
    return "a tile of " + n(m.c) + " channels, a pass has " + n(s.channels * s.channel_sets);
  }
  return "";
}

std::vector<RegionMapping> row_mappings(const Region& region, const Machine& machine) {
  std::vector<RegionMapping> all;
  add_lanes(region.matrix, all);
  for (const RegionMapping& m : tilings(region, machine)) add_slots(m, region.matrix, machine, all);
  add_parts_on_lanes(region.matrix, machine.vector.lanes, all);
  return all;
}

// Tiles of a dimension are whole ones and at most one ragged one: the passes of each kind, times
// what one takes.
std::uint64_t row_cycles(const Region& region, const MatrixUnit& array, const TileSpace& s,
                         const PeSets& sets) {
  struct Piece {
    std::int64_t extent, count;
  };
  const auto pieces = [](std::int64_t total, std::int64_t extent) {
    const std::int64_t rest = total % extent;
    return std::array<Piece, 2>{{{extent, total / extent}, {rest, rest > 0}}};
  };
  const MatrixWork& w = region.matrix;
  RowPass pass;
  pass.dtype = region.dtype;
  pass.sets.kernel_rows = static_cast<std::uint16_t>(w.r);
  pass.sets.kernel_cols = static_cast<std::uint16_t>(w.s);
  pass.sets.stride_rows =
      static_cast<std::uint16_t>(std::min<std::int64_t>(w.stride_h, UINT16_MAX));
  pass.sets.stride_cols =
      static_cast<std::uint16_t>(std::min<std::int64_t>(w.stride_w, UINT16_MAX));
  pass.sets.filters = static_cast<std::uint16_t>(sets.filters);
  pass.sets.channels = static_cast<std::uint16_t>(sets.channels);
  std::uint64_t cycles = 0;
  for (const Piece& o_tile : pieces(s.o.total, s.o.extent)) {
    if (o_tile.count == 0) continue;
    for (const Piece& o : pieces(o_tile.extent, std::min(s.pass.n, o_tile.extent))) {
      for (const Piece& c : pieces(s.c.total, s.c.extent)) {
        for (const Piece& n : pieces(s.n.total, s.n.extent)) {
          for (const Piece& p : pieces(s.p.total, s.p.extent)) {
            for (const Piece& q : pieces(s.q.total, s.q.extent)) {
              const std::int64_t count =
                  o_tile.count * o.count * c.count * n.count * p.count * q.count;
              if (count == 0) continue;
              pass.images = u(n.extent), pass.rows = u(p.extent), pass.cols = u(q.extent);
              pass.filters = u(o.extent), pass.channels = u(c.extent);
              const RowPassCost cost = row_pass_cost(array, pass);
              cycles += u(count) * (cost.load + cost.issue);
            }
          }
        }
      }
    }
  }
  return cycles * u(s.g.total);
}

}  // namespace takt
