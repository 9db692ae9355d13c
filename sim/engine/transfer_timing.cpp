// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/transfer_timing.h"

#include <algorithm>

#include "sim/program/box_walk.h"

namespace takt {

TransferTiming::TransferTiming(const Machine& machine)
    : clock_(machine.clock),
      dram_bytes_per_s_(machine.memory.bandwidth_bytes_per_s),
      host_bytes_per_s_(machine.host.payload_bytes_per_s),
      instant_(machine.memory.ideal && machine.matrix.timing == MatrixUnit::Timing::kScaleSim) {
  if (machine.memory.ideal) return;
  burst_bytes_ =
      std::uint64_t{machine.memory.timing.burst_length} * machine.memory.timing.bus_bits / 8;
  // Rounded down, so that `transaction`, which counts real time, is never below it.
  const DramTiming& t = machine.memory.timing;
  dram_latency_ = Cycles(std::uint64_t{std::min(t.cl, t.cwl)} * clock_.hz() / t.clock_hz);
  const std::uint64_t host_fs = machine.host.latency.value() + machine.host.driver_cost.value();
  host_latency_ = Cycles(static_cast<std::uint64_t>(static_cast<uint128>(host_fs) * clock_.hz() /
                                                    ClockDomain::kFemtosPerSecond));
}

// A burst is the least DRAM moves: rows shorter than one, or further apart, cost whole bursts.
//   bursts = outer rows x (stride >= burst ? count x ceil(row / burst)
//                                          : ceil(((count - 1) x stride + row) / burst))
Bytes TransferTiming::moved(const Box& box) const {
  if (burst_bytes_ <= 1 || box.row_bytes == 0) return box.bytes();
  const Box walk = in_memory_order(box);
  const Box::Dim& inner = walk.dims.back();
  std::uint64_t outer = 1;
  for (std::size_t i = 0; i + 1 < walk.dims.size(); ++i) outer *= walk.dims[i].count;
  const auto stride = static_cast<std::uint64_t>(inner.stride < 0 ? -inner.stride : inner.stride);
  const std::uint64_t bursts =
      stride >= burst_bytes_ ? inner.count * ceil_div(walk.row_bytes, burst_bytes_)
                             : ceil_div((inner.count - 1) * stride + walk.row_bytes, burst_bytes_);
  return std::max(box.bytes(), Bytes(outer * bursts * burst_bytes_));
}

TransferCost TransferTiming::cost(const Transfer& transfer) const {
  if (instant_) return {};
  const Bytes size = transfer.moved();
  if (transfer.space == Space::kHost)
    return {clock_.cycles_to_move(size, host_bytes_per_s_), host_latency_};
  return {clock_.cycles_to_move(moved(transfer.wire()), dram_bytes_per_s_), dram_latency_};
}

}  // namespace takt
