// SPDX-License-Identifier: Apache-2.0
#include "models/common/dram/dram_scheduler.h"

namespace takt {

void DramScheduler::push(const DramQueued& queued) {
  std::uint32_t index = static_cast<std::uint32_t>(nodes_.size());
  if (idle_.empty()) {
    nodes_.emplace_back();
    requests_.emplace_back();
  } else {
    index = idle_.back();
    idle_.pop_back();
  }
  std::uint32_t before = tail_;
  while (before != kNone && nodes_[before].arrival > queued.arrival) {
    before = nodes_[before].before;
  }
  const std::uint32_t after = before == kNone ? head_ : nodes_[before].after;
  const DramMap::Cell cell = core_.map().cell(queued.request.address);
  nodes_[index] = {queued.arrival, cell.row, core_.bank_index(cell),
                   before,         after,    queued.request.write};
  requests_[index] = queued;
  (before == kNone ? head_ : nodes_[before].after) = index;
  (after == kNone ? tail_ : nodes_[after].before) = index;
  if (before == kNone) passed_ = 0;
  ++size_;
}

bool DramScheduler::pick(Cycles now, DramQueued& picked) {
  if (empty() || now < next_arrival()) return false;
  const std::uint32_t chosen = choose(now);
  passed_ = chosen == head_ ? 0 : passed_ + 1;
  const bool write = nodes_[chosen].write;
  batch_ = write == writing_ ? batch_ + 1 : 1;
  writing_ = write;
  take(chosen, picked);
  return true;
}

// In this order: the oldest if it was passed over too often; the bus's direction before the other,
// unless its batch is full; an open row before a closed one; the older.
std::uint32_t DramScheduler::choose(Cycles now) const {
  if (passed_ >= kPassedMax) return head_;
  std::uint32_t same = kNone, other_hit = kNone, other = kNone, same_hit = kNone;
  const bool batch_full = batch_ >= kBatch;
  std::uint32_t index = head_;
  for (std::uint32_t seen = 0; index != kNone && seen < window_; ++seen) {
    const Node& node = nodes_[index];
    if (node.arrival > now) break;
    const bool hit = core_.is_open(node.bank, node.row);
    if (node.write == writing_) {
      if (hit && !batch_full) return index;
      if (hit && same_hit == kNone) same_hit = index;
      if (same == kNone) same = index;
    } else {
      if (hit && batch_full) return index;
      if (hit && other_hit == kNone) other_hit = index;
      if (other == kNone) other = index;
    }
    index = node.after;
  }
  if (batch_full && other != kNone) return other;
  if (same_hit != kNone) return same_hit;
  if (same != kNone) return same;
  return other_hit != kNone ? other_hit : other;
}

void DramScheduler::take(std::uint32_t index, DramQueued& taken) {
  const Node& node = nodes_[index];
  (node.before == kNone ? head_ : nodes_[node.before].after) = node.after;
  (node.after == kNone ? tail_ : nodes_[node.after].before) = node.before;
  idle_.push_back(index);
  --size_;
  taken = requests_[index];
}

}  // namespace takt
