// SPDX-License-Identifier: Apache-2.0
#pragma once
// Nodes → ops, in order.

#include "sim/base/result.h"
#include "sim/workload/onnx_file.h"
#include "sim/workload/onnx_reader.h"

namespace takt {

/// The graph of a parsed file as it stands there, nothing simplified.
Result<Graph> import_onnx(const OnnxFile& file, const OnnxOptions& options);

}  // namespace takt
