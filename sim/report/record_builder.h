// SPDX-License-Identifier: Apache-2.0
#pragma once
// From what an engine counted to the record. No ratio is made here; what must add up is CHECKed.

#include <functional>

#include "sim/engine/engine.h"
#include "sim/stats/record.h"

namespace takt {

struct RecordInputs {
  RunIdentity identity;
  const RegionGraph& graph;
  const Program& program;
  const EngineResult& result;
  /// Energy of a layer: its counts, its precision, the cycles of its window.
  std::function<EnergyRecord(const ActionCounts&, DType, Cycles)> energy;
  /// How Program::regions[i] was mapped.
  std::function<std::vector<MappingField>(std::size_t)> mapping;
};

/// An unfinished run gives the record of the layers that are finished, marked as partial.
RunRecord build_record(const RecordInputs& inputs);

MachineFacts machine_facts(const Machine& machine);

}  // namespace takt
