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
Result<Graph> read_printed(const std::string& path, const WorkloadOptions& options) {
  constexpr std::size_t kBytesMax = 256u << 20;
  Diagnostics errors;
  const auto text = read_whole_file(path, kBytesMax, errors);
  if (!text) return errors;
  Result<Graph> graph = read_graph_text(*text, path);
  if (!graph || !options.batch || graph->batch == *options.batch) return graph;
  Diagnostic diagnostic = usage("a printed graph has one batch only",
                                "print it again with --batch " + std::to_string(*options.batch));
  diagnostic.name = "E-batch-fixed";
  diagnostic.path = "--batch";
  return diagnostic;
}

/// Options that say something of dimensions or inputs, of a workload that has none by name.
Diagnostics options_without_effect(const std::string& text, const WorkloadOptions& options) {
  Diagnostics errors;
  const auto refuse = [&errors](const char* name, const std::string& option,
                                const std::string& message, const std::string& hint) {
    Diagnostic diagnostic = usage(message, hint);
    diagnostic.kind = ErrorKind::kUsage;
    diagnostic.name = name;
    diagnostic.path = option;
    errors.push_back(std::move(diagnostic));
  };
  const bool onnx = ends_with(text, ".onnx");
  const bool named = onnx || ends_with(text, ".yaml") || ends_with(text, ".yml");
  for (const auto& [name, value] : options.dims) {
    if (named) break;
    refuse("E-unknown-dimension", "--dim " + name,
           "this form of a workload has no dimensions with names",
           is_inline_shape(text) ? "write the number in place: " + text : "");
  }
  for (const std::string& name : options.inputs) {
    if (onnx) break;
    refuse("E-unknown-input", "--input " + name, "only ONNX files have inputs to choose from", "");
  }
  return errors;
}

}  // namespace

Result<Graph> read_workload(const std::string& text, const WorkloadOptions& options) {
  if (options.batch && (*options.batch < 1 || *options.batch > (1 << 24))) {
    Diagnostic diagnostic = usage("must be from 1 to 16777216", "");
    diagnostic.name = "E-out-of-range";
    diagnostic.path = "--batch";
    return diagnostic;
  }
  const Diagnostics useless = options_without_effect(text, options);
  if (!useless.empty()) return useless;
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
  if (ends_with(text, ".ir")) return read_printed(path, options);
  return usage("'" + text + "' is none of the forms of a workload",
               "give a file (.onnx, .yaml, .csv, .ir), gemm:m=512,n=512,k=512 or "
               "conv:n=1,c=64,h=56,w=56,k=64,r=3,s=3,stride=1,pad=1");
}

}  // namespace takt
