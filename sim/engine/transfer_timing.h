// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a transfer costs when it has DRAM or the host link to itself: the floor that `transaction`
// keeps to as well, so that contention only ever adds.

#include "sim/machine/machine.h"
#include "sim/program/tile_op.h"

namespace takt {

struct TransferCost {
  Cycles occupancy{};  ///< ceil(bytes in whole bursts / rated bandwidth): the engine takes its next
                       ///< op after it
  Cycles latency{};    ///< from then until the last byte has arrived
};

class TransferTiming {
 public:
  explicit TransferTiming(const Machine& machine);
  TransferCost cost(const Transfer& transfer) const;

 private:
  Bytes moved(const Box& box) const;

  ClockDomain clock_;
  std::uint64_t dram_bytes_per_s_;
  std::uint64_t host_bytes_per_s_;
  bool instant_;  ///< SCALE-Sim's compute cycles know no memory: with an ideal one, no time at all
  std::uint64_t burst_bytes_ = 1;  ///< one DRAM burst; 1 if memory is ideal
  Cycles dram_latency_{};  ///< min(CL, CWL): the least from a command to its data, whose own time
                           ///< is in the occupancy; 0 if memory is ideal
  Cycles host_latency_{};  ///< one way, plus the driver's cost
};

}  // namespace takt
