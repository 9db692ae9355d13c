// SPDX-License-Identifier: Apache-2.0
#include "models/common/dma/dma_core.h"

#include <algorithm>

namespace takt {

DmaCore::DmaCore(const Dma& dma, const DramMap& map)
    : map_(map),
      burst_(dma.burst),
      outstanding_(dma.outstanding),
      queue_(dma.queue),
      credits_(dma.outstanding),
      latency_(dma.latency),
      interval_(dma.request_interval) {
  CHECK(outstanding_ > 0 && queue_ > 0) << "a DMA that can do nothing";
}

void DmaCore::submit(const DmaDescriptor& descriptor) {
  CHECK(has_room()) << "DMA queue of " << queue_ << " is full";
  ++stats_.descriptors;
  const std::uint64_t bytes = descriptor.box.bytes().value();
  CHECK(bytes > 0) << "transfer " << descriptor.id << " of nothing";
  (descriptor.write ? stats_.bytes_written : stats_.bytes_read) += bytes;
  if (idle_.empty()) {
    idle_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.push_back({{}, BoxRuns(map_), {}, false, 0, {}, {}});
  }
  const std::uint32_t index = idle_.back();
  idle_.pop_back();
  Slot& slot = slots_[index];
  slot.descriptor = descriptor;
  // Pieces of rows meet lines that are there and lines that are not: each request is its own.
  const std::uint32_t bursts_max = descriptor.piece_bytes > 0 ? 1 : outstanding_;
  slot.runs = BoxRuns(descriptor.box, map_, burst_, bursts_max, descriptor.piece_bytes);
  slot.has_ahead = slot.runs.next(slot.ahead);
  slot.free = descriptor.free_floor;
  slot.done = descriptor.done_floor;
  waiting_.push_back(index);
}

bool DmaCore::next_run(Request& request) {
  if (waiting_.empty()) return false;
  request.descriptor = waiting_.front();
  Slot& slot = slots_[request.descriptor];
  request.run = slot.ahead;
  if (request.run.bursts > credits_.known()) return false;
  const CreditRing::Span credit = credits_.take(request.run.bursts);
  const Femtoseconds wish = std::max({slot.descriptor.start, last_request_, next_issue_});
  request.at = std::max(wish, credit.first);
  const Femtoseconds issuing(interval_.value() * (request.run.bursts - 1));
  request.last_at = std::max(request.at + issuing, credit.last);
  next_issue_ = request.at + issuing + interval_;
  stats_.credit_waits += request.last_at > wish;
  // Runs overlap: the bursts of one may wait for credits that those of the next do not need.
  last_request_ = request.at;
  slot.free = std::max(slot.free, request.last_at);
  request.write = slot.descriptor.write;
  ++stats_.runs;
  stats_.bursts += request.run.bursts;
  ++slot.unanswered;
  slot.has_ahead = slot.runs.next(slot.ahead);
  request.completes = !slot.has_ahead;
  if (request.completes) {
    request.id = slot.descriptor.id;
    request.free = slot.free;
    waiting_.pop_front();
  }
  return true;
}

// A burst asked for late is answered late: no sooner than the first one was, counted from its own
// request.
std::optional<DmaCore::Finished> DmaCore::answer(const Request& request, Femtoseconds first,
                                                 Femtoseconds done) {
  CHECK(first >= request.at && done >= first) << "an answer before its request";
  first += latency_;
  done += latency_;
  done = std::max(done, request.last_at + (first - request.at));
  credits_.give(request.run.bursts, request.run.bursts > 1 ? first : done, done);
  Slot& slot = slots_[request.descriptor];
  slot.done = std::max(slot.done, done);
  if (--slot.unanswered > 0 || slot.has_ahead) return std::nullopt;
  idle_.push_back(request.descriptor);
  return Finished{slot.descriptor.id, slot.done};
}

}  // namespace takt
