// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/transfer_timing.h"

#include <algorithm>

#include "sim/base/math.h"
#include "sim/program/box_walk.h"

namespace takt {

TransferTiming::TransferTiming(const Machine& machine)
    : clock_(machine.clock),
      dram_bytes_per_s_(fastest_bytes_per_s(machine.memory)),
      host_bytes_per_s_(machine.host.payload_bytes_per_s),
      ideal_(machine.memory.ideal),
      instant_(ideal_ && machine.matrix.timing == MatrixUnit::Timing::kScaleSim),
      shared_(machine.shared),
      shared_users_(3 * machine.cores + 2) {  // loads, weights, stores; the host's two
  if (machine.memory.ideal) return;
  const Memory& memory = machine.memory;
  const Cache& cache = memory.inner_cache.present() ? memory.inner_cache : memory.cache;
  // What a cache has is moved by the byte.
  if (!cache.present()) {
    burst_bytes_ =
        std::uint64_t{machine.memory.timing.burst_length} * machine.memory.timing.bus_bits / 8;
  }
  // Rounded down, so that `transaction`, which counts real time, is never below it.
  const DramTiming& t = machine.memory.timing;
  const auto in_cycles = [this](Femtoseconds time) { return cycles_within(time, 1); };
  dram_latency_ = cache.present()
                      ? in_cycles(cache.latency)
                      : Cycles(std::uint64_t{std::min(t.cl, t.cwl)} * clock_.hz() / t.clock_hz);
  request_bytes_ = machine.dma.burst.value();
  outstanding_ = machine.dma.outstanding;
  request_interval_ = machine.dma.request_interval;
  request_latency_ = dram_latency_ + in_cycles(machine.dma.latency);
  if (cache.present() && !cache.warm) {
    in_flight_ = std::uint64_t{outstanding_} * machine.cores;
    miss_bytes_ = std::max(cache.line.value(), request_bytes_);
    miss_latency_ = request_latency_ + in_cycles(cache.miss);
    miss_bytes_per_s_ = memory.bandwidth_bytes_per_s;
    if (memory.inner_cache.present()) {
      miss_latency_ += in_cycles(memory.cache.latency);
      miss_bytes_per_s_ = memory.cache.bandwidth_bytes_per_s;
    }
    if (!memory.cache.warm) {
      if (memory.inner_cache.present()) miss_latency_ += in_cycles(memory.cache.miss);
      miss_latency_ += Cycles(std::uint64_t{t.cl} * clock_.hz() / t.clock_hz);
      miss_bytes_ = std::max(miss_bytes_, memory.cache.line.value());
      miss_bytes_per_s_ = std::min(miss_bytes_per_s_, memory.bandwidth_bytes_per_s);
    }
  }
  const std::uint64_t host_fs = machine.host.latency.value() + machine.host.driver_cost.value();
  host_latency_ = Cycles(static_cast<std::uint64_t>(static_cast<uint128>(host_fs) * clock_.hz() /
                                                    ClockDomain::kFemtosPerSecond));
}

// floor(n x time)
Cycles TransferTiming::cycles_within(Femtoseconds time, std::uint64_t n) const {
  return Cycles(static_cast<std::uint64_t>(static_cast<uint128>(time.value()) * n * clock_.hz() /
                                           ClockDomain::kFemtosPerSecond));
}

// A burst is the least DRAM moves, a line of its banks the least the shared buffer does: rows
// shorter than one, or further apart, cost whole ones. Of the box in memory's order,
//   pieces = outer rows x (stride >= piece ? count x ceil(row / piece)
//                                          : ceil(((count - 1) x stride + row) / piece))
Bytes TransferTiming::moved(const Box& box, std::uint64_t piece) {
  if (piece <= 1 || box.row_bytes == 0) return box.bytes();
  const Box walk = in_memory_order(box);
  const Box::Dim& inner = walk.dims.back();
  std::uint64_t outer = 1;
  for (std::size_t i = 0; i + 1 < walk.dims.size(); ++i) outer *= walk.dims[i].count;
  const auto stride = static_cast<std::uint64_t>(inner.stride < 0 ? -inner.stride : inner.stride);
  const std::uint64_t pieces = stride >= piece
                                   ? inner.count * ceil_div(walk.row_bytes, piece)
                                   : ceil_div((inner.count - 1) * stride + walk.row_bytes, piece);
  return std::max(box.bytes(), Bytes(outer * pieces * piece));
}

// The link moves what is asked for, the banks whole lines.
TransferCost TransferTiming::shared_cost(const Transfer& transfer) const {
  const std::uint64_t lines = moved(transfer.remote, shared_.memory.width.value()).value();
  const std::uint64_t ports =
      std::max(bytes_per_cycle(shared_.memory, false), bytes_per_cycle(shared_.memory, true));
  const std::uint64_t busy = std::max(
      ceil_div(transfer.remote.bytes().value(), shared_.link.value()), ceil_div(lines, ports));
  return {Cycles(busy), shared_.latency, {}};
}

// At least so many: rows that follow each other without a gap are one, and a burst begun is a
// request. Where rows lie across bursts there are more.
std::uint64_t TransferTiming::requests(const Transfer& transfer, const Box& wire) const {
  if (request_bytes_ == 0 || wire.row_bytes == 0) return 0;
  if (const std::uint64_t piece = transfer.piece_bytes; piece > 0) {
    const Box rows = rows_in_memory_order(wire);
    return rows.rows() * (rows.row_bytes / piece * ceil_div(piece, request_bytes_) +
                          ceil_div(rows.row_bytes % piece, request_bytes_));
  }
  const Box box = in_memory_order(wire);
  std::uint64_t row = box.row_bytes, rows = 1, joints = 0;
  auto reach = static_cast<std::int64_t>(row);  // from the first byte so far to the last
  for (std::size_t d = box.dims.size(); d-- > 0;) {
    const Box::Dim& dim = box.dims[d];
    if (dim.count <= 1) continue;
    const bool joins = dim.stride == reach;
    reach += dim.stride * (dim.count - 1);
    if (rows == 1 && joins) {
      row *= dim.count;
      continue;
    }
    // Where a later row begins at the end of one before, the two share a request at most.
    joints = joints * dim.count + (joins ? dim.count - 1 : 0);
    rows *= dim.count;
  }
  return rows * ceil_div(row, request_bytes_) - joints;
}

RequestCost TransferTiming::cost_of(std::uint64_t requests) const {
  const uint128 in_flight = static_cast<uint128>(requests) * request_latency_.value();
  return {Cycles(static_cast<std::uint64_t>(in_flight / outstanding_)), request_latency_,
          cycles_within(request_interval_, requests),
          cycles_within(request_interval_, requests - std::min<std::uint64_t>(requests, 1))};
}

TransferCost TransferTiming::cost(const Transfer& transfer) const {
  if (instant_) return {};
  const Bytes size = transfer.moved();
  if (transfer.space == Space::kHost)
    return {clock_.cycles_to_move(size, host_bytes_per_s_), host_latency_, {}};
  if (transfer.space == Space::kShared) return shared_cost(transfer);
  const Box wire = transfer.wire();
  return {clock_.cycles_to_move(moved(wire, burst_bytes_), dram_bytes_per_s_), dram_latency_,
          cost_of(requests(transfer, wire))};
}

Cycles TransferTiming::least(const ActionCounts& moved) const {
  if (ideal_) return Cycles(0);
  const Cycles dram = clock_.cycles_to_move(Bytes(moved.dram_read_bytes + moved.dram_write_bytes),
                                            dram_bytes_per_s_);
  return std::max(dram, least_shared(moved));
}

// Unique bytes lie in at least bytes / piece requests that miss; of those W fly at a time. They
// come through the slowest of what lies behind the cache.
Cycles TransferTiming::least_of_misses(Bytes read_first) const {
  if (miss_bytes_ == 0) return Cycles(0);
  const std::uint64_t misses = read_first.value() / miss_bytes_;
  const Cycles flight(static_cast<std::uint64_t>(static_cast<uint128>(misses) *
                                                 miss_latency_.value() / in_flight_));
  return std::max(flight, clock_.cycles_to_move(Bytes(misses * miss_bytes_), miss_bytes_per_s_));
}

// bytes / capacity, rounded down. A bank's books (SramCore) are in 1/65536 bytes a cycle, rounded
// down for each user, so that in them all users together seem to move that much more.
Cycles TransferTiming::least_shared(const ActionCounts& moved) const {
  if (!shared_.present()) return Cycles(0);
  constexpr unsigned kFraction = 16;
  const std::uint64_t slack = std::uint64_t{shared_users_} * shared_.memory.banks;
  const auto cycles = [&](std::uint64_t bytes, bool write) {
    const uint128 capacity = (uint128{bytes_per_cycle(shared_.memory, write)} << kFraction) + slack;
    return static_cast<std::uint64_t>((uint128{bytes} << kFraction) / capacity);
  };
  const std::uint64_t reads = moved.shared_read_bytes, writes = moved.shared_write_bytes;
  if (shared_.memory.shared_port) return Cycles(cycles(reads + writes, false));
  return Cycles(std::max(cycles(reads, false), cycles(writes, true)));
}

}  // namespace takt
