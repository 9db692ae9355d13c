// SPDX-License-Identifier: Apache-2.0
#pragma once
// A PCI Express link, packet by packet, in closed form for a transfer. Time comes in as an
// argument, in femtoseconds: the link has no clock that anybody else shares.

#include <vector>

#include "models/common/pcie/pcie_stats.h"
#include "models/common/pcie/wire_core.h"
#include "sim/machine/machine.h"

namespace takt {

struct PcieRequest {
  Bytes size{};
  bool write = false;  ///< the device writes to the host; else it reads from it
};

struct PcieBooking {
  Femtoseconds start{};  ///< the first byte of the payload's packets leaves
  Femtoseconds sent{};   ///< the last one has left
  Femtoseconds done{};   ///< the last one has arrived
};

class PcieCore {
 public:
  // Bytes around a packet's payload (PCI Express Base Specification, 2.2 and 3.5): framing 2,
  // sequence number 2, LCRC 4, and a header of 16 (64-bit addresses) or 12 (completion).
  static constexpr std::uint64_t kWriteOverhead = 24, kReadRequest = 24, kCompletionOverhead = 20;

  explicit PcieCore(const HostLink& link);

  /// When would it be done? Changes nothing.
  PcieBooking probe(Femtoseconds now, const PcieRequest& request) const;
  /// The same answer, and the link is booked.
  PcieBooking issue(Femtoseconds now, const PcieRequest& request);

  const PcieStats& stats() const { return stats_; }

 private:
  PcieBooking read(Femtoseconds now, Bytes size);
  PcieBooking write(Femtoseconds now, Bytes size);
  void write_stalled(Femtoseconds now, std::uint64_t packets, Bytes last);
  void write_packet(Femtoseconds now, Bytes payload);
  bool credits_home(Femtoseconds now) const;
  /// Wire bytes of completions for so much payload.
  Bytes completions(std::uint64_t payload) const;
  std::uint64_t completion_count(std::uint64_t payload) const;

  std::uint64_t max_payload_, read_request_, completion_;
  Femtoseconds latency_, driver_;
  Wire down_, up_;
  std::vector<Femtoseconds> credits_;  ///< ring: when each posted credit is back; empty = no limit
  std::size_t next_credit_ = 0;        ///< the oldest
  PcieStats stats_;
};

}  // namespace takt
