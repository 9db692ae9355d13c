// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small ONNX models for tests, made with the format's own classes and written to a file that goes
// away with the object.

#include <onnx/onnx.pb.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/workload/onnx_reader.h"

namespace takt::test {

using Ints = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

/// Attributes, one after the other: `node(...).with("axis", 1).with("pads", {0, 0})`.
class NodeRef {
 public:
  explicit NodeRef(onnx::NodeProto* node) : node_(node) {}
  NodeRef& with(const std::string& name, std::int64_t value) {
    auto* attribute = add(name, onnx::AttributeProto::INT);
    attribute->set_i(value);
    return *this;
  }
  NodeRef& with(const std::string& name, int value) {
    return with(name, static_cast<std::int64_t>(value));
  }
  NodeRef& with(const std::string& name, float value) {
    add(name, onnx::AttributeProto::FLOAT)->set_f(value);
    return *this;
  }
  NodeRef& with(const std::string& name, const char* value) {
    add(name, onnx::AttributeProto::STRING)->set_s(value);
    return *this;
  }
  NodeRef& with(const std::string& name, const Ints& values) {
    auto* attribute = add(name, onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute->add_ints(value);
    return *this;
  }
  NodeRef& with_floats(const std::string& name, const std::vector<float>& values) {
    auto* attribute = add(name, onnx::AttributeProto::FLOATS);
    for (const float value : values) attribute->add_floats(value);
    return *this;
  }
  NodeRef& named(const std::string& name) {
    node_->set_name(name);
    return *this;
  }
  onnx::NodeProto* operator->() { return node_; }

 private:
  onnx::AttributeProto* add(const std::string& name, onnx::AttributeProto::AttributeType type) {
    auto* attribute = node_->add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
  }
  onnx::NodeProto* node_;
};

class OnnxModel {
 public:
  explicit OnnxModel(int opset = 17) {
    proto_.set_ir_version(8);
    proto_.add_opset_import()->set_version(opset);
    proto_.mutable_graph()->set_name("test");
  }
  ~OnnxModel() {
    std::error_code code;
    if (!path_.empty()) std::filesystem::remove(path_, code);
  }
  OnnxModel(const OnnxModel&) = delete;
  OnnxModel& operator=(const OnnxModel&) = delete;

  onnx::ModelProto& proto() { return proto_; }
  onnx::GraphProto& graph() { return *proto_.mutable_graph(); }

  /// Dimensions are numbers or names: {"batch", "3", "224"}.
  void input(const std::string& name, const Names& dims, int type = onnx::TensorProto::FLOAT) {
    auto* value = graph().add_input();
    value->set_name(name);
    auto* tensor = value->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    tensor->mutable_shape();
    for (const std::string& dim : dims) {
      auto* to = tensor->mutable_shape()->add_dim();
      const bool number = !dim.empty() && (std::isdigit(dim[0]) || dim[0] == '-');
      if (number) to->set_dim_value(std::stoll(dim));
      if (!number && !dim.empty()) to->set_dim_param(dim);
    }
  }
  void input(const std::string& name, const Ints& dims, int type = onnx::TensorProto::FLOAT) {
    Names names;
    for (const std::int64_t dim : dims) names.push_back(std::to_string(dim));
    input(name, names, type);
  }
  void output(const std::string& name) { graph().add_output()->set_name(name); }

  /// A stored tensor of floats. Without values its data is external, in a file that is missing.
  onnx::TensorProto& weight(const std::string& name, const Ints& dims,
                            const std::vector<float>& values = {}) {
    auto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t dim : dims) tensor->add_dims(dim);
    for (const float value : values) tensor->add_float_data(value);
    if (values.empty()) {
      tensor->set_data_location(onnx::TensorProto::EXTERNAL);
      auto* entry = tensor->add_external_data();
      entry->set_key("location");
      entry->set_value("absent.bin");
    }
    return *tensor;
  }
  void scalar(const std::string& name, float value) { weight(name, {}, {value}); }
  void ints(const std::string& name, const Ints& values) {
    auto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::INT64);
    tensor->add_dims(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t value : values) tensor->add_int64_data(value);
  }
  void int_scalar(const std::string& name, std::int64_t value) {
    auto* tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(onnx::TensorProto::INT64);
    tensor->add_int64_data(value);
  }

  /// A node named after its first output.
  NodeRef node(const std::string& op, const Names& inputs, const Names& outputs) {
    auto* node = graph().add_node();
    node->set_op_type(op);
    if (!outputs.empty()) node->set_name(outputs.front());
    for (const std::string& name : inputs) node->add_input(name);
    for (const std::string& name : outputs) node->add_output(name);
    return NodeRef(node);
  }

  std::string bytes() const { return proto_.SerializeAsString(); }
  /// Writes the file, into `folder` if given.
  const std::string& write(const std::string& folder = "") {
    path_ = (folder.empty() ? std::filesystem::temp_directory_path().string() : folder) +
            "/takt_model_" + std::to_string(getpid()) + ".onnx";
    std::ofstream(path_, std::ios::binary) << bytes();
    return path_;
  }
  Result<Graph> read(const OnnxOptions& options = {}) { return read_onnx(write(), options); }

 private:
  onnx::ModelProto proto_;
  std::string path_;
};

/// The op of this name, or nullptr.
inline const Op* find_op(const Graph& graph, const std::string& name) {
  for (const Op& op : graph.ops) {
    if (op.name == name) return &op;
  }
  return nullptr;
}

inline const Tensor* find_tensor(const Graph& graph, const std::string& name) {
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

/// Kinds of the ops in order, for a look at the whole graph.
inline std::vector<OpKind> kinds(const Graph& graph) {
  std::vector<OpKind> out;
  for (const Op& op : graph.ops) out.push_back(op.kind);
  return out;
}

/// The shape of output `i` of the last op.
inline Shape last_shape(const Graph& graph, std::size_t i = 0) {
  return graph.tensor(graph.ops.back().outputs.at(i)).shape;
}

/// `name [E-…]` of all errors, in order.
inline std::string error_names(const Result<Graph>& graph) {
  std::string text;
  if (graph) return "none";
  for (const Diagnostic& error : graph.errors()) text += (text.empty() ? "" : " ") + error.name;
  return text;
}

}  // namespace takt::test
