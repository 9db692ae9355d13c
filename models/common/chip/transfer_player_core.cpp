// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/transfer_player_core.h"

#include <algorithm>

namespace takt {

TransferPlayer::TransferPlayer(PlayerContext& context, UnitId unit, TransferRoute& route)
    : PipePlayer(context, unit), route_(route) {
  route_.set_listener(*this);
}

std::optional<Cycles> TransferPlayer::advance(Cycles now) {
  while (!moving_) {
    PackedOp* const head = context_.sequencer.front(unit_);
    if (head == nullptr) return std::nullopt;
    std::optional<Waits> waits = collect(*head);
    if (!waits) return std::nullopt;
    const Cycles start = core_.probe(*waits);
    if (start > now) return start;
    // An op that the full window kept back starts when it is found.
    if (start < now) waits->add(StallCause::kDependency, now);
    // A tile that lies in the padding altogether moves nothing.
    const bool nothing =
        head->kind != TileOpKind::kSync && head->transfer().remote.bytes() == Bytes(0);
    if (head->kind == TileOpKind::kSync || nothing) {
      book(*head, *waits);
    } else {
      begin(*waits);
    }
  }
  return std::nullopt;
}

void TransferPlayer::begin(const Waits& waits) {
  PackedOp& queued = context_.sequencer.pop(unit_);
  const PipeCost cost = queued.pipe_cost();
  Booking b = core_.issue(cost.busy, cost.latency, waits, queued.wait, cost.requests);
  if (context_.banks != nullptr) {
    hold_up(b, context_.banks->hold_up(queued, BankPort::Part::kAll, b.start, cost.busy));
  }
  consume(queued, b.start);
  if (idle_.empty()) {
    idle_.push_back(flights_.size());
    flights_.emplace_back();
  }
  TransferJob job;
  job.id = idle_.back();
  idle_.pop_back();
  job.box = queued.transfer().wire();
  job.piece_bytes = queued.transfer().piece_bytes;
  job.write = queued.kind == TileOpKind::kStore;
  job.start = b.start;
  job.floor = {b.issued - b.start, b.done - b.issued, {}};
  flights_[job.id] = {&queued, b};
  moving_ = true;
  route_.start(job, queued.transfer());
}

void TransferPlayer::requested(std::uint64_t id, Cycles free) {
  Flight& flight = flights_[id];
  Booking& b = flight.booking;
  if (free > b.issued) {
    core_.extend(free - b.issued, UnitAccount::kWaitBank);
    b.loaded = b.issued = free;
  }
  if (context_.values != nullptr) context_.values->performed(*flight.queued->whole(), b.issued);
  publish(*flight.queued, Phase::kStationaryLoaded, b.loaded);
  publish(*flight.queued, Phase::kIssued, b.issued);
  moving_ = false;
  context_.waker.wake(unit_, b.issued);
}

void TransferPlayer::finished(std::uint64_t id, Cycles done) {
  const Flight flight = flights_[id];
  Booking b = flight.booking;
  b.done = std::max({b.done, b.issued, done});
  last_ = std::max(last_, b.done);
  idle_.push_back(id);
  flights_[id].queued = nullptr;
  publish(*flight.queued, Phase::kDone, b.done);
  context_.tally.booked(*flight.queued, b);
  context_.sequencer.retire(*flight.queued);
}

Cycles TransferPlayer::last() const { return std::max(last_, core_.free()); }

void TransferPlayer::describe_blocked(std::vector<std::string>& into) const {
  for (const Flight& flight : flights_) {
    if (flight.queued == nullptr) continue;
    into.push_back(describe(*flight.queued) + " is under way since cycle " +
                   std::to_string(flight.booking.start.value()));
  }
  UnitPlayer::describe_blocked(into);
}

}  // namespace takt
