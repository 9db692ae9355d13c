// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which operators there are, each with the function that turns a node of it into ops. A converter
// either sets the node's results or has complained; an output it leaves unset is one we do not
// have.

#include <string>
#include <unordered_map>
#include <vector>

#include "sim/workload/onnx_node.h"

namespace takt {

using OnnxConvert = void (*)(OnnxNode& node);

struct OnnxConverter {
  const char* op;
  OnnxConvert convert;
};

using OnnxTable = std::unordered_map<std::string, OnnxConvert>;

/// All of them.
OnnxTable onnx_table();

// By family, one file each.
std::vector<OnnxConverter> onnx_window_operators();
std::vector<OnnxConverter> onnx_elementwise_operators();
std::vector<OnnxConverter> onnx_activation_operators();
std::vector<OnnxConverter> onnx_matrix_operators();
std::vector<OnnxConverter> onnx_recurrent_operators();
std::vector<OnnxConverter> onnx_norm_operators();
std::vector<OnnxConverter> onnx_reduce_operators();
std::vector<OnnxConverter> onnx_move_operators();
std::vector<OnnxConverter> onnx_slice_operators();
std::vector<OnnxConverter> onnx_shape_operators();
std::vector<OnnxConverter> onnx_resize_operators();
std::vector<OnnxConverter> onnx_constant_operators();
std::vector<OnnxConverter> onnx_einsum_operators();

}  // namespace takt
