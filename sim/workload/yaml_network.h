// SPDX-License-Identifier: Apache-2.0
#pragma once
// Our network files (workloads/*.yaml). The language is described in workloads/README.md.

#include <string>

#include "sim/base/result.h"
#include "sim/ir/graph.h"
#include "sim/workload/workload.h"

namespace takt {

Result<Graph> read_network_file(const std::string& path, const WorkloadOptions& options);
/// The same of a text in memory; `name` stands for its file.
Result<Graph> read_network_text(const std::string& text, const std::string& name,
                                const WorkloadOptions& options);

}  // namespace takt
