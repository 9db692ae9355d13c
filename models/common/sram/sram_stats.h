// SPDX-License-Identifier: Apache-2.0
#pragma once
// What an on-chip memory counts.

#include <cstdint>

namespace takt {

struct SramStats {
  std::uint64_t reads = 0, writes = 0;
  std::uint64_t bytes_read = 0, bytes_written = 0;
  std::uint64_t conflicts = 0, conflict_cycles = 0;

  /// Calls visit(name, unit, sentence, value) for every counter.
  template <class Visit>
  void describe(Visit&& visit) const {
    visit("reads", "accesses", "tile ops that read here", reads);
    visit("writes", "accesses", "tile ops that wrote here", writes);
    visit("bytes_read", "bytes", "moved out over the ports", bytes_read);
    visit("bytes_written", "bytes", "moved in over the ports", bytes_written);
    visit("conflicts", "accesses", "tile ops that were held up at a bank", conflicts);
    visit("conflict_cycles", "core cycles", "by which they were held up, added up",
          conflict_cycles);
  }
};

}  // namespace takt
