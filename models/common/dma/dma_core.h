// SPDX-License-Identifier: Apache-2.0
#pragma once
// A DMA engine: descriptors in order, so many bursts in flight, never faster than its pipe. Time
// comes in as an argument, in femtoseconds, because the memory behind it has a clock of its own.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "models/common/dma/box_runs_core.h"
#include "models/common/dma/credit_ring.h"
#include "models/common/dma/dma_stats.h"

namespace takt {

/// One transfer, and the least it takes: what TransferTiming says.
struct DmaDescriptor {
  std::uint64_t id = 0;  ///< the caller's
  Box box;
  std::uint32_t piece_bytes = 0;  ///< > 0: rows are asked for one by one, in such pieces
  bool write = false;             ///< to the memory
  Femtoseconds start{};           ///< not before that of the descriptor before it
  Femtoseconds free_floor{};      ///< start + occupancy
  Femtoseconds done_floor{};      ///< free_floor + latency
};

class DmaCore {
 public:
  DmaCore(const Dma& dma, const DramMap& map);
  DmaCore(const DmaCore&) = delete;  // the slots' runs point at map_
  DmaCore& operator=(const DmaCore&) = delete;

  /// Room for one more descriptor whose runs are not all requested yet?
  bool has_room() const { return waiting_.size() < queue_; }
  void submit(const DmaDescriptor& descriptor);

  /// A run to be requested from the memory.
  struct Request {
    DmaRun run;
    bool write = false;
    Femtoseconds at{};             ///< its first burst is asked for
    Femtoseconds last_at{};        ///< its last burst: later if it had to wait for a credit
    std::uint32_t descriptor = 0;  ///< slot, to be given back with the answer
    bool completes = false;        ///< the descriptor has no further run; then …
    std::uint64_t id = 0;          ///< … this is its id …
    Femtoseconds free{};           ///< … and the engine takes the next one from here
  };
  /// The next run whose bursts all have credits by a known time; false if answers must come first.
  bool next_run(Request& request);

  struct Finished {
    std::uint64_t id = 0;
    Femtoseconds done{};  ///< the last byte has arrived
  };
  /// The memory has answered: the run's first burst is over at `first`, its last at `done`. Tells
  /// when the descriptor is finished, if this was its last answer.
  std::optional<Finished> answer(const Request& request, Femtoseconds first, Femtoseconds done);

  const DmaStats& stats() const { return stats_; }

 private:
  struct Slot {
    DmaDescriptor descriptor;
    BoxRuns runs;
    DmaRun ahead;  ///< the next run, already taken from `runs`
    bool has_ahead = false;
    std::uint32_t unanswered = 0;
    Femtoseconds free{}, done{};
  };

  const DramMap map_;
  Bytes burst_;
  std::uint32_t outstanding_;
  std::size_t queue_;
  CreditRing credits_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> idle_;
  std::deque<std::uint32_t> waiting_;  ///< slots whose runs are not all requested yet
  Femtoseconds latency_, interval_;    ///< to the memory and back; between two bursts asked for
  Femtoseconds last_request_{};
  Femtoseconds next_issue_{};
  DmaStats stats_;
};

}  // namespace takt
