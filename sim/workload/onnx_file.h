// SPDX-License-Identifier: Apache-2.0
#pragma once
// Bytes on disk → the format's own classes.

#include <onnx/onnx.pb.h>

#include <memory>
#include <string>

#include "sim/base/result.h"

namespace takt {

/// A parsed file. Nothing in it has been judged but that it has a graph of an opset we know.
struct OnnxFile {
  std::string path;
  std::string folder;  ///< where external data may lie
  std::string hash;    ///< of the bytes
  std::int64_t opset = 0;
  std::unique_ptr<onnx::ModelProto> model;
};

Result<OnnxFile> parse_onnx(const std::string& path);
/// The same of bytes that are, or might be, the file `path`.
Result<OnnxFile> parse_onnx_bytes(const std::string& path, const std::string& bytes);

/// An error about the file as a whole or, with `path`, about one node or value of it.
Diagnostic onnx_error(const std::string& file, const std::string& name, const std::string& path,
                      const std::string& message, ErrorKind kind = ErrorKind::kInvalidInput);

inline constexpr std::int64_t kOpsetMin = 7;
inline constexpr std::int64_t kOpsetMax = 21;

}  // namespace takt
