// SPDX-License-Identifier: Apache-2.0
// Loops, counts and order of a matrix nest; matrix_nest_emit.cpp fills in the ops.
#include "models/tpu/matrix_nest.h"

#include <algorithm>

#include "models/tpu/nest_parts.h"

namespace takt {

MatrixNest::MatrixNest(RegionPlan plan)
    : plan_(std::move(plan)), space_(*plan_.region, *plan_.machine, plan_.mapping, plan_.part) {
  using D = TileDim;
  make_loops();
  const std::uint32_t anew = plan_.mapping.reload ? bit(kLastTile + 1) - 1 : 0;
  input_level_ = level_of(bits({D::kG, D::kN, D::kP, D::kQ, D::kC, D::kR, D::kS}) | anew);
  output_level_ = level_of(bits({D::kG, D::kN, D::kP, D::kQ, D::kO}));
  std::uint32_t weight_loops = bits({D::kG, D::kO, D::kC, D::kR, D::kS}) | anew;
  weight_tile_level_ = level_of(weight_loops);
  if (plan_.mapping.fetch == WeightFetch::kPass) {
    weight_loops |= bit(kG1) | bit(kN1) | bit(kK1);
    if (space_.arrays > 1 && space_.split != ArraySplit::kPixels) weight_loops |= bit(kArray);
  }
  weight_level_ = level_of(weight_loops);
  weights_by_array_ = space_.arrays > 1 && weight_level_ >= kArray;
  make_prefixes();
  make_body();
}

std::uint32_t MatrixNest::bits(std::initializer_list<TileDim> dims) const {
  std::uint32_t all = 0;
  for (const TileDim dim : dims) all |= bit(at(dim));
  return all;
}

void MatrixNest::make_loops() {
  static constexpr const char* kNames[kTileDims] = {"g", "n", "p", "q", "o", "c", "r", "s"};
  static constexpr const char* kPassNames[kLoops - kG1] = {"g1", "m1", "n1", "array", "k1"};
  for (int loop = 0; loop <= kLastTile; ++loop) {
    const TileDim dim = space_.loops[static_cast<std::size_t>(loop)];
    place_[static_cast<std::size_t>(dim)] = loop;
    count_[static_cast<std::size_t>(loop)] = space_.tiles(dim).count();
    if (!is_reduction(dim)) output_loops_.push_back(loop);
  }
  const NestIndex origin(kLoops, 0);
  const Tile full = tile_at(origin);  // the first tile of each dimension is a full one
  for (int loop = kG1; loop < kLoops; ++loop)
    count_[static_cast<std::size_t>(loop)] = count_of(loop, full);
  for (int loop = 0; loop < kLoops; ++loop) {
    const bool tile = loop <= kLastTile;
    const auto dim = tile ? static_cast<std::size_t>(space_.loops[loop]) : 0;
    loops_.push_back(
        {tile ? kNames[dim] : kPassNames[loop - kG1], static_cast<std::uint64_t>(count_[loop])});
    if (tile) tile_runs_[loop] = three_runs(count_[loop]);
  }
  tile_runs_[at(TileDim::kP)] = window_runs(space_.p, space_.rows, space_.r);
  tile_runs_[at(TileDim::kQ)] = window_runs(space_.q, space_.cols, space_.s);
  // Each part of a kernel meets the padding elsewhere.
  for (const TileDim dim : {TileDim::kR, TileDim::kS}) {
    NestRuns& runs = tile_runs_[at(dim)];
    runs.clear();
    for (std::int64_t i = 0; i < space_.tiles(dim).count(); ++i) runs.push_back(1);
  }
}

int MatrixNest::level_of(std::uint32_t changing) const {
  int level = -1;
  for (int loop = 0; loop < kLoops; ++loop) {
    if (count_[loop] > 1 && (changing & bit(loop)) != 0) level = loop;
  }
  return level;
}

int MatrixNest::next_loop(int loop) const {
  for (int next = loop + 1; next < kLoops; ++next) {
    if (count_[next] > 1) return next;
  }
  return kLoops;
}

void MatrixNest::make_body() {
  syncs_ = spill_needs(plan_);
  const auto action = [&](Action kind, std::size_t which) {
    body_.push_back(NestNode{-1, action_of(kind, which), {}});
  };
  const auto late = [&](std::initializer_list<Role> roles) {
    for (NestNode& node : late_syncs(plan_, roles, kLate)) body_.push_back(std::move(node));
  };
  add_syncs(kSync, 0, syncs_.moves_in, body_);
  for (std::size_t i = 0; i < plan_.host_in_moves.size(); ++i) action(kHostIn, i);
  late({Role::kHostIn});
  add_syncs(kSync, syncs_.moves_in, syncs_.own, body_);
  if (plan_.mapping.steps > 0 && plan_.machine->mapper.step.value() > 0) action(kDelay, 0);
  for (std::size_t i = 0; i < plan_.operands.size(); ++i) {
    const bool whole = plan_.region->operands[i].access == VectorOperand::Access::kWhole;
    if (whole && !plan_.operands[i].resident) action(kLoadWhole, i);
  }
  for (NestNode& node : body_of(-1)) body_.push_back(std::move(node));
  late({Role::kMatrix, Role::kVector, Role::kStore});
  add_syncs(kSync, syncs_.own, syncs_.all.size(), body_);
  for (std::size_t i = 0; i < plan_.host_out_moves.size(); ++i) action(kHostOut, i);
  late({Role::kHostOut});
}

std::vector<NestNode> MatrixNest::body_of(int loop) const {
  std::vector<NestNode> nodes;
  const auto action = [&](Action kind, std::size_t which = 0) {
    nodes.push_back(NestNode{-1, action_of(kind, which), {}});
  };
  if (weight_level_ == loop && !plan_.weight.resident) action(kLoadWeight);
  if (input_level_ == loop && !plan_.input.resident) action(kLoadInput);
  if (output_level_ == loop) {
    for (std::size_t i = 0; i < plan_.operands.size(); ++i) {
      const bool whole = plan_.region->operands[i].access == VectorOperand::Access::kWhole;
      if (whole || plan_.operands[i].resident) continue;
      action(kLoadOperand, i);
    }
  }
  const int next = next_loop(loop);
  if (next < kK1) {
    nodes.push_back(NestNode{next, -1, body_of(next)});
  } else {
    // The innermost body: the passes of one accumulator block, then the vector unit on it.
    if (next == kK1) {
      nodes.push_back(NestNode{kK1, -1, body_of(kK1)});
    } else if (!space_.on_lanes) {
      action(kMatrix);
    }
    if (loop != kK1) action(kVector);
  }
  if (output_level_ == loop && !plan_.output.resident) action(kStore);
  return nodes;
}

MatrixNest::Tile MatrixNest::tile_at(const NestIndex& index) const {
  Tile t;
  const auto of = [&](TileDim dim) {
    return space_.tiles(dim).at(index[static_cast<std::size_t>(at(dim))]);
  };
  t.g = of(TileDim::kG);
  t.n = of(TileDim::kN);
  t.p = of(TileDim::kP);
  t.q = of(TileDim::kQ);
  t.o = of(TileDim::kO);
  t.c = of(TileDim::kC);
  t.r = of(TileDim::kR);
  t.s = of(TileDim::kS);
  t.pixels = t.n.count * t.p.count * t.q.count;
  t.reduction = t.c.count * t.r.count * t.s.count;
  t.passes_g = div_up(t.g.count, space_.pass.g);
  t.passes_m = div_up(t.pixels, space_.pass.m);
  t.passes_n = div_up(t.o.count, space_.pass.n);
  t.passes_k = space_.reduction_passes(t.c.count, t.r.count * t.s.count);
  return t;
}

std::int64_t MatrixNest::split_passes(const Tile& t) const {
  switch (space_.split) {
    case ArraySplit::kChannels: return t.passes_n;
    case ArraySplit::kGroups: return t.passes_g;
    case ArraySplit::kPixels: return t.passes_m;
  }
  return t.passes_n;
}

std::int64_t MatrixNest::count_of(int loop, const Tile& t) const {
  const auto dealt = [&](ArraySplit split, std::int64_t passes) {
    return space_.split == split ? div_up(passes, space_.arrays) : passes;
  };
  switch (loop) {
    case kG1: return dealt(ArraySplit::kGroups, t.passes_g);
    case kM1: return dealt(ArraySplit::kPixels, t.passes_m);
    case kN1: return dealt(ArraySplit::kChannels, t.passes_n);
    case kArray: return space_.arrays;
    case kK1: return t.passes_k;
    default: return count_[static_cast<std::size_t>(loop)];
  }
}

std::int64_t MatrixNest::passes_of_array(int loop, const Tile& t, std::uint32_t array) const {
  const bool split = (loop == kG1 && space_.split == ArraySplit::kGroups) ||
                     (loop == kM1 && space_.split == ArraySplit::kPixels) ||
                     (loop == kN1 && space_.split == ArraySplit::kChannels);
  if (!split) return loop == kArray ? 1 : count_of(loop, t);
  const std::int64_t passes = split_passes(t);
  return passes > array ? div_up(passes - array, space_.arrays) : 0;
}

NestRuns MatrixNest::runs(int loop, const NestIndex& index) const {
  if (loop <= kLastTile) return tile_runs_[static_cast<std::size_t>(loop)];
  NestRuns runs;
  if (loop == kArray) {
    for (std::uint32_t a = 0; a < space_.arrays; ++a) runs.push_back(1);
    return runs;
  }
  const Tile t = tile_at(index);
  const std::int64_t count = count_of(loop, t);
  if (loop == kK1 && space_.taps_apart && t.c.count % space_.pass.k != 0) {
    const std::int64_t taps = t.r.count * t.s.count;
    return tap_runs(taps, t.passes_k / taps);
  }
  const int split = space_.split == ArraySplit::kGroups   ? kG1
                    : space_.split == ArraySplit::kPixels ? kM1
                                                          : kN1;
  if (space_.arrays == 1 || loop != split || count < 3) return three_runs(count);
  // Some arrays have their last pass one round before the others: that round is a class of its own.
  runs.push_back(1);
  if (count > 3) runs.push_back(static_cast<std::uint64_t>(count - 3));
  runs.push_back(1);
  runs.push_back(1);
  return runs;
}

MatrixNest::Pass MatrixNest::pass_at(const NestIndex& index, const Tile& t) const {
  Pass pass;
  std::int64_t g1 = static_cast<std::int64_t>(index[kG1]);
  std::int64_t m1 = static_cast<std::int64_t>(index[kM1]);
  std::int64_t n1 = static_cast<std::int64_t>(index[kN1]);
  const std::int64_t k1 = static_cast<std::int64_t>(index[kK1]);
  pass.array = static_cast<std::uint32_t>(index[kArray]);
  if (space_.arrays > 1) {
    std::int64_t& dealt = space_.split == ArraySplit::kChannels ? n1
                          : space_.split == ArraySplit::kGroups ? g1
                                                                : m1;
    dealt = dealt * space_.arrays + pass.array;
  }
  pass.valid = g1 < t.passes_g && m1 < t.passes_m && n1 < t.passes_n && k1 < t.passes_k;
  const auto cut = [](std::int64_t i, std::int64_t extent, std::int64_t total) {
    return Range{i * extent, std::min(extent, total - i * extent)};
  };
  pass.g = cut(g1, space_.pass.g, t.g.count);
  pass.m = cut(m1, space_.pass.m, t.pixels);
  pass.n = cut(n1, space_.pass.n, t.o.count);
  if (k1 < t.passes_k) pass.k = space_.reduction_range(k1, t.c.count, t.r.count * t.s.count);
  return pass;
}

bool MatrixNest::first_below(int level, const NestIndex& index) const {
  for (int loop = level + 1; loop < kLoops; ++loop) {
    if (loop != kArray && index[static_cast<std::size_t>(loop)] != 0) return false;
  }
  return true;
}

bool MatrixNest::last_below(int level, const NestIndex& index, const Tile& t,
                            std::uint32_t array) const {
  for (int loop = level + 1; loop < kLoops; ++loop) {
    if (loop == kArray) continue;
    const std::int64_t count = loop <= kLastTile ? count_[static_cast<std::size_t>(loop)]
                                                 : passes_of_array(loop, t, array);
    if (static_cast<std::int64_t>(index[static_cast<std::size_t>(loop)]) + 1 < count) return false;
  }
  return true;
}

bool MatrixNest::last_tile_up_to(int level, const NestIndex& index) const {
  for (int loop = 0; loop <= std::min<int>(level, kLastTile); ++loop) {
    if (static_cast<std::int64_t>(index[static_cast<std::size_t>(loop)]) + 1 <
        count_[static_cast<std::size_t>(loop)]) {
      return false;
    }
  }
  return true;
}

std::uint64_t MatrixNest::tile_ordinal(int level, const NestIndex& index) const {
  std::uint64_t ordinal = 0;
  for (int loop = 0; loop <= std::min<int>(level, kLastTile); ++loop) {
    ordinal = ordinal * static_cast<std::uint64_t>(count_[static_cast<std::size_t>(loop)]) +
              index[static_cast<std::size_t>(loop)];
  }
  return ordinal;
}

std::uint64_t MatrixNest::output_ordinal(const NestIndex& index) const {
  std::uint64_t ordinal = 0;
  for (const int loop : output_loops_) {
    ordinal = ordinal * static_cast<std::uint64_t>(count_[static_cast<std::size_t>(loop)]) +
              index[static_cast<std::size_t>(loop)];
  }
  return ordinal;
}

bool MatrixNest::sums_end(const NestIndex& index, int level) const {
  for (const TileDim dim : {TileDim::kC, TileDim::kR, TileDim::kS}) {
    const auto loop = static_cast<std::size_t>(at(dim));
    if (at(dim) <= level && static_cast<std::int64_t>(index[loop]) + 1 != count_[loop])
      return false;
  }
  return true;
}

bool MatrixNest::sums_begin(const NestIndex& index) const {
  return index[static_cast<std::size_t>(at(TileDim::kC))] == 0 &&
         index[static_cast<std::size_t>(at(TileDim::kR))] == 0 &&
         index[static_cast<std::size_t>(at(TileDim::kS))] == 0;
}

std::uint64_t MatrixNest::pass_ordinal(int level, const NestIndex& index, const Tile& t,
                                       std::uint32_t array) const {
  std::uint64_t here = 0;
  for (int loop = kG1; loop <= level; ++loop) {
    here = here * static_cast<std::uint64_t>(passes_of_array(loop, t, array)) +
           (loop == kArray ? 0 : index[static_cast<std::size_t>(loop)]);
  }
  return weight_prefix_[array][tile_ordinal(kLastTile, index)] + here;
}

std::vector<std::uint64_t> MatrixNest::prefix(const std::vector<int>& over,
                                              std::initializer_list<int> loops,
                                              std::uint32_t array) const {
  std::uint64_t tiles = 1;
  for (const int loop : over) tiles *= static_cast<std::uint64_t>(count_[loop]);
  std::vector<std::uint64_t> before{0};
  before.reserve(tiles + 1);
  NestIndex index(kLoops, 0);
  for (std::uint64_t i = 0; i < tiles; ++i) {
    std::uint64_t rest = i;
    for (auto at = over.rbegin(); at != over.rend(); ++at) {
      const int loop = *at;
      const auto count = static_cast<std::uint64_t>(count_[loop]);
      index[static_cast<std::size_t>(loop)] = rest % count;
      rest /= count;
    }
    const Tile tile = tile_at(index);
    std::uint64_t here = 1;
    for (const int loop : loops)
      here *= static_cast<std::uint64_t>(passes_of_array(loop, tile, array));
    before.push_back(before.back() + here);
  }
  return before;
}

void MatrixNest::make_prefixes() {
  for (std::uint32_t a = 0; a < space_.arrays; ++a) {
    block_prefix_.push_back(prefix(output_loops_, {kG1, kM1, kN1}, a));
  }
  std::vector<int> all;
  for (int loop = 0; loop <= kLastTile; ++loop) all.push_back(loop);
  if (weight_level_ < kG1) return;
  for (std::uint32_t a = 0; a < (weights_by_array_ ? space_.arrays : 1); ++a) {
    if (weight_level_ == kG1) weight_prefix_.push_back(prefix(all, {kG1}, a));
    if (weight_level_ == kM1) weight_prefix_.push_back(prefix(all, {kG1, kM1}, a));
    if (weight_level_ == kN1 || weight_level_ == kArray) {
      weight_prefix_.push_back(prefix(all, {kG1, kM1, kN1}, a));
    }
    if (weight_level_ == kK1) weight_prefix_.push_back(prefix(all, {kG1, kM1, kN1, kK1}, a));
  }
}

std::uint64_t MatrixNest::weight_loads(std::size_t array) const {
  if (weight_level_ >= kG1) return weight_prefix_[weights_by_array_ ? array : 0].back();
  std::uint64_t tiles = 1;
  for (int loop = 0; loop <= weight_level_; ++loop)
    tiles *= static_cast<std::uint64_t>(count_[loop]);
  return tiles;
}

}  // namespace takt
