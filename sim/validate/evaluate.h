// SPDX-License-Identifier: Apache-2.0
#pragma once
// One simulation, named as on the command line. The function that does it comes in from the
// application, which alone knows models: a suite can do nothing that `takt run` cannot.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/backend/compile.h"
#include "sim/base/result.h"
#include "sim/machine/machine.h"
#include "sim/stats/record.h"

namespace takt {

struct RunRequest {
  std::string arch;                                        ///< -a
  std::string workload;                                    ///< -w
  std::vector<std::string> overrides;                      ///< --set
  std::vector<std::pair<std::string, std::int64_t>> dims;  ///< --dim
  std::optional<std::int64_t> batch;                       ///< --batch
  std::string mapping;    ///< --mapping: in place, `timeloop:…`, or a file
  std::string objective;  ///< --objective; empty: cycles
  std::vector<std::pair<std::string, std::uint32_t>> zeros;  ///< --zeros, in millionths
};

/// `takt run` with what the request holds, as one would type it.
std::string command_line(const RunRequest& request);

/// The machine that a request would run on.
using MachineOf = std::function<Result<Machine>(const RunRequest&)>;
using Evaluate = std::function<Result<RunRecord>(const RunRequest&)>;
/// A network's program on npu_128, for suites of values. The machine lives as long as the function.
using CompileRegions = std::function<Result<std::shared_ptr<const CompiledNetwork>>(
    std::shared_ptr<const RegionGraph>)>;

}  // namespace takt
