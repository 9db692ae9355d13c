// SPDX-License-Identifier: Apache-2.0
#pragma once
// RunRecord: what a run was and what it counted. Raw numbers only; whatever is a ratio is computed
// in sim/report/derived.cpp. Host facts (seconds, memory) are not in it, so that two runs of the
// same input give the same record.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/base/die_area.h"
#include "sim/base/dtype.h"
#include "sim/base/quantity.h"
#include "sim/stats/counts.h"
#include "sim/stats/ledger.h"

namespace takt {

inline constexpr int kRecordSchemaVersion = 1;

/// Who ran what.
struct RunIdentity {
  std::string takt_version, takt_git;
  std::string arch_name, arch_hash;
  std::vector<std::pair<std::string, std::string>> overrides;  ///< key path, value as written
  std::string workload_name, workload_hash;
  std::int64_t batch = 1;
  std::string fidelity;
  std::uint64_t seed = 0;
  /// --zeros: of a tensor, in millionths.
  std::vector<std::pair<std::string, std::uint32_t>> zeros{};
};

/// So many MACs in so many cycles, all matrix units of the device together; 0 MACs = none.
struct PeakRate {
  std::uint64_t macs = 0;
  std::uint64_t cycles = 1;
};

/// What the machine could do at best: the denominators of derived metrics.
struct MachineFacts {
  std::uint64_t clock_hz = 1;
  std::uint32_t cores = 1;
  std::uint32_t matrix_units = 1;        ///< of all cores
  std::array<PeakRate, 6> peak{};        ///< by DType kInt8..kFp32
  std::uint64_t vector_lanes = 0;        ///< of all cores
  std::uint64_t dram_bytes_per_s = 0;    ///< rated
  std::uint64_t memory_bytes_per_s = 0;  ///< the same, or a faster cache's before it
  bool cached = false;  ///< caches before the DRAM: it need not move all that is asked for
  /// memory.ideal: cores, each of which reads and writes at the rated bandwidth; 0 = all share it.
  std::uint32_t ideal_dram_pipes = 0;
  std::optional<std::uint64_t> host_bytes_per_s;  ///< payload, one direction; none = no host link
  std::optional<DieArea> area;                    ///< none = not known

  const PeakRate& peak_of(DType dtype) const { return peak[static_cast<std::size_t>(dtype)]; }
};

/// Energy by where it went, from counts times the machine's table.
struct EnergyRecord {
  Picojoules matrix{}, vector{}, sram{}, dram{}, host_link{}, noc{}, leakage{};
  Picojoules estimated{};  ///< the part of the total that rests on `estimate` or `fitted` entries

  Picojoules total() const { return matrix + vector + sram + dram + host_link + noc + leakage; }
  EnergyRecord& operator+=(const EnergyRecord& other);
};

/// A detail of a mapping, named as in a mapping file: {"tile.p", 56}, {"outer", "pixels"}.
using MappingField = std::pair<std::string, std::variant<std::int64_t, std::string>>;

/// One row: a region of the network, in execution order.
struct LayerRecord {
  std::uint32_t index = 0;
  std::string name;
  std::string op;
  std::vector<std::string> fused;
  std::vector<std::pair<std::string, std::int64_t>> shape;
  DType dtype = DType::kInt8;
  std::vector<MappingField> mapping;
  Cycles cycles{};  ///< of its window: end - the largest end before it
  Cycles start{};
  Cycles end{};
  Cycles matrix_busy{};    ///< from its first issue to its last issue's end on any matrix unit
  std::uint64_t macs = 0;  ///< required
  ActionCounts counts;
  MatrixLedger ledger;  ///< of its window, all matrix units together
  EnergyRecord energy;
};

/// A unit of the machine. Passive parts (DRAM channels, links) have counters only.
struct UnitRecord {
  std::string name;
  std::vector<std::pair<std::string, std::uint64_t>> ledger;  ///< account, cycles; in ledger order
  std::optional<std::uint64_t> busy_cycles;
  std::vector<std::pair<std::string, std::uint64_t>> counters;
};

/// What `--check` compared.
struct CheckRecord {
  std::string reference;
  std::uint64_t compared = 0;
  std::uint64_t mismatches = 0;
  double max_abs_error = 0;
  double max_rel_error = 0;
};

/// A run that did not get to its end: why, and how much of it is in the record.
struct PartialRun {
  std::string reason;  ///< "interrupted", "cycle_limit", "deadlock"
  std::uint64_t layers_finished = 0;
  std::uint64_t layers = 0;
  Cycles end{};  ///< up to which units were played: what their ledgers sum to
};

struct RunRecord {
  RunIdentity identity;
  MachineFacts machine;
  std::optional<PartialRun> partial;  ///< absent = the run finished
  Cycles cycles{};
  std::uint64_t macs = 0;
  MatrixLedger ledger;  ///< of all matrix units; sums to cycles x matrix units
  ActionCounts counts;
  EnergyRecord energy;
  std::vector<LayerRecord> layers;
  std::vector<UnitRecord> units;
  std::optional<CheckRecord> check;
};

}  // namespace takt
