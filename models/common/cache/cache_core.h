// SPDX-License-Identifier: Apache-2.0
#pragma once
// A cache before the DRAM: set associative, replaced at random, written back, lines allocated by
// reads and writes. Which lines are there, and when a hit is answered; time comes in as an
// argument.

#include <vector>

#include "models/common/cache/cache_stats.h"
#include "sim/machine/machine.h"

namespace takt {

class CacheCore {
 public:
  explicit CacheCore(const Cache& cache);

  /// Consecutive bytes, as a DMA engine asks for them.
  struct Access {
    std::uint64_t address = 0;
    Bytes size{};
    bool write = false;
  };
  struct Outcome {
    Femtoseconds first{},
        done{};  ///< the first line is over, and all are, if DRAM need not be asked
    /// Bytes [begin, end) of whole lines to be read from DRAM: from the first that misses to the
    /// last; begin = end: none.
    std::uint64_t fetch_begin = 0, fetch_end = 0;
  };
  /// Holds the lines of [begin, end) from cycle 0 on, as far as they fit: what a run before has
  /// left.
  void hold(std::uint64_t begin, std::uint64_t end, bool changed);
  /// Looks the lines up and makes room for those that are not there. Accesses come in the order of
  /// `now`.
  Outcome access(Femtoseconds now, const Access& access);
  /// Lines that the last access drove out and that DRAM does not have, by address.
  const std::vector<std::uint64_t>& written_back() const { return written_back_; }

  Bytes line() const { return Bytes(line_); }
  /// What a miss takes beyond the DRAM's own time, there and back together.
  Femtoseconds miss_latency() const { return latency_ + miss_; }
  const CacheStats& stats() const { return stats_; }

 private:
  struct Way {
    std::uint64_t line = 0;  ///< address / line size
    bool used = false;       ///< else it is empty
    bool changed = false;
  };
  bool touch(std::uint64_t line, bool write);
  std::uint32_t next_random();
  Femtoseconds time_of(std::uint64_t bytes) const;

  std::uint64_t line_, piece_, sets_, ways_;
  std::uint64_t bandwidth_;  ///< bytes a second
  Femtoseconds latency_, miss_, lookup_;
  bool fill_on_port_;
  Femtoseconds free_{};  ///< its port takes the next request from here
  std::uint32_t random_ = 1;
  std::vector<Way> all_;  ///< [set][way]
  std::vector<std::uint64_t> written_back_;
  CacheStats stats_;
};

}  // namespace takt
