// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a unit that moves bytes sees of the hardware behind it, DMA engine or host link. No SystemC
// types: whoever plays a unit's stream needs none.

#include "sim/engine/transfer_timing.h"

namespace takt {

struct TransferJob {
  std::uint64_t id = 0;           ///< the caller's
  Box box;                        ///< bytes at the far side (DRAM, host)
  bool write = false;             ///< towards the far side
  Cycles start{};                 ///< core clock; now or later, never before the job before it
  TransferCost floor;             ///< the least it takes (TransferTiming)
  std::uint32_t piece_bytes = 0;  ///< > 0: rows are asked for one by one, in such pieces
};

/// Told once each, in any order between different jobs. The moments are known as soon as they are
/// decided, which may be before they come; `free` >= start + occupancy, `done` >= free's floor +
/// latency. May be called from within TransferPort::start().
class TransferListener {
 public:
  virtual ~TransferListener() = default;
  /// All has been asked for: the port takes its next job from `free` on.
  virtual void requested(std::uint64_t id, Cycles free) = 0;
  /// The last byte arrives at `done`.
  virtual void finished(std::uint64_t id, Cycles done) = 0;
};

class TransferPort {
 public:
  virtual ~TransferPort() = default;
  /// Whom to tell; once, before the first job.
  virtual void set_listener(TransferListener& listener) = 0;
  virtual bool has_room() const = 0;
  virtual void start(const TransferJob& job) = 0;
};

}  // namespace takt
