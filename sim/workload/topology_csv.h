// SPDX-License-Identifier: Apache-2.0
#pragma once
// SCALE-Sim topology files: a layer a row, each with an input of its own.
//   conv: Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter,
//   Strides, gemm: Layer, M, N, K,
// The header says which; a row without header is told by its number of columns. There is no
// padding: the output has ceil((ifmap - filter + stride) / stride) rows.

#include <string>

#include "sim/base/result.h"
#include "sim/ir/graph.h"
#include "sim/workload/workload.h"

namespace takt {

Result<Graph> read_topology_file(const std::string& path, const WorkloadOptions& options);
Result<Graph> read_topology_text(const std::string& text, const std::string& name,
                                 const WorkloadOptions& options);

}  // namespace takt
