// SPDX-License-Identifier: Apache-2.0
#pragma once
// An order in which every value is made before it is used. Files mostly have it; none need to.

#include <onnx/onnx.pb.h>

#include <string>
#include <vector>

#include "sim/base/diagnostic.h"

namespace takt {

/// What to call a node that has no name: its number and operator.
std::string onnx_node_name(const onnx::NodeProto& node, int index);

struct OnnxOrder {
  std::vector<int> nodes;  ///< indices into graph.node(), the file's own order where it is possible
  Diagnostics errors;      ///< a value made twice, or used and never made; a cycle
};

OnnxOrder order_nodes(const onnx::GraphProto& graph, const std::string& file);

}  // namespace takt
