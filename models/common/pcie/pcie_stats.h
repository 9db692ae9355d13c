// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a host link counts.

#include <cstdint>

namespace takt {

struct PcieStats {
  std::uint64_t reads = 0, writes = 0;
  std::uint64_t read_bytes = 0, write_bytes = 0;
  std::uint64_t tlps_down = 0, tlps_up = 0;
  std::uint64_t wire_bytes_down = 0, wire_bytes_up = 0;
  std::uint64_t credit_stalls = 0;

  /// Calls visit(name, unit, sentence, value) for every counter.
  template <class Visit>
  void describe(Visit&& visit) const {
    visit("reads", "transfers", "the device read from host memory", reads);
    visit("writes", "transfers", "the device wrote to host memory", writes);
    visit("read_bytes", "bytes", "payload from the host", read_bytes);
    visit("write_bytes", "bytes", "payload to the host", write_bytes);
    visit("tlps_down", "packets", "towards the device: completions", tlps_down);
    visit("tlps_up", "packets", "towards the host: writes and read requests", tlps_up);
    visit("wire_bytes_down", "bytes", "of these packets, headers and framing included",
          wire_bytes_down);
    visit("wire_bytes_up", "bytes", "of these packets, headers and framing included",
          wire_bytes_up);
    visit("credit_stalls", "packets", "writes that waited for a posted credit", credit_stalls);
  }
};

}  // namespace takt
