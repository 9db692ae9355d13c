// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tokens between units: for every channel its credits, each with the moment at which it is (or
// will be) available. A channel has one producing and one consuming unit, both in order, so which
// credit belongs to which op is known when the ops are dispatched, long before they run: the n-th
// credit asked for is the n-th given. Hence a credit may be published ahead of its time and out of
// order, and still nobody gets a different one than op-by-op play would give him.

#include <optional>
#include <vector>

#include "sim/program/program.h"

namespace takt {

class TokenBoard {
 public:
  /// Initial credits are there at `launch`.
  explicit TokenBoard(const std::vector<Channel>& channels, Cycles launch = Cycles(0));

  /// The next `count` credits of the channel, for an op being dispatched: the first one's number.
  std::uint64_t reserve_given(ChannelId channel, std::uint32_t count);
  std::uint64_t reserve_needed(ChannelId channel, std::uint32_t count);

  /// Whom to wake, and from when on he may go.
  struct Wake {
    UnitId unit;
    Cycles when;
  };
  /// Credits [first, first + count) are given at `when`: available a channel's latency later.
  /// Answers the unit that waited for the last of them, if there is one.
  std::optional<Wake> publish(ChannelId channel, std::uint64_t first, std::uint32_t count,
                              Cycles when);
  /// When credits [first, first + count) are all available, if that is known.
  std::optional<Cycles> when(ChannelId channel, std::uint64_t first, std::uint32_t count) const;
  StallCause cause(ChannelId channel) const { return lines_[channel.index].cause; }
  /// `unit` is to be woken when they become known. It waits once a channel, for the earliest.
  void wait(ChannelId channel, UnitId unit, std::uint64_t first, std::uint32_t count);
  /// The oldest `count` credits are used up.
  void consume(ChannelId channel, std::uint32_t count);

  /// Known credits that nobody has used, oldest first up to the first unknown: for messages.
  std::uint64_t there(ChannelId channel) const;
  /// Calls `visit(when)` for each of these: for occupancy counters.
  template <class Visit>
  void for_each_there(ChannelId channel, const Visit& visit) const {
    const Line& line = lines_[channel.index];
    for (std::uint64_t i = line.used; i < line.given && line.at(i) != kUnknown; ++i) {
      visit(Cycles(line.at(i)));
    }
  }

 private:
  static constexpr std::uint64_t kUnknown = UINT64_MAX;
  struct Line {
    std::vector<std::uint64_t> ring;  ///< moment of credit i at i & mask
    std::uint64_t mask = 0;
    std::uint64_t used = 0;    ///< credits [0, used) are gone
    std::uint64_t needed = 0;  ///< credits [0, needed) belong to dispatched ops
    std::uint64_t given = 0;   ///< credits [0, given) have a dispatched op that makes them
    StallCause cause = StallCause::kDependency;
    Cycles latency{};
    UnitId waiter;  ///< waits for [wait_first, + wait_count)
    std::uint64_t wait_first = 0;
    std::uint32_t wait_count = 0;
    std::uint64_t at(std::uint64_t i) const { return ring[i & mask]; }
  };
  static void make_room(Line& line, std::uint64_t given);
  static std::optional<Cycles> latest(const Line& line, std::uint64_t first, std::uint32_t count);

  std::vector<Line> lines_;
};

}  // namespace takt
