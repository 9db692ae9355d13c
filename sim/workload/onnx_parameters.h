// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which graph inputs are parameters. Files exported without their values list every weight as a
// graph input; docs/onnx.md has the rule in words.

#include <onnx/onnx.pb.h>

#include <string>
#include <unordered_set>
#include <vector>

namespace takt {

/// A graph input as far as the rule looks at it.
struct OnnxInputFacts {
  std::string name;
  bool is_static = false;  ///< every dimension is a number
  bool forced = false;     ///< --input: never a parameter
};

/// The names of those of `inputs` that are parameters. `order` is that of order_nodes().
std::unordered_set<std::string> find_parameters(const onnx::GraphProto& graph,
                                                const std::vector<int>& order,
                                                const std::vector<OnnxInputFacts>& inputs);

}  // namespace takt
