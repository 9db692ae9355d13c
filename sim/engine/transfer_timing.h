// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a transfer costs when it has DRAM, shared buffer or host link to itself: the floor that
// `transaction` keeps to as well, so that contention only ever adds.

#include "sim/machine/machine.h"
#include "sim/program/tile_op.h"
#include "sim/stats/counts.h"

namespace takt {

/// What the n requests of a transfer take, whatever memory lies behind them.
struct RequestCost {
  /// Little's law: with at most W requests in flight, each for a latency L at least, n of them take
  /// n x L / W, and the last of them is asked for L before that is over.
  Cycles flight{};      ///< floor(n x L / W); 0 = that is no limit here
  Cycles flight_one{};  ///< L
  /// Requests are issued at an interval I, those of the next transfer as well.
  Cycles issue{};       ///< floor(n x I); 0 = that is no limit here
  Cycles issue_last{};  ///< floor((n - 1) x I): from the first to the last
};

struct TransferCost {
  Cycles occupancy{};    ///< ceil(bytes in whole bursts / rated bandwidth): the engine takes its
                         ///< next op after it
  Cycles latency{};      ///< from then until the last byte has arrived
  RequestCost requests;  ///< to DRAM
};

class TransferTiming {
 public:
  explicit TransferTiming(const Machine& machine);
  TransferCost cost(const Transfer& transfer) const;
  /// What all requesters together have moved takes at least so long, whoever waits for whom: the
  /// rated bandwidth of DRAM and the ports of the shared buffer. 0 if memory is ideal.
  Cycles least(const ActionCounts& moved) const;
  /// Nothing is in a cold cache at first: so many bytes that were read, each counted once, missed
  /// it, and took the way to the next one or to the DRAM by Little's law and at its bandwidth. 0
  /// without a cache, or with a warm one.
  Cycles least_of_misses(Bytes read_first) const;
  /// Bytes that move for a box where memory gives whole pieces (bursts, lines) only.
  static Bytes moved(const Box& box, std::uint64_t piece);

 private:
  TransferCost shared_cost(const Transfer& transfer) const;
  Cycles least_shared(const ActionCounts& moved) const;
  std::uint64_t requests(const Transfer& transfer, const Box& wire) const;
  RequestCost cost_of(std::uint64_t requests) const;
  Cycles cycles_within(Femtoseconds time, std::uint64_t n) const;

  ClockDomain clock_;
  std::uint64_t dram_bytes_per_s_;
  std::uint64_t host_bytes_per_s_;
  bool ideal_;
  bool instant_;  ///< SCALE-Sim's compute cycles know no memory: with an ideal one, no time at all
  std::uint64_t burst_bytes_ = 1;  ///< one DRAM burst; 1 if memory is ideal
  Cycles dram_latency_{};  ///< min(CL, CWL): the least from a command to its data, whose own time
                           ///< is in the occupancy; 0 if memory is ideal
  Cycles host_latency_{};  ///< one way, plus the driver's cost
  SharedBuffer shared_;
  std::uint32_t shared_users_ = 0;  ///< units that can move bytes there at the same time
  std::uint64_t request_bytes_ = 0, outstanding_ = 1;  ///< of a DMA engine
  Femtoseconds request_interval_{};
  Cycles request_latency_{};      ///< the least a request is in flight; 0 if memory is ideal
  std::uint64_t miss_bytes_ = 0;  ///< the most that one request's miss brings; 0: nothing must miss
  std::uint64_t miss_bytes_per_s_ = 0;
  Cycles miss_latency_{};        ///< the least a request that misses is in flight
  std::uint64_t in_flight_ = 1;  ///< requests for weights, of all cores
};

}  // namespace takt
