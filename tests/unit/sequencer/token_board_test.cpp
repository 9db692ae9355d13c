// SPDX-License-Identifier: Apache-2.0
#include "models/common/sequencer/token_board_core.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

constexpr ChannelId kChannel{0};

TokenBoard board_with(std::uint32_t initial) {
  Channel channel;
  channel.name = "c";
  channel.initial = initial;
  channel.cause = StallCause::kOutputs;
  return TokenBoard({channel});
}

TEST(TokenBoard, InitialCreditsAreThereAtZero) {
  TokenBoard board = board_with(2);
  EXPECT_EQ(board.reserve_needed(kChannel, 2), 0u);
  EXPECT_EQ(board.when(kChannel, 0, 2), Cycles(0));
  EXPECT_EQ(board.there(kChannel), 2u);
  EXPECT_EQ(board.cause(kChannel), StallCause::kOutputs);
}

TEST(TokenBoard, ACreditIsUnknownUntilItsProducerIsBooked) {
  TokenBoard board = board_with(0);
  EXPECT_EQ(board.when(kChannel, 0, 1), std::nullopt);  // not even dispatched
  EXPECT_EQ(board.reserve_given(kChannel, 1), 0u);
  EXPECT_EQ(board.when(kChannel, 0, 1), std::nullopt);
  board.publish(kChannel, 0, 1, Cycles(40));
  EXPECT_EQ(board.when(kChannel, 0, 1), Cycles(40));
}

// The second producer is booked first, with an earlier moment: the first need still gets the first.
TEST(TokenBoard, CreditsKeepTheirOrderHoweverTheyAreMadeKnown) {
  TokenBoard board = board_with(0);
  const std::uint64_t first = board.reserve_given(kChannel, 1);
  const std::uint64_t second = board.reserve_given(kChannel, 1);
  board.publish(kChannel, second, 1, Cycles(10));
  EXPECT_EQ(board.when(kChannel, 0, 1), std::nullopt);
  EXPECT_EQ(board.when(kChannel, 1, 1), Cycles(10));
  EXPECT_EQ(board.there(kChannel), 0u);  // none up to the first unknown
  board.publish(kChannel, first, 1, Cycles(30));
  EXPECT_EQ(board.when(kChannel, 0, 1), Cycles(30));
  EXPECT_EQ(board.when(kChannel, 0, 2), Cycles(30));
  EXPECT_EQ(board.there(kChannel), 2u);
}

TEST(TokenBoard, CreditsComeAChannelsLatencyAfterTheyWereGiven) {
  Channel channel;
  channel.initial = 1;
  channel.latency = Cycles(25);
  TokenBoard board({channel}, Cycles(3));
  board.reserve_given(kChannel, 1);
  board.wait(kChannel, UnitId{7}, 1, 1);
  const auto wake = board.publish(kChannel, 1, 1, Cycles(40));
  ASSERT_TRUE(wake.has_value());
  EXPECT_EQ(wake->when, Cycles(65));
  EXPECT_EQ(board.when(kChannel, 1, 1), Cycles(65));
  EXPECT_EQ(board.when(kChannel, 0, 1), Cycles(3));  // nobody gave those of the start
}

TEST(TokenBoard, WakesTheWaiterWithTheLastOfItsCredits) {
  TokenBoard board = board_with(1);
  board.reserve_given(kChannel, 2);
  board.wait(kChannel, UnitId{7}, 0, 3);
  EXPECT_FALSE(board.publish(kChannel, 0 + 1, 1, Cycles(50)).has_value());
  const auto wake = board.publish(kChannel, 2, 1, Cycles(20));
  ASSERT_TRUE(wake.has_value());
  EXPECT_EQ(wake->unit, UnitId{7});
  EXPECT_EQ(wake->when, Cycles(50));
  board.reserve_given(kChannel, 1);
  EXPECT_FALSE(board.publish(kChannel, 3, 1, Cycles(60)).has_value());  // woken once
}

TEST(TokenBoard, OfTwoWishesTheEarlierStays) {
  TokenBoard board = board_with(0);
  board.reserve_given(kChannel, 2);
  board.wait(kChannel, UnitId{7}, 1, 1);
  board.wait(kChannel, UnitId{7}, 0, 1);
  board.wait(kChannel, UnitId{7}, 1, 1);
  EXPECT_TRUE(board.publish(kChannel, 0, 1, Cycles(5)).has_value());
  EXPECT_THROW(
      {
        board.wait(kChannel, UnitId{7}, 1, 1);
        board.wait(kChannel, UnitId{8}, 1, 1);
      },
      InternalError);
}

TEST(TokenBoard, GrowsAndWrapsWithoutMixingCreditsUp) {
  TokenBoard board = board_with(3);
  std::uint64_t given = 3, used = 0;
  for (std::uint64_t round = 0; round < 200; ++round) {
    const std::uint64_t ahead = 1 + round % 17;  // up to 17 credits in the air
    for (std::uint64_t i = 0; i < ahead; ++i) {
      ASSERT_EQ(board.reserve_given(kChannel, 1), given);
      board.publish(kChannel, given, 1, Cycles(1000 + given));
      ++given;
    }
    for (std::uint64_t i = 0; i < ahead; ++i) {
      const Cycles expected = used < 3 ? Cycles(0) : Cycles(1000 + used);
      ASSERT_EQ(board.when(kChannel, used, 1), expected);
      board.consume(kChannel, 1);
      ++used;
    }
  }
  EXPECT_EQ(board.there(kChannel), 3u);
  EXPECT_THROW(board.consume(kChannel, 4), InternalError);
}

}  // namespace
}  // namespace takt
