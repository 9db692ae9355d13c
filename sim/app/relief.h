// SPDX-License-Identifier: Apache-2.0
#pragma once
// What would help? Measured, not guessed: the network, mapped as it is, is played on the machine
// with one resource twice as fast (docs/metrics.md, "Relief").

#include <string>
#include <string_view>
#include <vector>

#include "sim/app/run.h"

namespace takt {

/// A resource that can be made twice as fast without another mapping.
struct Resource {
  std::string_view name;     ///< "matrix", "dram", "sync" …
  std::string_view doubled;  ///< "twice the MACs a cycle in each PE"
  void (*speed_up)(Machine&);
};
/// Those that the machine has.
std::vector<Resource> resources_of(const Machine& machine);

struct Relief {
  Resource resource;
  Cycles layer{};  ///< the layer's window with it
  Cycles total{};  ///< the run's cycles with it
};

struct ReliefReport {
  Cycles layer{};  ///< nothing changed
  Cycles total{};
  std::vector<Relief> reliefs;
  /// Resources whose doubling saves the most, largest first: co-bottlenecks are within two
  /// hundredths of the layer's cycles of the best. None if the best saves less than one hundredth.
  std::vector<std::string> bottlenecks() const;
};

/// Of every layer, by program region, as the engine of `fidelity` counts cycles. All but the
/// analytic engine play in child processes: SystemC must not have been elaborated in this one.
/// `stop` ends it early, with an empty answer.
std::vector<ReliefReport> measure_relief(const PreparedRun& prepared, Fidelity fidelity,
                                         const std::atomic<bool>* stop = nullptr);

/// "matrix and dram", or "-".
std::string bottleneck_text(const ReliefReport& report);

}  // namespace takt
