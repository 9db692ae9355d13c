// SPDX-License-Identifier: Apache-2.0
#include "models/tpu/nest_parts.h"

#include <algorithm>

namespace takt {

NestRuns three_runs(std::int64_t count) {
  NestRuns runs;
  if (count >= 1) runs.push_back(1);
  if (count >= 3) runs.push_back(static_cast<std::uint64_t>(count - 2));
  if (count >= 2) runs.push_back(1);
  return runs;
}

NestRuns tap_runs(std::int64_t taps, std::int64_t passes) {
  const std::int64_t count = taps * passes;
  if (passes == 1) return three_runs(count);
  NestRuns runs;
  std::uint64_t length = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool short_one = i % passes == passes - 1, after_short = i % passes == 0;
    if (i > 0 && (i == 1 || i == count - 1 || short_one || after_short)) {
      runs.push_back(length);
      length = 0;
    }
    ++length;
  }
  if (length > 0) runs.push_back(length);
  return runs;
}

NestRuns window_runs(const Tiles& tiles, const WindowAxis& axis, const Tiles& kernel) {
  NestRuns runs;
  std::uint64_t length = 0;
  for_each_tile(tiles, axis, kernel, [&](const std::vector<std::int64_t>&, bool begins_run) {
    if (begins_run && length > 0) {
      runs.push_back(length);
      length = 0;
    }
    ++length;
  });
  if (length > 0) runs.push_back(length);
  return runs;
}

namespace {

// Many cores make many syncs, so there is room for many of a kind.
constexpr int kActionsAKind = 1 << 20;
// Tokens that an op can wait for beside those of its own slots.
constexpr std::size_t kRoom = 3;

void spill(UnitId unit, std::size_t room, RegionTokens& tokens, EarlySyncs& syncs) {
  constexpr std::size_t kSyncHolds = 8;
  while (tokens.needs.size() > room) {
    // The last ones go: the first are of what the op reads, which earlier ops need not wait for.
    const std::size_t take = std::min(kSyncHolds, tokens.needs.size() - room);
    const auto from = tokens.needs.end() - static_cast<std::ptrdiff_t>(take);
    syncs.all.push_back({unit, std::vector<Token>(from, tokens.needs.end())});
    tokens.needs.erase(from, tokens.needs.end());
  }
}

}  // namespace

int action_of(int kind, std::size_t which) {
  CHECK(which < kActionsAKind) << "a nest has at most " << kActionsAKind << " actions of a kind";
  return kind * kActionsAKind + static_cast<int>(which);
}

int kind_of(int action) { return action / kActionsAKind; }

std::size_t which_of(int action) { return static_cast<std::size_t>(action % kActionsAKind); }

EarlySyncs spill_needs(RegionPlan& plan) {
  EarlySyncs syncs;
  const auto role = [&](Role r, UnitId unit, std::size_t room = kRoom) {
    spill(unit, room, plan.tokens[static_cast<std::size_t>(r)], syncs);
  };
  // What crosses the host link has no slots.
  role(Role::kHostIn, plan.host_in, TokenList::capacity());
  syncs.moves_in = syncs.all.size();
  role(Role::kLoadWhole, plan.dma_in);
  role(Role::kLoadWeight, plan.weight_in);
  role(Role::kLoadInput, plan.dma_in);
  role(Role::kLoadOperand, plan.dma_in);
  role(Role::kVector, plan.vector);
  role(Role::kStore, plan.dma_out);
  for (std::size_t a = 0; a < plan.array_tokens.size(); ++a) {
    spill(plan.arrays[a], kRoom, plan.array_tokens[a], syncs);
  }
  syncs.own = syncs.all.size();
  role(Role::kHostOut, plan.host_out, TokenList::capacity());
  return syncs;
}

void add_syncs(int kind, std::size_t from, std::size_t to, std::vector<NestNode>& body) {
  for (std::size_t i = from; i < to; ++i) body.push_back(NestNode{-1, action_of(kind, i), {}});
}

constexpr std::size_t kLateHolds = 8;

// An action numbers late syncs over all of plan.late, in order.
std::vector<NestNode> late_syncs(const RegionPlan& plan, std::initializer_list<Role> roles,
                                 int kind) {
  std::vector<NestNode> nodes;
  std::size_t which = 0;
  for (const LateTokens& late : plan.late) {
    for (std::size_t from = 0; from < late.gives.size(); from += kLateHolds, ++which) {
      if (std::find(roles.begin(), roles.end(), late.role) == roles.end()) continue;
      nodes.push_back(NestNode{-1, action_of(kind, which), {}});
    }
  }
  return nodes;
}

bool emit_late(const RegionPlan& plan, std::size_t which, TileOp& op) {
  for (const LateTokens& late : plan.late) {
    const std::size_t syncs = (late.gives.size() + kLateHolds - 1) / kLateHolds;
    if (which >= syncs) {
      which -= syncs;
      continue;
    }
    op.kind = TileOpKind::kSync;
    op.unit = late.unit;
    if (which == 0) op.needs.push_back({late.via.channel, 1, Phase::kDone});
    const std::size_t from = which * kLateHolds;
    for (std::size_t i = from; i < std::min(from + kLateHolds, late.gives.size()); ++i) {
      op.gives.push_back(late.gives[i]);
    }
    return true;
  }
  CHECK(false) << "no such sync";
  return false;
}

bool emit_sync(const EarlySyncs& syncs, std::size_t which, TileOp& op) {
  op.kind = TileOpKind::kSync;
  op.unit = syncs.all[which].unit;
  for (const Token& token : syncs.all[which].needs) op.needs.push_back(token);
  return true;
}

void edge_tokens(const RegionTokens& tokens, bool first, bool last, TileOp& op) {
  if (first) {
    for (const Token& token : tokens.needs) op.needs.push_back(token);
  }
  if (last) {
    for (const Token& token : tokens.gives) op.gives.push_back(token);
  }
}

}  // namespace takt
