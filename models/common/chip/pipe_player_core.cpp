// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/pipe_player_core.h"

#include <algorithm>

namespace takt {

std::optional<Cycles> PipePlayer::advance(Cycles now) {
  for (;;) {
    PackedOp* const head = context_.sequencer.front(unit_);
    if (head == nullptr) return std::nullopt;
    std::optional<Waits> waits = collect(*head);
    if (!waits) return std::nullopt;
    const Cycles start = core_.probe(*waits);
    if (start > now) return start;
    // An op that the full window kept back starts when it is found.
    if (start < now) waits->add(StallCause::kDependency, now);
    book(*head, *waits);
  }
}

void PipePlayer::book(PackedOp& head, const Waits& waits) {
  const PipeCost cost = head.pipe_cost();
  Booking b = core_.issue(cost.busy, cost.latency, waits, head.wait);
  if (context_.banks != nullptr && head.kind == TileOpKind::kVector) {
    hold_up(b, context_.banks->hold_up(head, BankPort::Part::kAll, b.start, cost.busy));
  }
  last_ = std::max(last_, b.done);
  if (context_.values != nullptr) context_.values->performed(*head.whole(), b.issued);
  PackedOp& queued = context_.sequencer.pop(unit_);
  consume(queued, b.start);
  publish_all(queued, b);
  context_.tally.booked(queued, b);
  context_.sequencer.retire(queued);
}

void PipePlayer::hold_up(Booking& b, Cycles cycles) {
  core_.extend(cycles, UnitAccount::kWaitBank);
  b.loaded += cycles;
  b.issued += cycles;
  b.done += cycles;
}

UnitResult PipePlayer::finish(Cycles end) {
  core_.finish(end);
  UnitResult result;
  result.name = name();
  result.ledger = core_.ledger();
  return result;
}

}  // namespace takt
