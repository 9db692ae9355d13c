// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a sweep needs to know of the models: how a point's machine and network are read, and how it
// is run. Given by whoever knows them; called in worker processes, one call at a time.

#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/machine/machine_spec.h"
#include "sim/stats/record.h"
#include "sim/sweep/sweep.h"

namespace takt {

/// A network as a point has it.
struct NetworkFacts {
  std::string hash;
  std::int64_t batch = 1;
};

class PointModel {
 public:
  PointModel() = default;
  PointModel(const PointModel&) = delete;
  PointModel& operator=(const PointModel&) = delete;
  virtual ~PointModel() = default;

  /// The machine with the point's overrides.
  virtual Result<MachineConfig> machine(const PointRequest& request) = 0;
  /// The network at the point's batch and precision, for that machine.
  virtual Result<NetworkFacts> network(const PointRequest& request, const Machine& machine) = 0;
  /// Maps and simulates. That nothing fits is an error of kind kInfeasible.
  virtual Result<RunRecord> run(const PointRequest& request) = 0;
};

}  // namespace takt
