// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/dram_rows.h"

#include <algorithm>
#include <numeric>

#include "sim/base/math.h"

namespace takt {
namespace {

/// Channels that runs `pitch` apart meet within a row of every channel: all, if the pitch is odd.
std::uint64_t channels_met(const Memory& memory, std::uint64_t interleave, const DramRows& rows) {
  const std::uint64_t channels = memory.channels;
  if (rows.pitch % interleave != 0) return channels;
  const std::uint64_t begun = channels / std::gcd(rows.pitch / interleave, channels);
  return std::min(channels, begun * ceil_div(rows.run, interleave));
}

/// Cycles of requests for runs of `run` bytes: as many on the way to the nearest memory and back as
/// may be in flight (Little's law), one issued every interval. The DRAM's own latency is left out:
/// a machine that does not say how far its memory is has none to hide.
std::uint64_t request_cycles(const Machine& machine, std::uint64_t runs, std::uint64_t run,
                             std::uint32_t cores) {
  const Dma& dma = machine.dma;
  const Memory& memory = machine.memory;
  if (dma.burst.value() == 0) return 0;
  const Cache& nearest = memory.inner_cache.present() ? memory.inner_cache : memory.cache;
  Femtoseconds way = dma.latency;
  if (nearest.present()) way += nearest.latency;
  const std::uint64_t requests = runs * ceil_div(run, dma.burst.value());
  const auto cycles_of = [&](Femtoseconds each, std::uint64_t at_once) {
    return static_cast<std::uint64_t>(static_cast<uint128>(requests) * each.value() *
                                      machine.clock.hz() / ClockDomain::kFemtosPerSecond / at_once);
  };
  return std::max(cycles_of(way, std::uint64_t{dma.outstanding} * cores),
                  cycles_of(dma.request_interval, cores));
}

}  // namespace

// A block is one row of each bank group in every channel, G x C rows: what a stream opens at a
// time. A run opens those of its pieces (an interleave's bytes lie in one channel, consecutive
// bursts in consecutive bank groups); runs of the same block share them.
//   rows opened   = blocks x min(runs a block x rows a run, rows of the block)
//   cycles        = max(bursts x burst / (bandwidth x channels used / C),
//                       rows opened x max(tFAW / 4, tRRD_S) / channels used,
//                       requests x way / in flight)
std::uint64_t dram_cycles(const Machine& machine, const DramRows& rows, std::uint32_t cores) {
  const Memory& memory = machine.memory;
  const DramTiming& t = memory.timing;
  const auto rated_cycles = [&](std::uint64_t bytes) {
    return mul_div_ceil(bytes, machine.clock.hz(), memory.bandwidth_bytes_per_s);
  };
  if (memory.ideal) return 0;
  const bool streamed = machine.dma.compression.word_bits > 0;  // a tile is one run
  if (streamed || rows.run == 0 || rows.bytes <= rows.run) {
    return std::max(rated_cycles(rows.bytes), request_cycles(machine, 1, rows.bytes, cores));
  }
  const std::uint64_t channels = memory.channels, groups = t.bank_groups;
  const std::uint64_t burst = std::uint64_t{t.burst_length} * t.bus_bits / 8;
  const std::uint64_t interleave =
      memory.interleave.value() > 0 ? memory.interleave.value() : t.row_bytes.value();
  const std::uint64_t block = t.row_bytes.value() * groups * channels;
  const std::uint64_t runs = ceil_div(rows.bytes, rows.run);
  const std::uint64_t pieces = ceil_div(rows.run, interleave);
  const std::uint64_t met = channels_met(memory, interleave, rows);
  // Hashed, the channels are dealt out anew in each row of all of them.
  const std::uint64_t used = memory.hashed ? channels : met;
  const std::uint64_t in_block = memory.hashed ? std::min(channels, met * groups) : met;
  const std::uint64_t rows_a_piece =
      std::min(groups, ceil_div(std::min(rows.run, interleave), burst));
  const std::uint64_t rows_a_run =
      std::min(pieces * rows_a_piece, ceil_div(rows.run, block) * groups * channels);
  const std::uint64_t runs_a_block =
      std::max<std::uint64_t>(1, block / std::max(rows.pitch, rows.run));
  const std::uint64_t rows_a_block = in_block * rows_a_piece;
  const std::uint64_t opened =
      runs_a_block == 1
          ? runs * rows_a_run
          : ceil_div(runs, runs_a_block) * std::min(runs_a_block * rows_a_run, rows_a_block);
  const std::uint64_t bus = rated_cycles(runs * round_up(rows.run, burst)) * channels / used;
  const std::uint64_t apart =
      std::max<std::uint64_t>(t.faw, std::uint64_t{4} * t.rrd_s);  // of four
  const std::uint64_t open =
      mul_div_ceil(opened * apart, machine.clock.hz(), t.clock_hz * 4 * used);
  return std::max({bus, open, request_cycles(machine, runs, rows.run, cores)});
}

}  // namespace takt
