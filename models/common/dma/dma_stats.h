// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a DMA engine counts.

#include <cstdint>

namespace takt {

struct DmaStats {
  std::uint64_t descriptors = 0, runs = 0, bursts = 0;
  std::uint64_t bytes_read = 0, bytes_written = 0;
  std::uint64_t credit_waits = 0;

  /// Calls visit(name, unit, sentence, value) for every counter.
  template <class Visit>
  void describe(Visit&& visit) const {
    visit("descriptors", "transfers", "transfers taken", descriptors);
    visit("runs", "requests", "pieces of one DRAM row asked for", runs);
    visit("bursts", "bursts", "bursts of its own size, begun or whole", bursts);
    visit("bytes_read", "bytes", "asked for from memory", bytes_read);
    visit("bytes_written", "bytes", "sent to memory", bytes_written);
    visit("credit_waits", "requests", "runs with a burst that waited for one in flight to return",
          credit_waits);
  }
};

}  // namespace takt
