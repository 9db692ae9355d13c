// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/search.h"

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <sstream>
#include <tuple>

namespace takt {
namespace {

/// Parts of rows, or of sums that lanes make: only for what does not fit whole.
bool last_resort(const Region& region, const RegionMapping& m) {
  return m.channels > 0 || (products_on_lanes(region, m) && m.c < region.matrix.c);
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
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << (b - a) / std::max(a, 1.0) * 100;
    return text.str();
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

SearchResult search(const Region& region, const RegionGraph& graph, const Machine& machine,
                    const RegionRoom& room, const SearchOptions& options, const PlayMapping& play) {
  SearchResult result;
  std::vector<Candidate> fitting;
  for (const RegionMapping& mapping : candidates(region, machine, room.cores)) {
    check_stop(options.stop);
    if (!fitting.empty() && last_resort(region, mapping) &&
        !last_resort(region, fitting.front().mapping)) {
      continue;  // those of a cut come behind its others, and other cuts behind them
    }
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
