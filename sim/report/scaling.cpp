// SPDX-License-Identifier: Apache-2.0
#include "sim/report/scaling.h"

#include <algorithm>

#include "sim/report/derived.h"

namespace takt {
namespace {

bool same_cores(const MachineFacts& a, const MachineFacts& b) {
  if (a.clock_hz != b.clock_hz || a.matrix_units * b.cores != b.matrix_units * a.cores) {
    return false;
  }
  for (std::size_t i = 0; i < a.peak.size(); ++i) {
    if (a.peak[i].cycles != b.peak[i].cycles) return false;
    if (a.peak[i].macs * b.cores != b.peak[i].macs * a.cores) return false;
  }
  return a.vector_lanes * b.cores == b.vector_lanes * a.cores;
}

std::uint64_t dram_bytes(const RunRecord& r) {
  return r.counts.dram_read_bytes + r.counts.dram_write_bytes;
}

/// More than rounding to tiles explains: one byte in sixteen.
bool moves_more(const RunRecord& first, const RunRecord& more) {
  return dram_bytes(more) > dram_bytes(first) + dram_bytes(first) / 16;
}

/// Most of what is moved lies in the buffer that the cores share.
bool mostly_shared(const RunRecord& r) {
  return r.counts.shared_read_bytes + r.counts.shared_write_bytes > dram_bytes(r);
}

/// What a core waits for with its activations when no more bytes than before go through DRAM.
std::string_view bandwidth_of(const RunRecord& r) {
  return mostly_shared(r) ? "shared buffer" : "DRAM bandwidth";
}

/// `bandwidth`: the memory that activations come from. Weights come from DRAM.
std::string_view cause_of(Account account, bool more_bytes, std::string_view bandwidth) {
  switch (account) {
    case Account::kComputeUseful:
    case Account::kComputePadding:
    case Account::kFillDrain:
    case Account::kWeightLoad: return "ragged split";
    case Account::kStallWeights: return more_bytes ? "weights reloaded per core" : "DRAM bandwidth";
    case Account::kStallInputs:
    case Account::kStallOutputs: return more_bytes ? "activations through DRAM" : bandwidth;
    case Account::kStallDependency: return "layers that wait";
    case Account::kStallHost: return "host link";
    case Account::kVectorOnly: return "vector unit";
    case Account::kIdle: return "start and end";
  }
  return "";
}

struct Grown {
  std::string_view cause;
  std::int64_t cycles = 0;
};

void add(std::vector<Grown>& grown, std::string_view cause, std::int64_t cycles) {
  const auto known = std::find_if(grown.begin(), grown.end(),
                                  [&](const Grown& entry) { return entry.cause == cause; });
  if (known == grown.end()) {
    grown.push_back({cause, cycles});
  } else {
    known->cycles += cycles;
  }
}

std::int64_t busy_of(const RunRecord& r, std::string_view unit) {
  for (const UnitRecord& u : r.units) {
    if (u.name == unit) return static_cast<std::int64_t>(u.busy_cycles.value_or(0));
  }
  return 0;
}

/// Arrays of cores that the mapper gave no work to.
std::int64_t arrays_left_out(const RunRecord& r) {
  std::int64_t arrays = 0;
  for (const UnitRecord& u : r.units) {
    const std::size_t dot = u.name.find(".matrix");
    if (dot == std::string::npos || u.busy_cycles.value_or(0) > 0) continue;
    arrays += busy_of(r, u.name.substr(0, dot) + ".vector") == 0;
  }
  return arrays;
}

/// Cores without any work idle all the time, the others while the host link brings the first input
/// and takes the last output. Where the whole run is as long as its DRAM bytes take (`analytic`
/// holds a run to that at its end), the rest is the DRAM's.
void add_idle(const RunRecord& first, const RunRecord& more, std::int64_t by,
              std::vector<Grown>& grown) {
  constexpr double kAllButSome = 0.95;
  const std::int64_t left_out = arrays_left_out(more);
  const std::int64_t unused = std::clamp<std::int64_t>(
      left_out * static_cast<std::int64_t>(more.cycles.value()), 0, std::max<std::int64_t>(0, by));
  add(grown, "cores left out", unused);
  by -= unused;
  const std::int64_t arrays = static_cast<std::int64_t>(more.machine.matrix_units) -
                              static_cast<std::int64_t>(first.machine.matrix_units) - left_out;
  const std::int64_t link = busy_of(more, "host.in") + busy_of(more, "host.out");
  const std::int64_t host =
      std::clamp<std::int64_t>(by, 0, std::max<std::int64_t>(0, arrays) * link);
  add(grown, "host link", host);
  const bool bound = resource_times(more).dram >= kAllButSome * seconds(more.cycles, more.machine);
  add(grown, bound ? "DRAM bandwidth" : cause_of(Account::kIdle, false, ""), by - host);
}

}  // namespace

std::optional<Scaling> scaling(const RunRecord& first, const RunRecord& more) {
  if (more.machine.cores <= first.machine.cores || more.macs != first.macs) return std::nullopt;
  if (more.cycles.value() == 0 || !same_cores(first.machine, more.machine)) return std::nullopt;
  Scaling s;
  s.cores = more.machine.cores;
  s.linear = static_cast<double>(more.machine.cores) / static_cast<double>(first.machine.cores);
  s.speed_up = speed_up(more, first);
  const bool more_bytes = moves_more(first, more);
  // cores x cycles of `more` = cores x cycles of `first` + what the accounts grew by.
  std::vector<Grown> grown;
  for (std::size_t a = 0; a < kAccounts; ++a) {
    const auto by = static_cast<std::int64_t>(more.ledger.cycles[a]) -
                    static_cast<std::int64_t>(first.ledger.cycles[a]);
    const auto account = static_cast<Account>(a);
    if (account == Account::kIdle) {
      add_idle(first, more, by, grown);
    } else {
      add(grown, cause_of(account, more_bytes, bandwidth_of(more)), by);
    }
  }
  for (const auto& [cause, by] : grown) {
    if (by > 0) s.losses.push_back({cause, static_cast<std::uint64_t>(by)});
  }
  std::stable_sort(s.losses.begin(), s.losses.end(),
                   [](const ScalingLoss& a, const ScalingLoss& b) { return a.cycles > b.cycles; });
  return s;
}

}  // namespace takt
