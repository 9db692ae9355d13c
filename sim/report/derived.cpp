// SPDX-License-Identifier: Apache-2.0
#include "sim/report/derived.h"

#include <algorithm>
#include <array>

namespace takt {
namespace {

std::uint64_t dram_bytes(const ActionCounts& c) { return c.dram_read_bytes + c.dram_write_bytes; }

double ratio(double numerator, double denominator) {
  return denominator > 0 ? numerator / denominator : 0;
}

/// Bytes that must follow each other at the rated bandwidth. Ideal memory gives each core's reads
/// and writes a pipe each, and the host's own moves take no time of it.
std::uint64_t bytes_through_one_pipe(const ActionCounts& c, const MachineFacts& machine) {
  if (machine.ideal_dram_pipes == 0) return dram_bytes(c);
  const std::uint64_t reads = c.dram_read_bytes - std::min(c.dram_read_bytes, c.host_write_bytes);
  const std::uint64_t writes = c.dram_write_bytes - std::min(c.dram_write_bytes, c.host_read_bytes);
  return std::max(reads, writes) / machine.ideal_dram_pipes;
}

/// What DRAM, host link and vector unit need for `counts`; the two directions of the host link run
/// at the same time, so the longer one counts.
ResourceTimes shared_times(const ActionCounts& counts, const MachineFacts& machine) {
  ResourceTimes t;
  t.vector =
      ratio(static_cast<double>(counts.vector_lane_ops),
            static_cast<double>(machine.vector_lanes) * static_cast<double>(machine.clock_hz));
  t.dram = ratio(static_cast<double>(bytes_through_one_pipe(counts, machine)),
                 static_cast<double>(machine.memory_bytes_per_s));
  const std::uint64_t host = std::max(counts.host_read_bytes, counts.host_write_bytes);
  t.host =
      ratio(static_cast<double>(host), static_cast<double>(machine.host_bytes_per_s.value_or(0)));
  return t;
}

/// Seconds for the MACs that lanes do, one a cycle, in place of the arrays.
double lane_seconds(const ActionCounts& counts, const MachineFacts& machine) {
  return ratio(static_cast<double>(counts.vector_macs),
               static_cast<double>(machine.vector_lanes) * static_cast<double>(machine.clock_hz));
}

/// `lanes`: see lane_seconds; arrays and lanes may work at the same time.
std::optional<Roofline> roofline_of(double lanes, const ResourceTimes& t, std::uint64_t macs,
                                    std::uint64_t bytes, double taken) {
  const double compute = std::max(t.matrix, lanes);
  const double least = std::max({compute, t.dram, t.host});
  if (macs == 0 || least <= 0) return std::nullopt;
  const double ops = 2.0 * static_cast<double>(macs);  // 1 MAC = 2 ops
  Roofline r;
  r.bound = least == compute ? "compute" : least == t.dram ? "memory" : "host";
  r.attainable_ops_per_s = ops / least;
  r.achieved_ops_per_s = ratio(ops, taken);
  if (bytes > 0) r.intensity_ops_per_byte = ops / static_cast<double>(bytes);
  return r;
}

/// Arrays' time at peak, in cycles: sum over layers of macs / peak(dtype), so that layers of
/// different precision count what they could have done. With one precision this is macs / peak.
double peak_cycles(const RunRecord& record) {
  double cycles = 0;
  for (const LayerRecord& layer : record.layers) {
    cycles += peak_cycles(layer.macs, layer.dtype, record.machine);
  }
  return cycles;
}

/// Of all DRAM channels.
std::uint64_t channels_sum(const RunRecord& record, std::string_view counter) {
  std::uint64_t sum = 0;
  for (const UnitRecord& unit : record.units) {
    if (unit.name.rfind("dram.", 0) != 0) continue;
    for (const auto& [name, value] : unit.counters) sum += name == counter ? value : 0;
  }
  return sum;
}

/// Did the engine play DRAM channels, whether they moved anything or not?
bool has_channels(const RunRecord& record) {
  return std::any_of(record.units.begin(), record.units.end(), [](const UnitRecord& unit) {
    return unit.name.rfind("dram.", 0) == 0 && !unit.counters.empty();
  });
}

/// What the units' counters are of: all of a run, or of what was played of it.
Cycles played(const RunRecord& record) {
  return record.partial ? record.partial->end : record.cycles;
}

}  // namespace

double seconds(Cycles cycles, const MachineFacts& machine) {
  return static_cast<double>(cycles.value()) / static_cast<double>(machine.clock_hz);
}

double peak_cycles(std::uint64_t macs, DType dtype, const MachineFacts& machine) {
  const PeakRate& peak = machine.peak_of(dtype);
  return ratio(static_cast<double>(macs) * static_cast<double>(peak.cycles),
               static_cast<double>(peak.macs));
}

double speed_up(const RunRecord& record, const RunRecord& than) {
  return ratio(seconds(than.cycles, than.machine), seconds(record.cycles, record.machine));
}

ResourceTimes resource_times(const LayerRecord& layer, const MachineFacts& machine) {
  ResourceTimes t = shared_times(layer.counts, machine);
  // MACs that the vector unit did are none of the arrays' work.
  if (layer.counts.macs_executed > 0) {
    t.matrix =
        peak_cycles(layer.macs, layer.dtype, machine) / static_cast<double>(machine.clock_hz);
  }
  return t;
}

ResourceTimes resource_times(const RunRecord& record) {
  ResourceTimes t = shared_times(record.counts, record.machine);
  double cycles = 0;
  for (const LayerRecord& layer : record.layers) {
    if (layer.counts.macs_executed == 0) continue;
    cycles += peak_cycles(layer.macs, layer.dtype, record.machine);
  }
  t.matrix = cycles / static_cast<double>(record.machine.clock_hz);
  return t;
}

double utilization(const RunRecord& record) {
  return ratio(peak_cycles(record), static_cast<double>(record.cycles.value()));
}

std::optional<double> utilization(const LayerRecord& layer, const MachineFacts& machine) {
  if (layer.counts.macs_executed == 0 || layer.matrix_busy.value() == 0) return std::nullopt;
  return peak_cycles(layer.macs, layer.dtype, machine) /
         static_cast<double>(layer.matrix_busy.value());
}

std::optional<Roofline> roofline(const RunRecord& record) {
  return roofline_of(lane_seconds(record.counts, record.machine), resource_times(record),
                     record.macs, dram_bytes(record.counts),
                     seconds(record.cycles, record.machine));
}

std::optional<Roofline> roofline(const LayerRecord& layer, const MachineFacts& machine) {
  return roofline_of(lane_seconds(layer.counts, machine), resource_times(layer, machine),
                     layer.macs, dram_bytes(layer.counts),
                     seconds(layer.end - layer.start, machine));
}

std::optional<double> dram_bandwidth(const LayerRecord& layer, const MachineFacts& machine) {
  const std::uint64_t bytes = dram_bytes(layer.counts);
  if (bytes == 0 || layer.end <= layer.start) return std::nullopt;
  return static_cast<double>(bytes) / seconds(layer.end - layer.start, machine);
}

double dram_bandwidth(const RunRecord& record) {
  return ratio(static_cast<double>(dram_bytes(record.counts)),
               seconds(record.cycles, record.machine));
}

std::optional<DramMoved> dram_moved(const RunRecord& record) {
  const std::uint64_t reads = channels_sum(record, "reads");
  const std::uint64_t bursts = reads + channels_sum(record, "writes");
  if (!record.machine.cached || !has_channels(record)) return std::nullopt;
  if (bursts == 0) return DramMoved{0, 0, 0};
  const std::uint64_t moved = channels_sum(record, "bytes_transferred");
  const std::uint64_t read = moved / bursts * reads;  // all bursts are of one size
  return DramMoved{read, moved - read,
                   ratio(static_cast<double>(moved), seconds(played(record), record.machine))};
}

std::optional<RowOutcomes> row_outcomes(const RunRecord& record) {
  const auto sum = [&record](std::string_view name) {
    return static_cast<double>(channels_sum(record, name));
  };
  const double hits = sum("row_hits"), misses = sum("row_misses");
  const double conflicts = sum("row_conflicts"), bursts = hits + misses + conflicts;
  if (bursts == 0) return std::nullopt;
  const double rated = static_cast<double>(record.machine.dram_bytes_per_s);
  return RowOutcomes{
      hits / bursts, misses / bursts, conflicts / bursts,
      ratio(sum("bytes_transferred"), rated * seconds(played(record), record.machine))};
}

std::optional<double> tops_per_watt(const RunRecord& record) {
  const double picojoules = record.energy.total().value();
  if (record.macs == 0 || picojoules <= 0) return std::nullopt;
  return 2.0 * static_cast<double>(record.macs) / picojoules;  // ops/pJ = 10^12 ops/J
}

double estimated_share(const EnergyRecord& energy) {
  return ratio(energy.estimated.value(), energy.total().value());
}

double watts(const RunRecord& record) {
  constexpr double kJoulesAPicojoule = 1e-12;
  return ratio(record.energy.total().value() * kJoulesAPicojoule,
               seconds(record.cycles, record.machine));
}

}  // namespace takt
