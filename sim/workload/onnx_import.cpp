// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_import.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>
#include <unordered_map>

#include "sim/workload/onnx_builder.h"
#include "sim/workload/onnx_inputs.h"
#include "sim/workload/onnx_node.h"
#include "sim/workload/onnx_order.h"
#include "sim/workload/onnx_table.h"
#include "sim/workload/onnx_tensor.h"
#include "sim/workload/workload_hash.h"

namespace takt {
namespace {

constexpr std::size_t kMostErrors = 100;  ///< of one file: nobody reads more

/// What is known of a name.
struct Value {
  TensorId id;
  enum class State { kKnown, kFailed, kNotMade } state = State::kKnown;
};

class Importer {
 public:
  Importer(const OnnxFile& file, const OnnxOptions& options)
      : file_(file), proto_(file.model->graph()), options_(options), table_(onnx_table()) {}

  Result<Graph> run() {
    check_operators();
    if (!errors_.empty()) return std::move(errors_);
    OnnxOrder order = order_nodes(proto_, file_.path);
    if (!order.errors.empty()) return first_errors(std::move(order.errors));
    OnnxInputs inputs = bind_inputs(proto_, order.nodes, file_.path, options_);
    if (!inputs.errors.empty()) return first_errors(std::move(inputs.errors));
    collect(inputs);
    for (const int node : order.nodes) {
      convert(node);
      if (errors_.size() >= kMostErrors) break;
    }
    if (errors_.empty()) mark_outputs();
    if (!errors_.empty()) return std::move(errors_);
    Graph graph = std::move(builder_.graph());
    graph.name = std::filesystem::path(file_.path).stem().string();
    graph.hash = hash_of_text(file_.hash + inputs.binding);
    graph.batch = inputs.batch;
    return graph;
  }

 private:
  static Diagnostics first_errors(Diagnostics errors) {
    if (errors.size() > kMostErrors) errors.resize(kMostErrors);
    return errors;
  }

  /// Every operator we do not have, each once with the nodes that use it.
  void check_operators() {
    std::map<std::string, std::vector<std::string>> missing;
    for (int i = 0; i < proto_.node_size(); ++i) {
      const onnx::NodeProto& node = proto_.node(i);
      const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
      if (standard && table_.count(node.op_type()) > 0) continue;
      const std::string name = standard ? node.op_type() : node.domain() + "::" + node.op_type();
      missing[name].push_back(onnx_node_name(node, i));
    }
    for (const auto& [name, nodes] : missing) {
      std::string path = "node '" + nodes.front() + "'";
      std::string message = "operator " + name + " is not supported";
      if (nodes.size() > 1) message += " (and " + std::to_string(nodes.size() - 1) + " more of it)";
      errors_.push_back(
          onnx_error(file_.path, "E-unsupported-op", path, message, ErrorKind::kUnsupported));
    }
  }

  void collect(const OnnxInputs& inputs) {
    for (const auto& tensor : proto_.initializer()) stored_[tensor.name()] = &tensor;
    for (const auto& tensor : proto_.sparse_initializer())
      sparse_[tensor.values().name()] = &tensor;
    for (const Tensor& tensor : inputs.tensors) {
      values_[tensor.name] = {builder_.add_tensor(tensor), Value::State::kKnown};
    }
  }

  /// A stored value becomes a tensor when it is first asked for.
  const Value& value_of(const std::string& name) {
    const auto known = values_.find(name);
    if (known != values_.end()) return known->second;
    Value& value = values_[name];
    if (const auto dense = stored_.find(name); dense != stored_.end()) {
      StoredValue stored = read_tensor(*dense->second, file_.folder);
      if (stored.problem.empty()) {
        value.id = builder_.add_tensor(std::move(stored.tensor));
      } else {
        value.state = Value::State::kFailed;
        const ErrorKind kind =
            stored.unsupported ? ErrorKind::kUnsupported : ErrorKind::kInvalidInput;
        errors_.push_back(
            onnx_error(file_.path, "E-onnx-tensor", "tensor '" + name + "'", stored.problem, kind));
      }
    } else if (const auto sparse = sparse_.find(name); sparse != sparse_.end()) {
      value = sparse_value(*sparse->second);
    } else {
      value.state = Value::State::kNotMade;
    }
    return value;
  }

  /// Sparse weights count as dense ones of unknown value.
  Value sparse_value(const onnx::SparseTensorProto& proto) {
    Tensor tensor;
    tensor.name = proto.values().name();
    tensor.kind = TensorKind::kParameter;
    const auto dtype = dtype_of_onnx(proto.values().data_type());
    if (static_cast<std::size_t>(proto.dims_size()) <= kMaxRank) {
      tensor.shape.assign(proto.dims().begin(), proto.dims().end());
    }
    if (!dtype || !element_count(tensor.shape) ||
        static_cast<std::size_t>(proto.dims_size()) > kMaxRank) {
      errors_.push_back(onnx_error(file_.path, "E-onnx-tensor", "tensor '" + tensor.name + "'",
                                   "is sparse and has no proper type and shape"));
      return {TensorId{}, Value::State::kFailed};
    }
    tensor.dtype = *dtype;
    return {builder_.add_tensor(std::move(tensor)), Value::State::kKnown};
  }

  void convert(int index) {
    const onnx::NodeProto& proto = proto_.node(index);
    const std::string name = onnx_node_name(proto, index);
    std::vector<TensorId> inputs;
    for (const std::string& input : proto.input()) {
      if (input.empty()) {
        inputs.emplace_back();
        continue;
      }
      const Value value = value_of(input);
      if (value.state == Value::State::kFailed) return set_failed(proto);
      if (value.state == Value::State::kNotMade) {
        errors_.push_back(onnx_error(file_.path, "E-unsupported-feature", "node '" + name + "'",
                                     "needs '" + input + "', a result that is not supported",
                                     ErrorKind::kUnsupported));
        return set_failed(proto);
      }
      inputs.push_back(value.id);
    }
    OnnxNode node(proto, name, file_.opset, std::move(inputs), builder_, file_.folder);
    table_.at(proto.op_type())(node);
    if (node.failed()) {
      for (Diagnostic error : node.errors()) {
        error.place.file = file_.path;
        errors_.push_back(std::move(error));
      }
      return set_failed(proto);
    }
    for (std::size_t i = 0; i < node.output_count(); ++i) {
      if (!node.wants(i)) continue;
      const TensorId id = node.result(i);
      values_[node.output_name(i)] = {id,
                                      id.valid() ? Value::State::kKnown : Value::State::kNotMade};
    }
  }

  void set_failed(const onnx::NodeProto& proto) {
    for (const std::string& output : proto.output()) {
      if (!output.empty()) values_[output] = {TensorId{}, Value::State::kFailed};
    }
  }

  void mark_outputs() {
    for (const auto& output : proto_.output()) {
      const bool has_maker = values_.count(output.name()) > 0;
      const Value value = value_of(output.name());
      if (value.state == Value::State::kNotMade) {
        const std::string path = "output '" + output.name() + "'";
        errors_.push_back(
            has_maker ? onnx_error(file_.path, "E-unsupported-feature", path,
                                   "is a result that is not supported", ErrorKind::kUnsupported)
                      : onnx_error(file_.path, "E-onnx-graph", path, "nothing makes it"));
      }
      if (value.state != Value::State::kKnown) continue;
      Tensor& tensor = builder_.graph().tensor(value.id);
      // What the network gives is called as the file calls it, whichever op made it in the end.
      if (tensor.kind == TensorKind::kActivation && !tensor.is_output) tensor.name = output.name();
      tensor.is_output = true;
    }
    if (proto_.output_size() == 0) {
      errors_.push_back(onnx_error(file_.path, "E-onnx-graph", "", "the graph has no outputs"));
    }
  }

  const OnnxFile& file_;
  const onnx::GraphProto& proto_;
  const OnnxOptions& options_;
  OnnxTable table_;
  GraphBuilder builder_;
  std::unordered_map<std::string, Value> values_;
  std::unordered_map<std::string_view, const onnx::TensorProto*> stored_;
  std::unordered_map<std::string_view, const onnx::SparseTensorProto*> sparse_;
  Diagnostics errors_;
};

}  // namespace

Result<Graph> import_onnx(const OnnxFile& file, const OnnxOptions& options) {
  return Importer(file, options).run();
}

}  // namespace takt
