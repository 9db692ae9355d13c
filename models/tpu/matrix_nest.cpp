// SPDX-License-Identifier: Apache-2.0
// The loops of a matrix nest: their order, where loads stand, which iterations are alike.
#include "models/tpu/matrix_nest.h"

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
  if (count_[kC1] > 1) input_level_ = weight_level_ = kC1;
  if (count_[kW1] > 1) weight_level_ = kW1;
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
  static constexpr const char* kPassNames[kLoops - kC1] = {"c1", "w1",    "g1", "m1",
                                                           "n1", "array", "k1"};
  for (int loop = 0; loop <= kLastTile; ++loop) {
    const TileDim dim = space_.loops[static_cast<std::size_t>(loop)];
    place_[static_cast<std::size_t>(dim)] = loop;
    count_[static_cast<std::size_t>(loop)] = space_.tiles(dim).count();
    if (!is_reduction(dim)) output_loops_.push_back(loop);
  }
  const NestIndex origin(kLoops, 0);
  const Tile full = tile_at(origin);  // the first tile of each dimension is a full one
  for (int loop = kC1; loop < kLoops; ++loop)
    count_[static_cast<std::size_t>(loop)] = count_of(loop, full);
  for (int loop = 0; loop < kLoops; ++loop) {
    const bool tile = loop <= kLastTile;
    const auto dim = tile ? static_cast<std::size_t>(space_.loops[loop]) : 0;
    loops_.push_back(
        {tile ? kNames[dim] : kPassNames[loop - kC1], static_cast<std::uint64_t>(count_[loop])});
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

}  // namespace takt
