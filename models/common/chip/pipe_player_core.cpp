// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/pipe_player_core.h"

#include <algorithm>

#include "sim/engine/waits.h"

namespace takt {

PipeCost pipe_cost(const TileOp& op, const TileTiming& timing, const TransferTiming& transfers) {
  switch (op.kind) {
    case TileOpKind::kLoad:
    case TileOpKind::kStore: {
      const TransferCost cost = transfers.cost(op.transfer);
      return {cost.occupancy, cost.latency};
    }
    case TileOpKind::kVector: return {timing.vector_busy(op), timing.vector_latency()};
    case TileOpKind::kSync: return {};
    case TileOpKind::kMatrix: break;
  }
  CHECK(false) << "a matrix op on a unit that is none";
  return {};
}

PipePlayer::PipePlayer(PlayerContext& context, UnitId unit)
    : UnitPlayer(context, unit), transfers_(*context.program.machine) {}

PipeCost PipePlayer::cost_of(const TileOp& op) const {
  return pipe_cost(op, context_.timing, transfers_);
}

std::optional<Cycles> PipePlayer::advance(Cycles now) {
  for (;;) {
    QueuedOp* const head = context_.sequencer.front(unit_);
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

void PipePlayer::book(QueuedOp& head, const Waits& waits) {
  const PipeCost cost = cost_of(head.op);
  Booking b = core_.issue(cost.busy, cost.latency, waits, wait_account(context_.program, head.op));
  if (context_.banks != nullptr && head.op.kind == TileOpKind::kVector) {
    hold_up(b, context_.banks->hold_up(head.op, b.start, cost.busy));
  }
  last_ = std::max(last_, b.done);
  QueuedOp& queued = context_.sequencer.pop(unit_);
  consume(queued, b.start);
  publish_all(queued, b);
  context_.tally.booked(queued.op, b);
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
