// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX files. What is read, what becomes of it and which operators there are: docs/onnx.md.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/ir/graph.h"

namespace takt {

struct OnnxOptions {
  /// --batch, only if the user gave it; 1 where the file leaves it open and nobody says.
  std::optional<std::int64_t> batch;
  /// --dim NAME=N
  std::map<std::string, std::int64_t> dims;
  /// --input NAME: graph inputs that are inputs, whatever the parameter rule says.
  std::vector<std::string> inputs;
};

/// The network of an .onnx file: shapes inferred, shape arithmetic and what depends on parameters
/// alone evaluated, batch norms folded, decomposed operators put together again, verified.
Result<Graph> read_onnx(const std::string& path, const OnnxOptions& options);
/// The same of bytes that are, or might be, the file `path`: its folder is where data may lie.
Result<Graph> read_onnx_bytes(const std::string& path, const std::string& bytes,
                              const OnnxOptions& options);

}  // namespace takt
