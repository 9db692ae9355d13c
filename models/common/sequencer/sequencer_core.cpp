// SPDX-License-Identifier: Apache-2.0
#include "models/common/sequencer/sequencer_core.h"

#include "sim/engine/waits.h"

namespace takt {

SequencerCore::SequencerCore(const Program& program, const TileTiming& timing, TokenBoard& board,
                             SequencerListener& listener, const SequencerOptions& options)
    : program_(program),
      timing_(timing),
      transfers_(*program.machine),
      board_(board),
      listener_(listener),
      options_(options),
      queues_(program.units.size()),
      streams_(program.machine->cores) {
  for (std::uint32_t core = 0; core < streams_.size(); ++core) {
    streams_[core].ops = std::make_unique<CoreStream>(program, core);
  }
}

bool SequencerCore::read_on(std::uint32_t core) {
  Stream& stream = streams_[core];
  if (stream.ended || stream.in_flight >= options_.window) return false;
  if (!stream.ops->next(reading_)) {
    stream.ended = true;
    listener_.passed(core, program_.regions.size());
    return false;
  }
  if (reading_.region != stream.region) {
    stream.region = reading_.region;
    listener_.passed(core, stream.region);
  }
  ++stream.in_flight;
  deal(reading_);
  return true;
}

void SequencerCore::deal(const TileOp& op) {
  Queue& queue = queues_[op.unit.index];
  PackedOp& packed = queue.arena.pack(op, options_.keep_whole);
  for (PackedToken& need : packed.needs()) {
    need.first = board_.reserve_needed(need.channel, need.count);
  }
  for (PackedToken& give : packed.gives()) {
    give.first = board_.reserve_given(give.channel, give.count);
  }
  const bool on_matrix = program_.units[op.unit.index].kind == UnitKind::kMatrix;
  switch (op.kind) {
    case TileOpKind::kMatrix:
      CHECK(on_matrix) << "a matrix op on " << program_.units[op.unit.index].name;
      packed.matrix_cost() = timing_.matrix(op);
      break;
    case TileOpKind::kLoad:
    case TileOpKind::kStore: {
      const TransferCost cost = transfers_.cost(op.transfer);
      packed.pipe_cost() = {cost.occupancy, cost.latency, cost.requests};
      break;
    }
    case TileOpKind::kVector:
      packed.pipe_cost() = {timing_.vector_busy(op), timing_.vector_latency(), {}};
      break;
    case TileOpKind::kSync:
      if (!on_matrix) packed.pipe_cost() = {op.delay, {}, {}};
      break;
  }
  CHECK(!on_matrix || op.kind == TileOpKind::kMatrix || op.kind == TileOpKind::kSync)
      << "a " << to_string(op.kind) << " op on " << program_.units[op.unit.index].name;
  packed.wait = wait_account(program_, op);
  (queue.head == nullptr ? queue.head : queue.tail->next) = &packed;
  queue.tail = &packed;
  listener_.dispatched(op);
  if (queue.dry) {
    queue.dry = false;
    --streams_[program_.units[op.unit.index].core].dry;
    listener_.refilled(op.unit);
  }
}

PackedOp* SequencerCore::front(UnitId unit) {
  Queue& queue = queues_[unit.index];
  if (queue.head != nullptr) return queue.head;
  const std::uint32_t core = program_.units[unit.index].core;
  while (queue.head == nullptr && read_on(core)) {
  }
  if (queue.head == nullptr && !streams_[core].ended && !queue.dry) {
    queue.dry = true;
    ++streams_[core].dry;
  }
  return queue.head;
}

PackedOp* SequencerCore::after(PackedOp& op) {
  while (op.next == nullptr && read_on(program_.units[op.unit.index].core)) {
  }
  return op.next;
}

PackedOp& SequencerCore::pop(UnitId unit) {
  Queue& queue = queues_[unit.index];
  CHECK(queue.head != nullptr) << "no op to take from " << program_.units[unit.index].name;
  PackedOp& op = *queue.head;
  queue.head = op.next;
  return op;
}

void SequencerCore::retire(PackedOp& op) {
  const UnitId unit = op.unit;
  queues_[unit.index].arena.release(op);
  const std::uint32_t core = program_.units[unit.index].core;
  Stream& stream = streams_[core];
  --stream.in_flight;
  while (stream.dry > 0 && read_on(core)) {
  }
}

bool SequencerCore::finished() const {
  for (const Stream& stream : streams_) {
    if (!stream.ended || stream.in_flight > 0) return false;
  }
  return true;
}

}  // namespace takt
