// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_reader.h"

#include "sim/ir/infer.h"
#include "sim/ir/verify.h"
#include "sim/workload/onnx_file.h"
#include "sim/workload/onnx_import.h"
#include "sim/workload/onnx_passes.h"

namespace takt {
namespace {

Diagnostics in_file(Diagnostics errors, const std::string& path) {
  for (Diagnostic& error : errors) error.place.file = path;
  return errors;
}

Result<Graph> read_parsed(const OnnxFile& file, const OnnxOptions& options) {
  Result<Graph> graph = import_onnx(file, options);
  if (!graph) return graph;
  simplify(*graph);
  Diagnostics errors = infer_shapes(*graph);
  if (errors.empty()) errors = verify(*graph);
  if (!errors.empty()) return in_file(std::move(errors), file.path);
  return graph;
}

}  // namespace

Result<Graph> read_onnx(const std::string& path, const OnnxOptions& options) {
  const auto file = parse_onnx(path);
  if (!file) return file.errors();
  return read_parsed(*file, options);
}

Result<Graph> read_onnx_bytes(const std::string& path, const std::string& bytes,
                              const OnnxOptions& options) {
  const auto file = parse_onnx_bytes(path, bytes);
  if (!file) return file.errors();
  return read_parsed(*file, options);
}

}  // namespace takt
