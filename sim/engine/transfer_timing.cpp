// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/transfer_timing.h"

#include <algorithm>

namespace takt {

TransferTiming::TransferTiming(const Machine& machine)
    : clock_(machine.clock),
      dram_bytes_per_s_(machine.memory.bandwidth_bytes_per_s),
      host_bytes_per_s_(machine.host.payload_bytes_per_s) {
  if (machine.memory.ideal) return;
  // Rounded down, so that `transaction`, which counts real time, is never below it.
  const DramTiming& t = machine.memory.timing;
  const std::uint64_t dram_clocks = std::min(t.cl, t.cwl) + t.burst_length / t.data_rate;
  dram_latency_ = Cycles(dram_clocks * clock_.hz() / t.clock_hz);
  const std::uint64_t host_fs = machine.host.latency.value() + machine.host.driver_cost.value();
  host_latency_ = Cycles(static_cast<std::uint64_t>(static_cast<uint128>(host_fs) * clock_.hz() /
                                                    ClockDomain::kFemtosPerSecond));
}

TransferCost TransferTiming::cost(const Transfer& transfer) const {
  const Bytes size = transfer.remote.bytes();
  if (transfer.space == Space::kHost)
    return {clock_.cycles_to_move(size, host_bytes_per_s_), host_latency_};
  return {clock_.cycles_to_move(size, dram_bytes_per_s_), dram_latency_};
}

}  // namespace takt
