// SPDX-License-Identifier: Apache-2.0
// Tokens that an op has no room for: each is waited for or given once, by syncs on the same unit.
#include "models/tpu/nest_parts.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace takt {
namespace {

RegionTokens tokens(std::uint32_t from, std::uint32_t count) {
  RegionTokens t;
  for (std::uint32_t i = 0; i < count; ++i) t.needs.push_back({ChannelId{from + i}, 1});
  return t;
}

RegionTokens& of(RegionPlan& plan, Role role) {
  return plan.tokens[static_cast<std::size_t>(role)];
}

/// Channels that the syncs [from, to) wait for.
std::vector<std::uint32_t> waited(const EarlySyncs& syncs, std::size_t from, std::size_t to,
                                  UnitId unit) {
  std::vector<std::uint32_t> channels;
  for (std::size_t i = from; i < to; ++i) {
    TileOp op;
    EXPECT_TRUE(emit_sync(syncs, i, op));
    EXPECT_EQ(op.kind, TileOpKind::kSync);
    EXPECT_EQ(op.unit, unit);
    EXPECT_EQ(op.gives.size(), 0u);
    for (const Token& token : op.needs) channels.push_back(token.channel.index);
  }
  return channels;
}

void expect_all_once(std::vector<std::uint32_t> channels, const RegionTokens& kept,
                     std::uint32_t from, std::uint32_t count) {
  for (const Token& token : kept.needs) channels.push_back(token.channel.index);
  std::sort(channels.begin(), channels.end());
  ASSERT_EQ(channels.size(), count);
  for (std::uint32_t i = 0; i < count; ++i) EXPECT_EQ(channels[i], from + i);
}

TEST(EarlySyncs, FewNeedsStayWithTheirOps) {
  RegionPlan plan;
  of(plan, Role::kHostOut) = tokens(0, 3);
  const EarlySyncs syncs = spill_needs(plan);
  EXPECT_TRUE(syncs.all.empty());
  EXPECT_EQ(of(plan, Role::kHostOut).needs.size(), 3u);
}

TEST(EarlySyncs, HostAndOwnWorkWaitForAllTheirNeedsInOrder) {
  RegionPlan plan;
  plan.host_in = UnitId{1}, plan.host_out = UnitId{2}, plan.dma_in = UnitId{3};
  plan.weight_in = UnitId{3}, plan.dma_out = UnitId{4}, plan.vector = UnitId{5};
  of(plan, Role::kHostIn) = tokens(0, 40);
  of(plan, Role::kLoadInput) = tokens(100, 20);
  of(plan, Role::kHostOut) = tokens(200, 17);
  const EarlySyncs syncs = spill_needs(plan);
  ASSERT_LT(syncs.moves_in, syncs.own);
  ASSERT_LT(syncs.own, syncs.all.size());
  expect_all_once(waited(syncs, 0, syncs.moves_in, UnitId{1}), of(plan, Role::kHostIn), 0, 40);
  expect_all_once(waited(syncs, syncs.moves_in, syncs.own, UnitId{3}), of(plan, Role::kLoadInput),
                  100, 20);
  expect_all_once(waited(syncs, syncs.own, syncs.all.size(), UnitId{2}), of(plan, Role::kHostOut),
                  200, 17);
  // The op itself waits for what it reads: the first needs.
  EXPECT_EQ(of(plan, Role::kLoadInput).needs.at(0).channel, ChannelId{100});
}

TEST(LateSyncs, GiveAllAndNothingElse) {
  RegionPlan plan;
  LateTokens store{Role::kStore, UnitId{4}, {ChannelId{7}, 1}, {}};
  for (std::uint32_t i = 0; i < 21; ++i) store.gives.push_back({ChannelId{10 + i}, 1});
  plan.late = {store, {Role::kHostIn, UnitId{1}, {ChannelId{8}, 1}, store.gives}};
  constexpr int kKind = 3;
  const std::vector<NestNode> nodes = late_syncs(plan, {Role::kStore}, kKind);
  std::vector<std::uint32_t> given;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    EXPECT_EQ(kind_of(nodes[i].action), kKind);
    TileOp op;
    EXPECT_TRUE(emit_late(plan, which_of(nodes[i].action), op));
    EXPECT_EQ(op.unit, UnitId{4});
    EXPECT_EQ(op.needs.size(), i == 0 ? 1u : 0u);
    for (const Token& token : op.gives) given.push_back(token.channel.index);
  }
  ASSERT_EQ(given.size(), 21u);
  for (std::uint32_t i = 0; i < 21; ++i) EXPECT_EQ(given[i], 10 + i);
}

TEST(Actions, KindsDoNotMeetHoweverManyThereAre) {
  for (const std::size_t which : {std::size_t{0}, std::size_t{999}, std::size_t{4096}}) {
    EXPECT_EQ(kind_of(action_of(5, which)), 5);
    EXPECT_EQ(which_of(action_of(5, which)), which);
  }
}

}  // namespace
}  // namespace takt
