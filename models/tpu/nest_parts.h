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
NestRuns window_runs(const Tiles& tiles, const WindowAxis& axis, const Tiles& kernel);

/// An action's number: what kind of op, and which one of that kind.
int action_of(int kind, std::size_t which);
int kind_of(int action);
std::size_t which_of(int action);

/// What a region's first ops have no room to wait for (many cores) is waited for by sync ops ahead
/// of them on their units.
struct EarlySyncs {
  struct Sync {
    UnitId unit;
    std::vector<Token> needs;
  };
  std::vector<Sync> all;
  /// all[0, moves_in) stand ahead of the host's moves in, [moves_in, own) ahead of the region's own
  /// work, and the rest ahead of the host's moves out.
  std::size_t moves_in = 0, own = 0;
};
/// Moves them there out of the plan's tokens.
EarlySyncs spill_needs(RegionPlan& plan);
/// Appends the actions of syncs [from, to).
void add_syncs(int kind, std::size_t from, std::size_t to, std::vector<NestNode>& body);
/// Syncs that give what the last ops of `roles` had no room for, behind the work of `roles`.
std::vector<NestNode> late_syncs(const RegionPlan& plan, std::initializer_list<Role> roles,
                                 int kind);
bool emit_late(const RegionPlan& plan, std::size_t which, TileOp& op);
/// One more token of an op.
inline void add_token(TokenList& tokens, ChannelId channel, Phase phase = Phase::kDone) {
  tokens.push_back({channel, 1, phase});
}
/// The sync op itself.
bool emit_sync(const EarlySyncs& syncs, std::size_t which, TileOp& op);
/// Tokens of other regions on a role's first and last op.
void edge_tokens(const RegionTokens& tokens, bool first, bool last, TileOp& op);

}  // namespace takt
