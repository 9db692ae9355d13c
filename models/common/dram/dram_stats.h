// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a DRAM channel counts.

#include <cstdint>

namespace takt {

struct DramStats {
  std::uint64_t reads = 0, writes = 0;
  std::uint64_t row_hits = 0, row_misses = 0, row_conflicts = 0;
  std::uint64_t activations = 0, refreshes = 0;
  std::uint64_t bus_busy = 0, turnaround = 0;
  std::uint64_t bytes_requested = 0, bytes_transferred = 0;

  /// Calls visit(name, unit, sentence, value) for every counter.
  template <class Visit>
  void describe(Visit&& visit) const {
    visit("reads", "bursts", "bursts read", reads);
    visit("writes", "bursts", "bursts written", writes);
    visit("row_hits", "bursts", "bursts whose row was open", row_hits);
    visit("row_misses", "bursts", "bursts that found their bank without an open row", row_misses);
    visit("row_conflicts", "bursts", "bursts that had to close another row first", row_conflicts);
    visit("activations", "commands", "rows opened", activations);
    visit("refreshes", "commands", "all-bank refreshes", refreshes);
    visit("bus_busy", "DRAM cycles", "the data bus carried data", bus_busy);
    visit("turnaround", "DRAM cycles", "a column command waited for the bus to change direction",
          turnaround);
    visit("bytes_requested", "bytes", "asked for", bytes_requested);
    visit("bytes_transferred", "bytes", "moved: whole bursts", bytes_transferred);
  }
};

}  // namespace takt
