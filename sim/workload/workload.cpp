// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/workload.h"

#include "sim/config/compose.h"
#include "sim/config/parse.h"
#include "sim/ir/print.h"
#include "sim/workload/inline_shape.h"
#include "sim/workload/onnx_reader.h"
#include "sim/workload/topology_csv.h"
#include "sim/workload/yaml_network.h"

namespace takt {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Diagnostic usage(const std::string& message, const std::string& hint) {
  Diagnostic diagnostic;
  diagnostic.name = "E-workload-form";
  diagnostic.path = "--workload";
  diagnostic.message = message;
  diagnostic.hint = hint;
  return diagnostic;
}

/// A graph that `--dump ir` printed: everything in it is fixed.
Result<Graph> read_printed(const std::string& path) {
  constexpr std::size_t kBytesMax = 256u << 20;
  Diagnostics errors;
  const auto text = read_whole_file(path, kBytesMax, errors);
  if (!text) return errors;
  return read_graph_text(*text, path);
}

}  // namespace

Result<Graph> read_workload(const std::string& text, const WorkloadOptions& options) {
  if (options.batch && (*options.batch < 1 || *options.batch > (1 << 24))) {
    Diagnostic diagnostic = usage("must be from 1 to 16777216", "");
    diagnostic.name = "E-out-of-range";
    diagnostic.path = "--batch";
    return diagnostic;
  }
  if (is_inline_shape(text)) return read_inline_shape(text, options);
  const std::string path = find_file(text, "", options.roots).value_or(text);
  if (ends_with(text, ".onnx")) {
    OnnxOptions onnx;
    onnx.batch = options.batch;
    onnx.dims = options.dims;
    onnx.inputs = options.inputs;
    return read_onnx(path, onnx);
  }
  if (ends_with(text, ".yaml") || ends_with(text, ".yml")) return read_network_file(path, options);
  if (ends_with(text, ".csv")) return read_topology_file(path, options);
  if (ends_with(text, ".ir")) return read_printed(path);
  return usage("'" + text + "' is none of the forms of a workload",
               "give a file (.onnx, .yaml, .csv, .ir), gemm:m=512,n=512,k=512 or "
               "conv:n=1,c=64,h=56,w=56,k=64,r=3,s=3,stride=1,pad=1");
}

}  // namespace takt
