// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_parameters.h"

#include <algorithm>
#include <string_view>

namespace takt {
namespace {

/// Operators whose operands from the second on are parameters when they are graph inputs.
constexpr std::string_view kWeighted[] = {"Conv",
                                          "ConvTranspose",
                                          "Gemm",
                                          "MatMul",
                                          "BatchNormalization",
                                          "InstanceNormalization",
                                          "LayerNormalization",
                                          "GroupNormalization",
                                          "LSTM",
                                          "GRU",
                                          "RNN"};
/// Operators behind which a weight is still a weight.
constexpr std::string_view kPassing[] = {"Identity", "Transpose", "Reshape", "Cast"};

template <std::size_t kCount>
bool is_one_of(const std::string& name, const std::string_view (&list)[kCount]) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

/// The values that reach a parameter slot, found backwards from the slots.
std::unordered_set<std::string_view> reaching(const onnx::GraphProto& graph,
                                              const std::vector<int>& order) {
  std::unordered_set<std::string_view> found;
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const onnx::NodeProto& node = graph.node(*it);
    if (is_one_of(node.op_type(), kWeighted)) {
      for (int i = 1; i < node.input_size(); ++i) found.insert(node.input(i));
    } else if (node.op_type() == "Gather") {
      if (node.input_size() > 0) found.insert(node.input(0));
    } else if (is_one_of(node.op_type(), kPassing) && node.input_size() > 0 &&
               node.output_size() > 0 && found.count(node.output(0)) > 0) {
      found.insert(node.input(0));
    }
  }
  return found;
}

/// Does the file hold the values of a weight? Then what it lists as an input is one.
bool stores_weights(const onnx::GraphProto& graph,
                    const std::unordered_set<std::string_view>& weights) {
  return std::any_of(graph.initializer().begin(), graph.initializer().end(),
                     [&](const auto& tensor) {
                       return tensor.dims_size() >= 2 && weights.count(tensor.name()) > 0;
                     });
}

}  // namespace

std::unordered_set<std::string> find_parameters(const onnx::GraphProto& graph,
                                                const std::vector<int>& order,
                                                const std::vector<OnnxInputFacts>& inputs) {
  const auto weights = reaching(graph, order);
  std::unordered_set<std::string> found;
  std::size_t first = inputs.size();  // of the parameters, in the file's order
  bool any_open = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    any_open = any_open || !inputs[i].is_static;
    if (inputs[i].forced || !inputs[i].is_static || weights.count(inputs[i].name) == 0) continue;
    found.insert(inputs[i].name);
    first = std::min(first, i);
  }
  if (found.empty()) return found;
  if (found.size() == inputs.size()) found.erase(inputs.front().name);  // something comes in
  if (stores_weights(graph, weights)) return found;
  // The file lists weights as inputs, so it lists biases, scales and tables that stand in no such
  // slot too. True inputs have an open batch dimension; where no dimension is open at all,
  // exporters list the true inputs before the first weight.
  for (std::size_t i = any_open ? 0 : std::max<std::size_t>(first, 1); i < inputs.size(); ++i) {
    if (inputs[i].is_static && !inputs[i].forced) found.insert(inputs[i].name);
  }
  return found;
}

}  // namespace takt
