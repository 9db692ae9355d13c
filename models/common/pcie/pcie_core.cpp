// SPDX-License-Identifier: Apache-2.0
#include "models/common/pcie/pcie_core.h"

#include <algorithm>

namespace takt {

// `raw_bytes_per_s` is what is left for packets: line rate less line code, SKP ordered sets,
// acknowledgements and flow control updates (pcie_rate() in sim/machine).
PcieCore::PcieCore(const HostLink& link)
    : max_payload_(link.max_payload.value()),
      read_request_(link.read_request.value()),
      completion_(std::min(max_payload_, read_request_)),
      latency_(link.latency),
      driver_(link.driver_cost),
      down_(link.raw_bytes_per_s),
      up_(link.raw_bytes_per_s),
      credits_(link.credits) {
  CHECK(max_payload_ > 0 && read_request_ > 0) << "a link without packets";
}

PcieBooking PcieCore::probe(Femtoseconds now, const PcieRequest& request) const {
  PcieCore copy = *this;
  return copy.issue(now, request);
}

PcieBooking PcieCore::issue(Femtoseconds now, const PcieRequest& request) {
  CHECK(request.size.value() > 0) << "a transfer of nothing";
  return request.write ? write(now + driver_, request.size) : read(now + driver_, request.size);
}

std::uint64_t PcieCore::completion_count(std::uint64_t payload) const {
  return payload / read_request_ * ceil_div(read_request_, completion_) +
         ceil_div(payload % read_request_, completion_);
}

Bytes PcieCore::completions(std::uint64_t payload) const {
  return Bytes(payload + completion_count(payload) * kCompletionOverhead);
}

// The device asks for `read_request` bytes a packet, the host answers with completions of at most
// max_payload. Requests leave back to back, so request j is at the host at a_0 + j d, and each
// means c on the wire down; the last completion is over at the largest of
//   a_j + c (n - 1 - j) + c_last   over j,
// which is linear in j: the first or the last request decides.
PcieBooking PcieCore::read(Femtoseconds now, Bytes size) {
  const std::uint64_t payload = size.value();
  const std::uint64_t requests = ceil_div(payload, read_request_);
  const Femtoseconds first_asked = up_.send(now, Bytes(kReadRequest)) + latency_;
  const Femtoseconds last_asked =
      requests > 1 ? up_.send(now, Bytes(kReadRequest * (requests - 1))) + latency_ : first_asked;
  const std::uint64_t last_payload = payload - (requests - 1) * read_request_;
  PcieBooking booking;
  booking.start = std::max(first_asked, down_.free());
  booking.sent = down_.send(first_asked, completions(payload));
  const Femtoseconds late = last_asked + down_.time_of(completions(last_payload));
  if (late > booking.sent) {
    down_.hold(late);
    booking.sent = late;
  }
  booking.done = booking.sent + latency_;
  ++stats_.reads;
  stats_.read_bytes += payload;
  stats_.tlps_up += requests;
  stats_.wire_bytes_up += requests * kReadRequest;
  stats_.tlps_down += completion_count(payload);
  stats_.wire_bytes_down += completions(payload).value();
  return booking;
}

PcieBooking PcieCore::write(Femtoseconds now, Bytes size) {
  const std::uint64_t packets = ceil_div(size.value(), max_payload_);
  const Bytes last(size.value() - (packets - 1) * max_payload_);
  const Bytes wire(size.value() + packets * kWriteOverhead);
  PcieBooking booking;
  booking.start = std::max(now, up_.free());
  if (credits_.empty()) {
    up_.send(now, wire);
  } else {
    booking.start = std::max(booking.start, credits_[next_credit_]);
    write_stalled(now, packets, last);
  }
  booking.sent = up_.free();
  booking.done = booking.sent + latency_;
  ++stats_.writes;
  stats_.write_bytes += size.value();
  stats_.tlps_up += packets;
  stats_.wire_bytes_up += wire.value();
  return booking;
}

bool PcieCore::credits_home(Femtoseconds now) const {
  return std::none_of(credits_.begin(), credits_.end(),
                      [&](Femtoseconds back) { return back > now; });
}

// A credit is back when the packet has arrived and the update for it has come: two latencies after
// the packet has left. With all C credits at home and the wire free, C packets go out back to back,
// the next waits for the first one's credit, and from there it is the same again: whole rounds are
// skipped. Otherwise packet by packet.
void PcieCore::write_stalled(Femtoseconds now, std::uint64_t packets, Bytes last) {
  const std::uint64_t c = credits_.size();
  const Bytes full(max_payload_ + kWriteOverhead);
  const Femtoseconds round = up_.time_of(full) + latency_ + latency_;
  if (packets > 2 * c && up_.free() < now && credits_home(now) &&
      up_.time_of(Bytes(full.value() * c)) < round) {
    const std::uint64_t skipped = (packets - 1) / c - 1;  // leaves more than one round to play
    now += Femtoseconds(round.value() * skipped);
    packets -= skipped * c;
    stats_.credit_stalls += skipped;
  }
  for (std::uint64_t i = 0; i + 1 < packets; ++i) write_packet(now, Bytes(max_payload_));
  write_packet(now, last);
}

void PcieCore::write_packet(Femtoseconds now, Bytes payload) {
  Femtoseconds& credit = credits_[next_credit_];
  next_credit_ = (next_credit_ + 1) % credits_.size();
  const Femtoseconds ready = std::max(now, up_.free());
  stats_.credit_stalls += credit > ready;
  const Femtoseconds sent =
      up_.send(std::max(now, credit), Bytes(payload.value() + kWriteOverhead));
  credit = sent + latency_ + latency_;
}

}  // namespace takt
