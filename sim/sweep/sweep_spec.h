// SPDX-License-Identifier: Apache-2.0
#pragma once
// A sweep file to a checked Sweep. docs/sweeps.md documents every key.

#include <functional>
#include <string>

#include "sim/base/result.h"
#include "sim/sweep/sweep.h"

namespace takt {

struct SweepReading {
  /// The sweep file as it was first named; its folder is where named files are looked up first.
  std::string origin;
  /// Where a machine or network lies that is not beside the sweep file, or the name unchanged.
  std::function<std::string(const std::string&name)> find_arch, find_workload;
};

/// All that is wrong with the file itself is reported at once. Whether machines and networks can be
/// read is not asked here.
Result<Sweep> read_sweep(const std::string& path, const SweepReading& reading);
/// The same of a text in memory; `name` stands for its file.
Result<Sweep> sweep_from_text(const std::string& text, const std::string& name,
                              const SweepReading& reading);

}  // namespace takt
