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

NestRuns window_runs(const Tiles& tiles, const WindowAxis& axis) {
  NestRuns runs;
  std::int64_t outputs = -1, inputs = -1;
  const std::int64_t count = tiles.count();
  std::uint64_t length = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const Range out = tiles.at(static_cast<std::uint64_t>(i));
    const std::int64_t in = axis.needed(out).count;
    if (i > 0 && (i == 1 || i == count - 1 || out.count != outputs || in != inputs)) {
      runs.push_back(length);
      length = 0;
    }
    outputs = out.count;
    inputs = in;
    ++length;
  }
  if (length > 0) runs.push_back(length);
  return runs;
}

void spill_needs(UnitId unit, RegionTokens& tokens, SyncList& syncs) {
  constexpr std::size_t kRoom = 3, kSyncHolds = 8;
  while (tokens.needs.size() > kRoom) {
    const std::size_t take = std::min(kSyncHolds, tokens.needs.size());
    const auto from = tokens.needs.end() - static_cast<std::ptrdiff_t>(take);
    syncs.emplace_back(unit, std::vector<Token>(from, tokens.needs.end()));
    tokens.needs.erase(from, tokens.needs.end());
  }
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
