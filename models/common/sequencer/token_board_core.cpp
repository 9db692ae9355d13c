// SPDX-License-Identifier: Apache-2.0
#include "models/common/sequencer/token_board_core.h"

#include <algorithm>

namespace takt {

TokenBoard::TokenBoard(const std::vector<Channel>& channels, Cycles launch)
    : lines_(channels.size()) {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    Line& line = lines_[i];
    make_room(line, channels[i].initial);
    line.cause = channels[i].cause;
    line.latency = channels[i].latency;
    line.given = channels[i].initial;
    for (std::uint64_t credit = 0; credit < line.given; ++credit)
      line.ring[credit] = launch.value();
  }
}

void TokenBoard::make_room(Line& line, std::uint64_t given) {
  std::uint64_t size = line.mask + 1;
  if (!line.ring.empty() && given - line.used <= size) return;
  while (size < given - line.used || size < 4) size *= 2;
  std::vector<std::uint64_t> ring(size, kUnknown);
  for (std::uint64_t i = line.used; i < line.given; ++i) ring[i & (size - 1)] = line.at(i);
  line.ring = std::move(ring);
  line.mask = size - 1;
}

std::uint64_t TokenBoard::reserve_given(ChannelId channel, std::uint32_t count) {
  Line& line = lines_[channel.index];
  const std::uint64_t first = line.given;
  make_room(line, first + count);
  for (std::uint64_t i = first; i < first + count; ++i) line.ring[i & line.mask] = kUnknown;
  line.given = first + count;
  return first;
}

std::uint64_t TokenBoard::reserve_needed(ChannelId channel, std::uint32_t count) {
  Line& line = lines_[channel.index];
  const std::uint64_t first = line.needed;
  line.needed += count;
  return first;
}

std::optional<Cycles> TokenBoard::latest(const Line& line, std::uint64_t first,
                                         std::uint32_t count) {
  if (first + count > line.given) return std::nullopt;
  std::uint64_t last = 0;
  for (std::uint64_t i = first; i < first + count; ++i) last = std::max(last, line.at(i));
  if (last == kUnknown) return std::nullopt;
  return Cycles(last);
}

std::optional<TokenBoard::Wake> TokenBoard::publish(ChannelId channel, std::uint64_t first,
                                                    std::uint32_t count, Cycles when) {
  Line& line = lines_[channel.index];
  CHECK(first + count <= line.given) << "credits of no op";
  const std::uint64_t from = (when + line.latency).value();
  for (std::uint64_t i = first; i < first + count; ++i) line.ring[i & line.mask] = from;
  if (!line.waiter.valid()) return std::nullopt;
  const std::optional<Cycles> all = latest(line, line.wait_first, line.wait_count);
  if (!all) return std::nullopt;
  const Wake wake{line.waiter, *all};
  line.waiter = UnitId{};
  return wake;
}

std::optional<Cycles> TokenBoard::when(ChannelId channel, std::uint64_t first,
                                       std::uint32_t count) const {
  return latest(lines_[channel.index], first, count);
}

void TokenBoard::wait(ChannelId channel, UnitId unit, std::uint64_t first, std::uint32_t count) {
  Line& line = lines_[channel.index];
  CHECK(!line.waiter.valid() || line.waiter == unit)
      << "two units wait on channel " << channel.index;
  if (line.waiter.valid() && line.wait_first <= first) return;
  line.waiter = unit;
  line.wait_first = first;
  line.wait_count = count;
}

void TokenBoard::consume(ChannelId channel, std::uint32_t count) {
  Line& line = lines_[channel.index];
  line.used += count;
  CHECK(line.used <= line.given) << "more credits used than given";
}

std::uint64_t TokenBoard::there(ChannelId channel) const {
  std::uint64_t count = 0;
  for_each_there(channel, [&](Cycles) { ++count; });
  return count;
}

}  // namespace takt
