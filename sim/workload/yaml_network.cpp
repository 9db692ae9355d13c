// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/yaml_network.h"

#include <algorithm>

#include "sim/config/parse.h"
#include "sim/config/reader.h"
#include "sim/ir/verify.h"
#include "sim/workload/workload_hash.h"
#include "sim/workload/yaml_layers.h"

namespace takt {
namespace {

/// The file from its first key to its graph.
class NetworkReader {
 public:
  NetworkReader(const Node& root, const WorkloadOptions& options, Diagnostics& errors)
      : root_(root), options_(options), errors_(errors), net_(errors) {}

  Graph run(const std::string& fallback_name) {
    Reader keys(root_, errors_);
    net_.builder.graph().name = keys.optional("name", Text{}, fallback_name);
    keys.take("description");
    keys.take("source");
    keys.take("estimate");
    if (const auto dtype = keys.maybe("dtype", compute_dtype())) {
      net_.dtype = *dtype;
      net_.builder.graph().dtype_open = false;
    }
    dimensions(keys);
    inputs(keys);
    if (Reader blocks = keys.optional_map("blocks"); !blocks.broken()) {
      for (const std::string& name : blocks.keys()) net_.blocks[name] = blocks.take(name);
    }
    const Node* layers = keys.take("layers");
    const auto outputs = keys.list("outputs", Text{}, 0);
    if (layers == nullptr) keys.error_here("E-missing-key", "needs the key 'layers'");
    keys.finish();
    if (!errors_.empty()) return {};
    const TensorId only = input_count_ == 1 ? *values_.find(first_input_) : TensorId{};
    const TensorId last = make_layers(net_, *layers, "layers", scope_, values_, "", only);
    if (!errors_.empty()) return {};
    mark_outputs(keys, outputs, last);
    check_batch();
    if (keys.has("batch") || scope_.used("batch")) {
      net_.builder.graph().batch = *scope_.find("batch");
    }
    return std::move(net_.builder.graph());
  }

 private:
  void dimensions(Reader& keys) {
    own_batch_ = keys.optional("batch", Amount{&scope_}, 1);
    scope_.set("batch", options_.batch.value_or(own_batch_));
    std::vector<std::string> names;
    if (Reader map = keys.optional_map("dimensions"); !map.broken()) {
      for (const std::string& name : map.keys()) {
        const std::int64_t fallback = map.required(name, Amount{&scope_});
        const auto given = options_.dims.find(name);
        scope_.set(name, given != options_.dims.end() ? given->second : fallback);
        names.push_back(name);
      }
    }
    for (const auto& [name, value] : options_.dims) {
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        if (value > 0) continue;
      } else if (name == "batch") {
        scope_.set("batch", value);
        if (value > 0) continue;
      }
      Diagnostic diagnostic;
      diagnostic.name = "E-unknown-dimension";
      diagnostic.path = "--dim " + name;
      diagnostic.message = value > 0 ? "the network has no dimension '" + name + "'"
                                     : "a dimension must be 1 or more";
      if (!names.empty() && value > 0) diagnostic.hint = "it has " + join_words(names);
      errors_.push_back(std::move(diagnostic));
    }
  }

  /// A batch that the file does not speak of cannot be asked for.
  void check_batch() {
    if (!options_.batch || *options_.batch == own_batch_ || scope_.used("batch")) return;
    Diagnostic diagnostic;
    diagnostic.name = "E-batch-fixed";
    diagnostic.path = "--batch";
    diagnostic.message = "the network is written for one batch only";
    diagnostic.hint =
        "call that dimension of its inputs `batch`, as in image: [batch, 3, 224, 224]";
    errors_.push_back(std::move(diagnostic));
  }

  /// `image: [batch, 3, 224, 224]` or `ids: {shape: [batch, seq], dtype: int64}`.
  void inputs(Reader& keys) {
    Reader map = keys.map("inputs");
    if (map.broken()) return;
    for (const std::string& name : map.keys()) {
      Tensor tensor;
      tensor.name = name;
      tensor.kind = TensorKind::kInput;
      tensor.dtype = net_.dtype;
      const Node* node = root_.find("inputs")->find(name);
      if (node->is_map()) {
        Reader entry = map.map(name);
        tensor.shape = entry.list("shape", Amount{&scope_}, 0, 16);
        Choice<DType> choice;
        for (const DTypeInfo& row : kDTypes)
          choice.words.emplace_back(std::string(row.name), row.dtype);
        tensor.dtype = entry.optional("dtype", choice, net_.dtype);
        entry.finish();
      } else {
        tensor.shape = map.list(name, Amount{&scope_}, 1, 16);
      }
      if (input_count_++ == 0) first_input_ = name;
      values_.set(name, net_.builder.add_tensor(std::move(tensor)));
    }
    if (input_count_ == 0) map.error_here("E-workload", "a network needs an input");
  }

  void mark_outputs(Reader& keys, const std::vector<std::string>& outputs, TensorId last) {
    Graph& graph = net_.builder.graph();
    if (outputs.empty() && last.valid()) graph.tensor(last).is_output = true;
    for (const std::string& name : outputs) {
      const auto id = values_.find(name);
      if (id) {
        graph.tensor(*id).is_output = true;
        continue;
      }
      const auto near = suggest(name, values_.names());
      keys.error("outputs", "E-unknown-name", "nothing is called '" + name + "'",
                 near ? "did you mean '" + *near + "'?" : "");
    }
  }

  const Node& root_;
  const WorkloadOptions& options_;
  Diagnostics& errors_;
  NetworkState net_;
  Scope scope_;
  Values values_;
  std::string first_input_;
  int input_count_ = 0;
  std::int64_t own_batch_ = 1;
};

std::string stem(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  return file.substr(0, file.find_last_of('.'));
}

Result<Graph> read_tree(const std::optional<Node>& root, const std::string& text,
                        const std::string& name, const WorkloadOptions& options,
                        Diagnostics errors) {
  if (!root) return errors;
  Graph graph = NetworkReader(*root, options, errors).run(stem(name));
  if (errors.empty()) {
    errors = verify(graph);
    for (Diagnostic& diagnostic : errors) diagnostic.place.file = name;
  }
  if (!errors.empty()) return errors;
  graph.hash = hash_of_text(text);
  return graph;
}

}  // namespace

Result<Graph> read_network_text(const std::string& text, const std::string& name,
                                const WorkloadOptions& options) {
  Diagnostics errors;
  const auto root = parse_text(text, name, errors);
  return read_tree(root, text, name, options, std::move(errors));
}

Result<Graph> read_network_file(const std::string& path, const WorkloadOptions& options) {
  Diagnostics errors;
  const auto text = read_whole_file(path, kFileBytesMax, errors);
  if (!text) return errors;
  return read_network_text(*text, path, options);
}

}  // namespace takt
