// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every ratio we print, in one place. docs/metrics.md defines each with its symbols. An absent
// value means that the metric does not apply (no MACs, no bytes, no host link).

#include <optional>
#include <string_view>

#include "sim/stats/record.h"

namespace takt {

double seconds(Cycles cycles, const MachineFacts& machine);

/// Arrays' time at peak for `macs` of that precision, in cycles.
double peak_cycles(std::uint64_t macs, DType dtype, const MachineFacts& machine);

/// How many times as fast a run is as `than`.
double speed_up(const RunRecord& record, const RunRecord& than);

/// The least time, in seconds, that each resource needs for the counts, all others being infinite.
struct ResourceTimes {
  double matrix = 0;
  double vector = 0;
  double dram = 0;
  double host = 0;
};
ResourceTimes resource_times(const LayerRecord& layer, const MachineFacts& machine);
ResourceTimes resource_times(const RunRecord& record);

/// Total: required MACs over what the arrays could have done in all of its cycles.
double utilization(const RunRecord& record);
/// A layer: the same over its own busy span. Absent without MACs on the arrays.
std::optional<double> utilization(const LayerRecord& layer, const MachineFacts& machine);

struct Roofline {
  std::string_view bound;  ///< "compute", "memory" or "host"
  double attainable_ops_per_s = 0;
  double achieved_ops_per_s = 0;
  std::optional<double> intensity_ops_per_byte;  ///< absent if DRAM moves nothing
};
/// Absent without MACs.
std::optional<Roofline> roofline(const RunRecord& record);
std::optional<Roofline> roofline(const LayerRecord& layer, const MachineFacts& machine);

/// Bytes asked of the memory over the time from start to end, in bytes a second.
std::optional<double> dram_bandwidth(const LayerRecord& layer, const MachineFacts& machine);
double dram_bandwidth(const RunRecord& record);

/// What the DRAM behind caches moved, in whole bursts, over the run's time. Absent without caches,
/// where it moves what it is asked for, and where no channel counted (`analytic`).
struct DramMoved {
  std::uint64_t read_bytes = 0, write_bytes = 0;
  double bytes_per_s = 0;
};
std::optional<DramMoved> dram_moved(const RunRecord& record);

/// Bursts of all DRAM channels by what they found, as shares, and the share of the rated bandwidth
/// that whole bursts took. Absent where no channel counted any.
struct RowOutcomes {
  double hits = 0, misses = 0, conflicts = 0;
  double bus = 0;
};
std::optional<RowOutcomes> row_outcomes(const RunRecord& record);

/// Operations a second and watt, 10^12: 2 x MACs / energy. Absent without MACs or energy.
std::optional<double> tops_per_watt(const RunRecord& record);

/// Of the energy, what rests on entries of the table that are estimated or fitted. 0 without any.
double estimated_share(const EnergyRecord& energy);

/// Mean power, watts. 0 without cycles.
double watts(const RunRecord& record);

}  // namespace takt
