// SPDX-License-Identifier: Apache-2.0
#pragma once
// The ONNX format's own conformance tests, as Debian's libonnx-testdata installs them: a folder
// each with a model of one operator, inputs, and the outputs that must come of them.

#include <onnx/onnx.pb.h>

#include <string>
#include <vector>

#include "sim/ir/graph.h"

namespace takt {

struct OnnxNodeCase {
  std::string name;
  std::string op;       ///< of the model's first node
  std::string type;     ///< of its first input, as the format calls it
  std::string problem;  ///< why its files say nothing: sequences, optionals, damaged tensors
  onnx::ModelProto model;
  std::vector<onnx::TensorProto> inputs, outputs;
};

/// All tests under `root`/node, by name; empty if there is no such folder.
std::vector<OnnxNodeCase> load_onnx_node_cases(const std::string& root);

/// How many of a model's inputs are stored in it, as a real file would store them. The suite gives
/// even axes and shapes as inputs, which no compiler can work from.
enum class OnnxBinding {
  kNothing,
  kShapes,      ///< whole numbers of at most one dimension behind the first input, scales, scalars
  kWholes,      ///< all whole numbers, scales and scalars
  kParameters,  ///< everything behind the first input: weights, statistics, initial states
};
/// The model with those inputs stored in it, as bytes of a file.
std::string bound_model(const OnnxNodeCase& one, OnnxBinding binding);
/// The inputs that are not.
std::vector<std::string> free_inputs(const OnnxNodeCase& one, OnnxBinding binding);

/// A tensor of the suite by our own reader; `problem` says why there is none.
Tensor onnx_node_tensor(const onnx::TensorProto& proto, std::string& problem);

}  // namespace takt
