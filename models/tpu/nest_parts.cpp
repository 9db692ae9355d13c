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

NestRuns window_runs(const Tiles& tiles, const WindowAxis& axis) {
  NestRuns runs;
  std::uint64_t length = 0;
  for_each_tile(tiles, axis, [&](std::int64_t, bool begins_run) {
    if (begins_run && length > 0) {
      runs.push_back(length);
      length = 0;
    }
    ++length;
  });
  if (length > 0) runs.push_back(length);
  return runs;
}

void spill_needs(UnitId unit, RegionTokens& tokens, SyncList& syncs) {
  constexpr std::size_t kRoom = 3, kSyncHolds = 8;
  while (tokens.needs.size() > kRoom) {
    // The last ones go: the first are of what the op reads, which earlier ops need not wait for.
    const std::size_t take = std::min(kSyncHolds, tokens.needs.size() - kRoom);
    const auto from = tokens.needs.end() - static_cast<std::ptrdiff_t>(take);
    syncs.emplace_back(unit, std::vector<Token>(from, tokens.needs.end()));
    tokens.needs.erase(from, tokens.needs.end());
  }
}

constexpr std::size_t kLateHolds = 8;

// An action numbers late syncs over all of plan.late, in order.
std::vector<NestNode> late_syncs(const RegionPlan& plan, std::initializer_list<Role> roles,
                                 int action) {
  std::vector<NestNode> nodes;
  int which = 0;
  for (const LateTokens& late : plan.late) {
    for (std::size_t from = 0; from < late.gives.size(); from += kLateHolds, ++which) {
      if (std::find(roles.begin(), roles.end(), late.role) == roles.end()) continue;
      nodes.push_back(NestNode{-1, action * 1000 + which, {}});
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

bool emit_sync(const SyncList& syncs, std::size_t which, TileOp& op) {
  op.kind = TileOpKind::kSync;
  op.unit = syncs[which].first;
  for (const Token& token : syncs[which].second) op.needs.push_back(token);
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
