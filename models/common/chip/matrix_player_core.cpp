// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/matrix_player_core.h"

#include <algorithm>

namespace takt {

MatrixPlayer::MatrixPlayer(PlayerContext& context, UnitId unit) : UnitPlayer(context, unit) {
  context.tally.add_ledger(core_.ledger());
}

// The load of a tile's stationary operand begins as soon as the operand and the shadow registers
// are there, perhaps long before the tile's other operands and before tiles in front of it that use
// the operand loaded last. When it ends its buffer slot is free again, which somebody may be
// waiting for, so this moment is published here and not when the tile is booked. It is final: it
// depends on nothing but the moments asked for below.
void MatrixPlayer::load_ahead() {
  PackedOp* const head = context_.sequencer.front(unit_);
  if (ahead_ == nullptr) ahead_ = head;
  while (ahead_ != nullptr && ahead_->kind == TileOpKind::kMatrix) {
    const MatrixCost& cost = ahead_->matrix_cost();
    if (ahead_->loaded_published || (ahead_ != head && !cost.overlap_load)) return;
    if (cost.load.value() > 0) {
      Waits weights;
      for (const PackedToken& need : ahead_->needs()) {
        if (context_.board.cause(need.channel) != cost.stationary) continue;
        const std::optional<Cycles> when =
            context_.board.when(need.channel, need.first, need.count);
        if (!when) {
          context_.board.wait(need.channel, unit_, need.first, need.count);
          return;
        }
        weights.add(cost.stationary, *when);
      }
      ahead_->loaded = core_.probe(cost, weights).loaded;
      if (context_.banks != nullptr) hold_up_load(weights);
      ahead_->loaded_published = true;
      if (context_.values != nullptr) {
        queue_values(*ahead_);
        context_.values->operand_ready(*ahead_->whole(), ready(weights));
      }
      publish(*ahead_, Phase::kStationaryLoaded, ahead_->loaded);
      return;  // the next load waits until this tile has taken its operand
    }
    if (!cost.overlap_load) return;
    PackedOp* const next = context_.sequencer.after(*ahead_);
    if (next == nullptr) return;
    ahead_ = next;
  }
}

void MatrixPlayer::queue_values(PackedOp& op) {
  while (queued_ == nullptr || queued_->sequence < op.sequence) {
    queued_ = queued_ == nullptr ? context_.sequencer.front(unit_) : queued_->next;
    context_.values->queued(*queued_->whole());
  }
}

Cycles MatrixPlayer::ready(const Waits& waits) const {
  return std::max(waits.latest(), core_.sync_floor());
}

void MatrixPlayer::hold_up_load(Waits& weights) {
  const MatrixCost& cost = ahead_->matrix_cost();
  const Cycles from = ahead_->loaded - cost.load;
  const Cycles held_up =
      context_.banks->hold_up(*ahead_, BankPort::Part::kStationary, from, cost.load);
  if (held_up.value() == 0) return;
  ahead_->load_from = from + held_up;
  weights.add(cost.stationary, ahead_->load_from);
  ahead_->loaded = core_.probe(cost, weights).loaded;
}

std::optional<Cycles> MatrixPlayer::advance(Cycles now) {
  for (;;) {
    load_ahead();
    PackedOp* const head = context_.sequencer.front(unit_);
    if (head == nullptr) return std::nullopt;
    std::optional<Waits> waits = collect(*head);
    if (!waits) return std::nullopt;
    if (head->kind == TileOpKind::kSync) {
      book(now, *waits, core_.sync(*waits));
      continue;
    }
    const MatrixCost& cost = head->matrix_cost();
    if (head->load_from.value() > 0) waits->add(cost.stationary, head->load_from);
    const Booking planned = core_.probe(cost, *waits);
    if (planned.start > now) return planned.start;
    // An op that the full window kept back starts when it is found.
    if (planned.start < now) waits->add(StallCause::kDependency, now);
    if (context_.banks != nullptr) {
      const Cycles start = core_.probe(cost, *waits).start;
      const Cycles held_up =
          context_.banks->hold_up(*head, BankPort::Part::kStreaming, start, cost.issue);
      // What streams is late; the stationary operand has its own moment (load_from).
      const StallCause streaming =
          cost.stationary == StallCause::kInputs ? StallCause::kWeights : StallCause::kInputs;
      if (held_up.value() > 0) waits->add(streaming, start + held_up);
    }
    book(now, *waits, core_.issue(cost, *waits));
  }
}

void MatrixPlayer::book(Cycles now, const Waits& waits, const Booking& booking) {
  if (context_.values != nullptr) {
    PackedOp& head = *context_.sequencer.front(unit_);
    if (head.kind == TileOpKind::kMatrix) {
      queue_values(head);
      context_.values->planned(*head.whole(), ready(waits), booking);
    }
    if (queued_ == &head) queued_ = nullptr;
  }
  PackedOp& queued = context_.sequencer.pop(unit_);
  CHECK(!queued.loaded_published || queued.loaded == booking.loaded)
      << name() << ": the load of op " << queued.sequence << " was promised for " << queued.loaded
      << " and ended at " << booking.loaded;
  if (ahead_ == &queued) ahead_ = nullptr;
  consume(queued, std::max(now, booking.start));
  publish_all(queued, booking);
  context_.tally.booked(queued, booking);
  context_.sequencer.retire(queued);
}

Cycles MatrixPlayer::last() const { return std::max(core_.ledger().cursor(), core_.drain_end()); }

UnitResult MatrixPlayer::finish(Cycles end) {
  core_.finish(end);
  UnitResult result;
  result.name = name();
  result.is_matrix = true;
  result.matrix = core_.ledger().total();
  return result;
}

}  // namespace takt
