// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_file.h"

#include <google/protobuf/io/coded_stream.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "sim/workload/onnx_scan.h"
#include "sim/workload/workload_hash.h"

namespace takt {
namespace {

/// The format itself ends here: protobuf counts bytes in 31 bits.
constexpr std::uintmax_t kMaxFileBytes = INT32_MAX;

Result<std::string> read_bytes(const std::string& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    return onnx_error(path, "E-missing-file", "", "no such file");
  }
  if (!std::filesystem::is_regular_file(path, code)) {
    return onnx_error(path, "E-unreadable-file", "", "is not a file that can be read");
  }
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  if (code || size > kMaxFileBytes) {
    return onnx_error(path, "E-unreadable-file", "", "is larger than 2 GiB, which no ONNX file is");
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) && size > 0) {
    return onnx_error(path, "E-unreadable-file", "", "cannot be read");
  }
  return bytes;
}

/// The version of the standard operators the file asks for.
Result<std::int64_t> opset_of(const std::string& path, const onnx::ModelProto& model) {
  std::optional<std::int64_t> opset;
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") opset = import.version();
  }
  // A file of other operators only: they are named when they are looked for.
  if (!opset && model.opset_import_size() > 0) return kOpsetMax;
  if (!opset) {
    return onnx_error(path, "E-onnx-file", "",
                      "names no version of the standard operators (opset)");
  }
  if (*opset < kOpsetMin || *opset > kOpsetMax) {
    Diagnostic error =
        onnx_error(path, "E-opset", "",
                   "is of opset " + std::to_string(*opset) + "; known are " +
                       std::to_string(kOpsetMin) + " to " + std::to_string(kOpsetMax),
                   ErrorKind::kUnsupported);
    error.hint = "export it again with opset_version=17, or convert it with onnx.version_converter";
    return error;
  }
  return *opset;
}

}  // namespace

Diagnostic onnx_error(const std::string& file, const std::string& name, const std::string& path,
                      const std::string& message, ErrorKind kind) {
  Diagnostic error;
  error.kind = kind;
  error.name = name;
  error.place.file = file;
  error.path = path;
  error.message = message;
  return error;
}

Result<OnnxFile> parse_onnx(const std::string& path) {
  const auto bytes = read_bytes(path);
  if (!bytes) return bytes.errors();
  return parse_onnx_bytes(path, *bytes);
}

Result<OnnxFile> parse_onnx_bytes(const std::string& path, const std::string& bytes) {
  if (bytes.size() > kMaxFileBytes) return onnx_error(path, "E-onnx-file", "", "is too large");
  const std::string problem = scan_onnx(bytes);
  if (!problem.empty()) return onnx_error(path, "E-onnx-file", "", problem);

  OnnxFile file;
  file.path = path;
  file.folder = std::filesystem::path(path).parent_path().string();
  file.hash = hash_of_text(bytes);
  file.model = std::make_unique<onnx::ModelProto>();
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  if (!file.model->ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage()) {
    return onnx_error(path, "E-onnx-file", "", "is no ONNX file, or a damaged one");
  }
  if (!file.model->has_graph()) {
    return onnx_error(path, "E-onnx-file", "", "holds no graph: no ONNX file, or a damaged one");
  }
  const auto opset = opset_of(path, *file.model);
  if (!opset) return opset.errors();
  file.opset = *opset;
  return file;
}

}  // namespace takt
