// SPDX-License-Identifier: Apache-2.0
#include "models/common/sequencer/sequencer_core.h"

namespace takt {

SequencerCore::SequencerCore(const Program& program, TokenBoard& board, SequencerListener& listener,
                             std::size_t window)
    : program_(program),
      board_(board),
      listener_(listener),
      window_(window),
      queues_(program.units.size()),
      streams_(program.machine->cores) {
  for (std::uint32_t core = 0; core < streams_.size(); ++core) {
    streams_[core].ops = std::make_unique<CoreStream>(program, core);
  }
}

QueuedOp& SequencerCore::take_from_pool() {
  if (free_ == nullptr) {
    slabs_.push_back(std::make_unique<std::array<QueuedOp, kSlab>>());
    for (QueuedOp& op : *slabs_.back()) give_to_pool(op);
  }
  QueuedOp& op = *free_;
  free_ = op.next;
  op.next = nullptr;
  op.costed = false;
  op.loaded_published = false;
  return op;
}

void SequencerCore::give_to_pool(QueuedOp& op) {
  op.next = free_;
  free_ = &op;
}

bool SequencerCore::read_on(std::uint32_t core) {
  Stream& stream = streams_[core];
  if (stream.ended || stream.in_flight >= window_) return false;
  QueuedOp& op = take_from_pool();
  if (!stream.ops->next(op.op)) {
    give_to_pool(op);
    stream.ended = true;
    listener_.passed(core, program_.regions.size());
    return false;
  }
  if (op.op.region != stream.region) {
    stream.region = op.op.region;
    listener_.passed(core, stream.region);
  }
  ++stream.in_flight;
  deal(op);
  return true;
}

void SequencerCore::deal(QueuedOp& op) {
  const UnitId unit = op.op.unit;
  for (std::size_t i = 0; i < op.op.needs.size(); ++i) {
    op.need_first[i] = board_.reserve_needed(op.op.needs[i].channel, op.op.needs[i].count);
  }
  for (std::size_t i = 0; i < op.op.gives.size(); ++i) {
    op.give_first[i] = board_.reserve_given(op.op.gives[i].channel, op.op.gives[i].count);
  }
  Queue& queue = queues_[unit.index];
  (queue.head == nullptr ? queue.head : queue.tail->next) = &op;
  queue.tail = &op;
  listener_.dispatched(op.op);
  if (queue.dry) {
    queue.dry = false;
    --streams_[program_.units[unit.index].core].dry;
    listener_.refilled(unit);
  }
}

QueuedOp* SequencerCore::front(UnitId unit) {
  Queue& queue = queues_[unit.index];
  const std::uint32_t core = program_.units[unit.index].core;
  while (queue.head == nullptr && read_on(core)) {
  }
  if (queue.head == nullptr && !streams_[core].ended && !queue.dry) {
    queue.dry = true;
    ++streams_[core].dry;
  }
  return queue.head;
}

QueuedOp* SequencerCore::after(QueuedOp& op) {
  while (op.next == nullptr && read_on(program_.units[op.op.unit.index].core)) {
  }
  return op.next;
}

QueuedOp& SequencerCore::pop(UnitId unit) {
  Queue& queue = queues_[unit.index];
  CHECK(queue.head != nullptr) << "no op to take from " << program_.units[unit.index].name;
  QueuedOp& op = *queue.head;
  queue.head = op.next;
  op.next = nullptr;
  return op;
}

void SequencerCore::retire(QueuedOp& op) {
  const std::uint32_t core = program_.units[op.op.unit.index].core;
  give_to_pool(op);
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
