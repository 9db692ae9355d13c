// SPDX-License-Identifier: Apache-2.0
// What an index of a matrix nest stands for: a tile and a pass in it, whether they are the first or
// last of something, and how many came before.
#include "models/tpu/matrix_nest.h"

#include <algorithm>

namespace takt {

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
  t.steps = div_up(t.c.count, space_.step_channels);
  t.c_before = static_cast<std::int64_t>(index[kC1]) * space_.step_channels;
  t.c = {t.c.begin + t.c_before, std::min(space_.step_channels, t.c.count - t.c_before)};
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

MatrixNest::Tile MatrixNest::weight_tile_at(const NestIndex& index) const {
  Tile t = tile_at(index);
  if (weight_level_ != kW1) return t;
  const Range k = space_.reduction_range(static_cast<std::int64_t>(index[kW1]), t.c.count, 1);
  t.c = {t.c.begin + k.begin, k.count};
  t.c_before += k.begin;
  t.reduction = k.count;
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
    case kC1: return t.steps;
    case kW1: return space_.by_steps ? t.passes_k : 1;
    case kG1: return dealt(ArraySplit::kGroups, t.passes_g);
    case kM1: return dealt(ArraySplit::kPixels, t.passes_m);
    case kN1: return dealt(ArraySplit::kChannels, t.passes_n);
    case kArray: return space_.arrays;
    case kK1: return space_.by_steps ? 1 : t.passes_k;
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

MatrixNest::Pass MatrixNest::pass_at(const NestIndex& index, const Tile& t) const {
  Pass pass;
  std::int64_t g1 = static_cast<std::int64_t>(index[kG1]);
  std::int64_t m1 = static_cast<std::int64_t>(index[kM1]);
  std::int64_t n1 = static_cast<std::int64_t>(index[kN1]);
  const auto k1 = static_cast<std::int64_t>(index[kW1] + index[kK1]);
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

bool MatrixNest::array_used(std::uint32_t array) const {
  return split_passes(tile_at(NestIndex(kLoops, 0))) > array;
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

bool MatrixNest::tile_is_last_below(int level, const NestIndex& index) const {
  for (int loop = level + 1; loop <= kLastTile; ++loop) {
    if (static_cast<std::int64_t>(index[static_cast<std::size_t>(loop)]) + 1 <
        count_[static_cast<std::size_t>(loop)]) {
      return false;
    }
  }
  return true;
}

bool MatrixNest::last_block(const NestIndex& index, const Tile& t) const {
  // In program order the last valid block: arrays are dealt in turn.
  for (int loop : {kG1, kM1, kN1}) {
    if (static_cast<std::int64_t>(index[static_cast<std::size_t>(loop)]) + 1 < count_of(loop, t))
      return false;
  }
  if (space_.arrays == 1) return true;
  const std::int64_t left = split_passes(t) % space_.arrays;
  return static_cast<std::int64_t>(index[kArray]) + 1 == (left == 0 ? space_.arrays : left);
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

bool MatrixNest::sums_begin(const NestIndex& index) const {
  return index[static_cast<std::size_t>(at(TileDim::kC))] == 0 &&
         index[static_cast<std::size_t>(at(TileDim::kR))] == 0 &&
         index[static_cast<std::size_t>(at(TileDim::kS))] == 0;
}

bool MatrixNest::sums_end(const NestIndex& index, int level) const {
  for (const TileDim dim : {TileDim::kC, TileDim::kR, TileDim::kS}) {
    const auto loop = static_cast<std::size_t>(at(dim));
    if (at(dim) <= level && static_cast<std::int64_t>(index[loop]) + 1 != count_[loop])
      return false;
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
