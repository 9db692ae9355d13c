// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/unit_player_core.h"

#include "sim/engine/waits.h"

namespace takt {

std::optional<Waits> UnitPlayer::collect(const QueuedOp& queued) {
  Waits waits;
  const TokenBoard& board = context_.board;
  for (std::size_t i = 0; i < queued.op.needs.size(); ++i) {
    const Token& need = queued.op.needs[i];
    if (!board.known(need.channel, queued.need_first[i], need.count)) {
      context_.board.wait(need.channel, unit_, queued.need_first[i], need.count);
      return std::nullopt;
    }
    waits.add(context_.program.channels[need.channel.index].cause,
              board.when(need.channel, queued.need_first[i], need.count));
  }
  return waits;
}

void UnitPlayer::consume(const QueuedOp& queued, Cycles now) {
  for (const Token& need : queued.op.needs) {
    if (context_.spans != nullptr) show_credits(need, now);
    context_.board.consume(need.channel, need.count);
  }
}

void UnitPlayer::show_credits(const Token& token, Cycles now) {
  // Credits are shown when they are used: those that had come by then, one by one, then what is
  // left.
  const std::string& channel = context_.program.channels[token.channel.index].name;
  std::uint64_t value = 0;
  context_.board.for_each_there(token.channel, [&](Cycles when) { value += when <= now; });
  context_.spans->counter(channel, now, value > token.count ? value - token.count : 0);
}

void UnitPlayer::publish(const QueuedOp& queued, Phase phase, Cycles when) {
  for (std::size_t i = 0; i < queued.op.gives.size(); ++i) {
    const Token& give = queued.op.gives[i];
    if (give.phase != phase) continue;
    const auto wake = context_.board.publish(give.channel, queued.give_first[i], give.count, when);
    if (wake) context_.waker.wake(wake->unit, wake->when);
  }
}

void UnitPlayer::publish_all(const QueuedOp& queued, const Booking& booking) {
  if (!queued.loaded_published) publish(queued, Phase::kStationaryLoaded, booking.loaded);
  publish(queued, Phase::kIssued, booking.issued);
  publish(queued, Phase::kDone, booking.done);
}

void UnitPlayer::describe_blocked(std::vector<std::string>& into) const {
  const QueuedOp* head = context_.sequencer.peek(unit_);
  if (head == nullptr) return;
  for (std::size_t i = 0; i < head->op.needs.size(); ++i) {
    const Token& need = head->op.needs[i];
    if (context_.board.known(need.channel, head->need_first[i], need.count)) continue;
    into.push_back(
        blocked_text(context_.program, head->op, need, context_.board.there(need.channel)));
    return;
  }
  into.push_back(name() + ": op " + std::to_string(head->op.sequence) + " (" +
                 to_string(head->op.kind) + ", layer '" +
                 context_.program.regions[head->op.region].name + "') has not started");
}

}  // namespace takt
