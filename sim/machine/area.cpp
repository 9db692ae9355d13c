// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/area.h"

#include <algorithm>

namespace takt {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr double kSumBits = 32;  ///< of a partial sum, whatever it is made of

/// Banks of one word's width, read and written in each cycle.
double area_of_scratchpads(const AreaTable& table, const MatrixUnit& matrix, double word_bytes) {
  const RowStationary& own = matrix.row_stationary;
  double mm2 = 0;
  for (const std::uint32_t words : {own.filter_words, own.input_words, own.sum_words}) {
    const double bytes = words * word_bytes;
    if (words == 0) continue;
    mm2 += interpolate(table.sram, bytes, word_bytes).value * table.sram.port_factor * bytes / kMiB;
  }
  return mm2;
}

/// A PE's multipliers do the most that any type asks of them: a type at half the rate needs half of
/// its own multiplier, the rest is shared. Its registers hold the operand that passes by, the
/// stationary ones and a partial sum.
double area_of_pe(const AreaTable& table, const MatrixUnit& matrix) {
  constexpr double kBitsAByte = 8;
  double cells = 0, bytes = 0;
  for (std::size_t i = 0; i < matrix.rate.size(); ++i) {
    if (matrix.rate[i].numerator == 0) continue;
    const double rate = 1.0 * matrix.rate[i].numerator / matrix.rate[i].denominator;
    cells = std::max(cells, rate * table.mac[i]);
    bytes = std::max(bytes, rate * static_cast<double>(bytes_of(static_cast<DType>(i))));
  }
  if (matrix.dataflow == Dataflow::kRowStationary) {
    // One operand of each kind at the multiplier; all else lies in scratchpads.
    const double bits = 2 * kBitsAByte * bytes + kSumBits;
    return cells + bits * table.register_bit + area_of_scratchpads(table, matrix, bytes);
  }
  const double bits = kBitsAByte * bytes * (1.0 + matrix.weight_buffers) + kSumBits;
  return cells + bits * table.register_bit;
}

double area_of_memory(const AreaTable& table, const Buffer& memory) {
  return value_of_bank(table.sram, memory).value * static_cast<double>(memory.size.value()) / kMiB;
}

/// Accumulators are a bank a column, read and written in each cycle. Row stationary has none: its
/// sums lie in scratchpads and in the buffer.
double area_of_accumulators(const AreaTable& table, const MatrixUnit& matrix) {
  constexpr std::uint64_t kSumBytes = 4;
  if (matrix.accumulator_rows == 0 || matrix.dataflow == Dataflow::kRowStationary) return 0;
  Buffer banks;
  banks.size = Bytes(matrix.accumulator_rows * matrix.cols * kSumBytes);
  banks.banks = matrix.cols;
  banks.width = Bytes(kSumBytes);
  banks.shared_port = false;
  return area_of_memory(table, banks);
}

}  // namespace

DieArea area_of(const AreaTable& table, const Machine& machine) {
  const double cores = machine.cores, arrays = cores * machine.matrix.count;
  const double pes = arrays * machine.matrix.rows * machine.matrix.cols;
  DieArea out;
  out.matrix = table.blocks * pes * area_of_pe(table, machine.matrix);
  out.vector = table.blocks * cores * machine.vector.lanes * table.vector_lane;
  out.sram = arrays * area_of_accumulators(table, machine.matrix);
  for (const Buffer& buffer : machine.buffers) out.sram += cores * area_of_memory(table, buffer);
  if (machine.shared.present()) out.sram += area_of_memory(table, machine.shared.memory);
  for (const Cache* cache : {&machine.memory.cache, &machine.memory.inner_cache}) {
    if (!cache->present()) continue;
    Buffer data;  // tags, some percent of it, are left out
    data.size = cache->size;
    data.width = cache->line;
    out.sram += area_of_memory(table, data);
  }
  out.sram *= table.blocks;
  out.dram = 1.0 * machine.memory.channels * machine.memory.timing.bus_bits * table.dram_bit;
  if (machine.host.enabled) out.host_link = machine.host.lanes * table.host_lane;
  out.other = out.total() * table.rest_share / (1 - table.rest_share);
  return out;
}

}  // namespace takt
