// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_table.h"

namespace takt {

OnnxTable onnx_table() {
  OnnxTable table;
  for (const auto& family :
       {onnx_window_operators(), onnx_elementwise_operators(), onnx_activation_operators(),
        onnx_matrix_operators(), onnx_recurrent_operators(), onnx_norm_operators(),
        onnx_reduce_operators(), onnx_move_operators(), onnx_slice_operators(),
        onnx_shape_operators(), onnx_resize_operators(), onnx_constant_operators(),
        onnx_einsum_operators()}) {
    for (const OnnxConverter& converter : family) {
      const bool fresh = table.emplace(converter.op, converter.convert).second;
      CHECK(fresh) << converter.op << " stands in two families";
    }
  }
  return table;
}

}  // namespace takt
