// SPDX-License-Identifier: Apache-2.0
#pragma once
// Pieces that the nests share: runs of equal iterations, tokens that need a sync of their own.

#include "sim/backend/region_plan.h"
#include "sim/mapper/tile_space.h"
#include "sim/program/nest.h"

namespace takt {

/// First, middle and last iterations; the last may be ragged.
NestRuns three_runs(std::int64_t count);
/// Of `taps` times `passes` passes, the last of each tap shorter than the others: runs of equal
/// ones, first and last apart.
NestRuns tap_runs(std::int64_t taps, std::int64_t passes);
/// Runs of equal (outputs, inputs) along a window axis, first and last iteration apart.
NestRuns window_runs(const Tiles& tiles, const WindowAxis& axis);

/// Tokens a sync op on a unit waits for, ahead of the region's work there.
using SyncList = std::vector<std::pair<UnitId, std::vector<Token>>>;
/// More tokens than a first op has room for (many cores) move into syncs.
void spill_needs(UnitId unit, RegionTokens& tokens, SyncList& syncs);
/// Syncs that give what the last ops of `roles` had no room for, behind the work of `roles`.
std::vector<NestNode> late_syncs(const RegionPlan& plan, std::initializer_list<Role> roles,
                                 int action);
bool emit_late(const RegionPlan& plan, std::size_t which, TileOp& op);
/// One more token of an op.
inline void add_token(TokenList& tokens, ChannelId channel, Phase phase = Phase::kDone) {
  tokens.push_back({channel, 1, phase});
}
/// The sync op itself.
bool emit_sync(const SyncList& syncs, std::size_t which, TileOp& op);
/// Tokens of other regions on a role's first and last op.
void edge_tokens(const RegionTokens& tokens, bool first, bool last, TileOp& op);

}  // namespace takt
