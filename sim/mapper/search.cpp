// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/search.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "sim/mapper/gemmini_tiler.h"
#include "sim/mapper/row_mapping.h"

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
  return all;
}

/// Fetch and slots of one tiling.
void add_fetches(RegionMapping m, const Region& region, const Machine& machine,
                 RegionMapping::Cut cut, std::vector<RegionMapping>& into) {
  for (const WeightFetch fetch : {WeightFetch::kTile, WeightFetch::kPass}) {
    const MatrixWork& w = region.matrix;
    // A stored second operand is fetched in strided pieces: whole taps only.
    const bool packed = w.weight.packed && !machine.mapper.weight_rows;
    if (fetch == WeightFetch::kPass && !packed && w.r * w.s > 1) continue;
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

/// One group a pass, several, or the vector unit.
constexpr int kWays = 3;
int way_of(const RegionMapping& m) {
  return m.engine == WorkUnit::kVector ? 2 : m.pack > 1 ? 1 : 0;
}

double estimated_score(const MappingEstimate& e, Objective objective) {
  // Energy follows traffic where the work is the same; cycles break ties.
  const auto bytes = static_cast<double>(e.dram_bytes), cycles = static_cast<double>(e.cycles);
  switch (objective) {
    case Objective::kCycles: return cycles;
    case Objective::kEnergy: return bytes * 1e3 + cycles;
    case Objective::kEdp: return (bytes + 1) * cycles;
    case Objective::kDramBytes: return bytes;
  }
  return cycles;
}

std::string reason(const Candidate& winner, const Candidate& loser, Objective objective) {
  const auto percent = [](double a, double b) {
    return std::to_string(static_cast<long long>((b - a) / std::max(a, 1.0) * 1000 + 0.5) / 10.0)
        .substr(0, 5);
  };
  static constexpr const char* kWhat[] = {"cycles", "energy", "energy-delay product", "DRAM bytes"};
  const char* what = kWhat[static_cast<int>(objective)];
  if (loser.played && winner.played) {
    if (loser.score == winner.score) return "same " + std::string(what) + ", found later";
    return percent(winner.score, loser.score) + " % more " + what;
  }
  return "estimated " +
         percent(estimated_score(winner.estimate, objective),
                 estimated_score(loser.estimate, objective)) +
         " % more " + what;
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

SearchResult search(const Region& region, const RegionGraph& graph, const Machine& machine,
                    const RegionRoom& room, const SearchOptions& options, const PlayMapping& play) {
  SearchResult result;
  std::vector<Candidate> fitting;
  for (const RegionMapping& mapping : candidates(region, machine, room.cores)) {
    check_stop(options.stop);
    Candidate c;
    c.mapping = mapping;
    c.estimate = estimate(region, graph, machine, mapping, room);
    ++result.tried;
    if (!c.estimate.fits) {
      result.last_constraint =
          c.estimate.why_not;  // candidates get smaller: the last is the smallest
      continue;
    }
    c.score = estimated_score(c.estimate, options.objective);
    fitting.push_back(std::move(c));
  }
  result.fitting = fitting.size();
  if (fitting.empty()) return result;

  // By estimate; of equal ones the first found comes first.
  std::vector<std::size_t> rank(fitting.size());
  std::iota(rank.begin(), rank.end(), std::size_t{0});
  const auto by_estimate = [&](std::size_t x, std::size_t y) {
    const Candidate &a = fitting[x], &b = fitting[y];
    return std::tie(a.score, a.estimate.cycles, x) < std::tie(b.score, b.estimate.cycles, y);
  };
  // The greedy start is the first that fits: the largest tiles. It is always played, and so is the
  // best of each way to do the work, so that no estimate decides between the ways.
  std::vector<std::size_t> always{0};
  for (int way = 0; way < kWays; ++way) {
    std::size_t best = fitting.size();
    for (std::size_t i = 0; i < fitting.size(); ++i) {
      if (way_of(fitting[i].mapping) != way) continue;
      if (best == fitting.size() || by_estimate(i, best)) best = i;
    }
    if (best < fitting.size()) always.push_back(best);
  }
  const std::size_t ranked = std::min(rank.size(), std::max(options.play, options.keep) + 1);
  std::partial_sort(rank.begin(), rank.begin() + static_cast<std::ptrdiff_t>(ranked), rank.end(),
                    by_estimate);
  rank.resize(ranked);
  for (std::size_t i = 0; i < std::min(options.play, ranked); ++i) always.push_back(rank[i]);
  for (const std::size_t which : always) {
    if (std::find(rank.begin(), rank.end(), which) == rank.end()) rank.push_back(which);
    Candidate& c = fitting[which];
    if (c.played) continue;
    c.score = play(c.mapping);
    // The analytic engine gives every requester the rated bandwidth, whatever its rows.
    if (options.objective == Objective::kCycles) {
      c.score = std::max(c.score, static_cast<double>(c.estimate.dram_cycles));
    }
    c.played = true;
  }
  std::stable_sort(rank.begin(), rank.end(), [&](std::size_t x, std::size_t y) {
    const Candidate &a = fitting[x], &b = fitting[y];
    return a.played != b.played ? a.played : a.played && a.score < b.score;
  });
  rank.resize(std::min(rank.size(), std::max<std::size_t>(1, options.keep)));
  for (const std::size_t which : rank) {
    result.best.push_back(std::move(fitting[which]));
    Candidate& c = result.best.back();
    if (result.best.size() > 1) c.why_lost = reason(result.best.front(), c, options.objective);
  }
  return result;
}

}  // namespace takt
