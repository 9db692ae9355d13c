// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whatever names a workload on the command line, to a graph.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/ir/graph.h"

namespace takt {

struct WorkloadOptions {
  /// --batch; else what the workload says, else 1.
  std::optional<std::int64_t> batch;
  /// --dim NAME=N: symbolic dimensions of ONNX files, dimensions of network files.
  std::map<std::string, std::int64_t> dims;
  /// --input NAME, ONNX only.
  std::vector<std::string> inputs;
  /// Folders to look a named file up in if it is not where it says: the installed workloads.
  std::vector<std::string> roots;
};

/// An .onnx file, a network file (.yaml), a SCALE-Sim topology (.csv), a
/// graph that was printed (.ir), `gemm:…` or `conv:…`.
/// Shapes are inferred and the graph is verified.
Result<Graph> read_workload(const std::string& text, const WorkloadOptions& options);

}  // namespace takt
