// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/transfer_route_core.h"

#include <algorithm>

#include "sim/base/math.h"

namespace takt {

HostRoute::HostRoute(TransferPort& link, TransferPort& dram, TransferPort* shared)
    : link_port_(link), dram_port_(dram), shared_port_(shared) {
  link_port_.set_listener(link_);
  dram_port_.set_listener(dram_);
  if (shared_port_ != nullptr) shared_port_->set_listener(shared_);
}

void HostRoute::start(const TransferJob& job, const Transfer& transfer) {
  CHECK(listener_ != nullptr) << "a host route with nobody to tell";
  link_.answered_ = false;
  link_port_.start(job);
  CHECK(link_.answered_) << "a host link that does not answer at once";
  const Cycles free = link_.free_, done = link_.done_;
  if (!transfer.buffer.valid() && transfer.near == Space::kShared) {
    return start_shared(job, transfer);
  }
  if (transfer.buffer.valid()) {
    listener_->requested(job.id, free);
    listener_->finished(job.id, done);
    return;
  }
  Move move;
  move.job = job;
  move.address = transfer.address;
  move.bytes = job.box.bytes().value();
  move.link_free = free;
  move.link_done = done;
  move.done = done;
  moves_.push_back(move);
  listener_->requested(job.id, free);
  pump();
}

// The shared buffer's ports are booked at the pace of the link, which they may hold up.
void HostRoute::start_shared(const TransferJob& job, const Transfer& transfer) {
  CHECK(shared_port_ != nullptr) << "no shared buffer to move to or from";
  TransferJob inner;
  inner.box.address = transfer.address;
  inner.box.row_bytes = job.box.bytes().value();
  inner.write = !job.write;
  inner.start = job.start;
  inner.floor.occupancy = link_.free_ - job.start;
  shared_port_->start(inner);
  listener_->requested(job.id, shared_.free_);
  listener_->finished(job.id, link_.done_ + (shared_.free_ - link_.free_));
}

// Byte b of n crosses the link at start + (free - start) x b / n, and reaches the other side
// (done - free) later. Inwards a piece is written when its last byte is there. Outwards it is read
// so as to be sent at the link's pace; if it comes late, so does all behind it.
void HostRoute::send_piece(Move& move) {
  const std::uint64_t begin = move.sent;
  move.sent = std::min(move.bytes, begin + kPiece);
  const Cycles busy = move.link_free - move.job.start;
  const auto at = [&](std::uint64_t byte) {
    return move.job.start + Cycles(mul_div_ceil(busy.value(), byte, move.bytes));
  };
  if (idle_.empty()) {
    idle_.push_back(pieces_.size());
    pieces_.emplace_back();
  }
  TransferJob job;
  job.id = idle_.back();
  idle_.pop_back();
  job.box.address = move.address + begin;
  job.box.row_bytes = move.sent - begin;
  // What comes from the host is written here; what goes there is read.
  job.write = !move.job.write;
  job.start = job.write ? at(move.sent) + (move.link_done - move.link_free) : at(begin);
  pieces_[job.id] = {&move, job.write ? Cycles(0) : move.link_done - at(begin)};
  ++move.pieces_out;
  dram_port_.start(job);
}

void HostRoute::pump() {
  if (pumping_) return;
  pumping_ = true;
  for (Move& move : moves_) {
    while (move.sent < move.bytes && dram_port_.has_room()) send_piece(move);
    if (move.sent < move.bytes) break;
  }
  while (!moves_.empty() && moves_.front().finished) moves_.pop_front();
  pumping_ = false;
}

void HostRoute::piece_done(std::uint64_t id, Cycles done) {
  Move& move = *pieces_[id].move;
  move.done = std::max(move.done, done + pieces_[id].rest);
  idle_.push_back(id);
  if (--move.pieces_out == 0 && move.sent == move.bytes) {
    move.finished = true;
    listener_->finished(move.job.id, move.done);
  }
  pump();
}

}  // namespace takt
