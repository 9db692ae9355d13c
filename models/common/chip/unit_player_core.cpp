// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/unit_player_core.h"

#include "sim/engine/waits.h"

namespace takt {

std::optional<Waits> UnitPlayer::collect(PackedOp& queued) {
  Waits waits;
  waits.add(StallCause::kDependency, launched(context_.program, unit_));
  for (const PackedToken& need : queued.needs()) {
    const std::optional<Cycles> when = context_.board.when(need.channel, need.first, need.count);
    if (!when) {
      context_.board.wait(need.channel, unit_, need.first, need.count);
      return std::nullopt;
    }
    waits.add(context_.board.cause(need.channel), *when);
  }
  return waits;
}

void UnitPlayer::consume(PackedOp& queued, Cycles now) {
  for (const PackedToken& need : queued.needs()) {
    if (context_.spans != nullptr) show_credits(need, now);
    context_.board.consume(need.channel, need.count);
  }
}

void UnitPlayer::show_credits(const PackedToken& token, Cycles now) {
  // Those that had come by the time some are used, less these.
  const std::string& channel = context_.program.channels[token.channel.index].name;
  std::uint64_t value = 0;
  context_.board.for_each_there(token.channel, [&](Cycles when) { value += when <= now; });
  context_.spans->counter(channel, now, value > token.count ? value - token.count : 0);
}

void UnitPlayer::publish(PackedOp& queued, Phase phase, Cycles when) {
  for (const PackedToken& give : queued.gives()) {
    if (give.phase != phase) continue;
    const auto wake = context_.board.publish(give.channel, give.first, give.count, when);
    if (wake) context_.waker.wake(wake->unit, wake->when);
  }
}

void UnitPlayer::publish_all(PackedOp& queued, const Booking& booking) {
  for (const PackedToken& give : queued.gives()) {
    if (give.phase == Phase::kStationaryLoaded && queued.loaded_published) continue;
    const auto wake =
        context_.board.publish(give.channel, give.first, give.count, booking.at(give.phase));
    if (wake) context_.waker.wake(wake->unit, wake->when);
  }
}

std::string UnitPlayer::describe(const PackedOp& op) const {
  return name() + ": op " + std::to_string(op.sequence) + " (" + to_string(op.kind) + ", layer '" +
         context_.program.regions[op.region].name + "')";
}

void UnitPlayer::describe_blocked(std::vector<std::string>& into) const {
  PackedOp* head = context_.sequencer.peek(unit_);
  if (head == nullptr) return;
  TileOp op;  // as much of it as the message says
  op.sequence = head->sequence;
  op.kind = head->kind;
  op.unit = head->unit;
  op.region = head->region;
  for (const PackedToken& need : head->needs()) {
    if (context_.board.when(need.channel, need.first, need.count)) continue;
    const Token token{need.channel, need.count, need.phase};
    into.push_back(blocked_text(context_.program, op, token, context_.board.there(need.channel)));
    return;
  }
  into.push_back(describe(*head) + " has not started");
}

}  // namespace takt
