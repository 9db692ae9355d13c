// SPDX-License-Identifier: Apache-2.0
#pragma once
// Graph inputs: which of them are parameters, and what size their open dimensions have.

#include <onnx/onnx.pb.h>

#include <string>
#include <vector>

#include "sim/base/diagnostic.h"
#include "sim/ir/graph.h"
#include "sim/workload/onnx_reader.h"

namespace takt {

struct OnnxInputs {
  std::vector<Tensor> tensors;  ///< kInput or kParameter, in the file's order
  std::int64_t batch = 0;       ///< what the open batch dimension is; 0 = none is open
  std::string binding;  ///< what was bound to what, in words: part of the workload's identity
  Diagnostics errors;
};

/// `order` is that of order_nodes(). Inputs that are initializers too are parameters and not listed
/// (unless --input names them).
OnnxInputs bind_inputs(const onnx::GraphProto& graph, const std::vector<int>& order,
                       const std::string& file, const OnnxOptions& options);

}  // namespace takt
