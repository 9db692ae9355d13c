// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a last-level cache counts.

#include <cstdint>

namespace takt {

struct CacheStats {
  std::uint64_t requests = 0, hits = 0, misses = 0, fetched = 0, written_back = 0;

  /// Calls visit(name, unit, sentence, value) for every counter.
  template <class Visit>
  void describe(Visit&& visit) const {
    visit("requests", "requests", "runs of bytes asked for by DMA engines", requests);
    visit("hits", "lines", "lines asked for that were there", hits);
    visit("misses", "lines", "lines asked for that were not", misses);
    visit("fetched", "lines", "lines read from DRAM; a write of a whole line reads none", fetched);
    visit("written_back", "lines", "changed lines that had to leave for others", written_back);
  }
};

}  // namespace takt
