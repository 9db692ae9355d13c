// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tensors stored in a file, or beside it.

#include <onnx/onnx.pb.h>

#include <optional>
#include <string>

#include "sim/base/result.h"
#include "sim/ir/graph.h"

namespace takt {

/// Elements up to which a stored or computed constant keeps its values.
inline constexpr std::int64_t kMaxConstantElements = std::int64_t{1} << 18;

/// Our element type for TensorProto::DataType; nothing for strings, complex numbers and 4-bit ones.
std::optional<DType> dtype_of_onnx(std::int64_t data_type);
/// `float[2, 3]` in an error: the format's own name of a type.
std::string onnx_type_name(std::int64_t data_type);

/// Shape, type and, if they are few, elements. External data is looked for inside `folder` only; if
/// it is missing the values are unknown, which is no error. An error is a message, not a
/// Diagnostic, as only the caller knows which node it belongs to.
struct StoredValue {
  Tensor tensor;
  std::string problem;       ///< "" = none
  bool unsupported = false;  ///< the problem is ours, not the file's
};
StoredValue read_tensor(const onnx::TensorProto& proto, const std::string& folder);

}  // namespace takt
