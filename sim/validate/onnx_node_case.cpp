// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/onnx_node_case.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/workload/onnx_tensor.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<onnx::TensorProto> read_tensors(const fs::path& folder, const std::string& kind,
                                            std::string& problem) {
  std::vector<onnx::TensorProto> out;
  for (int i = 0;; ++i) {
    const fs::path path = folder / (kind + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(path)) return out;
    onnx::TensorProto tensor;
    if (!tensor.ParseFromString(slurp(path))) {
      problem = path.filename().string() + " is no tensor";
      return out;
    }
    out.push_back(std::move(tensor));
  }
}

bool is_float(std::int64_t type) {
  const auto dtype = dtype_of_onnx(type);
  return dtype && info(*dtype).is_float;
}

/// The name of a type without the shape that the format's dump adds.
std::string type_word(const onnx::ValueInfoProto& value) {
  if (value.type().has_tensor_type()) return onnx_type_name(value.type().tensor_type().elem_type());
  if (value.type().has_sequence_type()) return "sequence";
  return "optional";
}

/// Sequences and optionals lie under the names of tensors, bfloat16 as plain 16-bit numbers.
std::string inconsistency(const OnnxNodeCase& one) {
  const auto check = [](const auto& declared, const std::vector<onnx::TensorProto>& given) {
    for (std::size_t i = 0; i < given.size() && static_cast<int>(i) < declared.size(); ++i) {
      const onnx::ValueInfoProto& value = declared.Get(static_cast<int>(i));
      if (!value.type().has_tensor_type()) return "'" + value.name() + "' is no tensor";
      if (value.type().tensor_type().elem_type() != given[i].data_type()) {
        return "'" + value.name() + "' is stored in another type than it is declared in";
      }
    }
    return std::string();
  };
  const std::string inputs = check(one.model.graph().input(), one.inputs);
  return inputs.empty() ? check(one.model.graph().output(), one.outputs) : inputs;
}

OnnxNodeCase load_case(const fs::path& folder) {
  OnnxNodeCase one;
  one.name = folder.filename().string();
  if (!one.model.ParseFromString(slurp(folder / "model.onnx"))) {
    one.problem = "model.onnx is no model";
    return one;
  }
  const onnx::GraphProto& graph = one.model.graph();
  if (graph.node_size() > 0) one.op = graph.node(0).op_type();
  one.type = graph.input_size() > 0    ? type_word(graph.input(0))
             : graph.output_size() > 0 ? type_word(graph.output(0))
                                       : "";
  const fs::path data = folder / "test_data_set_0";
  one.inputs = read_tensors(data, "input", one.problem);
  one.outputs = read_tensors(data, "output", one.problem);
  if (one.problem.empty()) one.problem = inconsistency(one);
  return one;
}

}  // namespace

std::vector<OnnxNodeCase> load_onnx_node_cases(const std::string& root) {
  std::vector<fs::path> folders;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(fs::path(root) / "node", none)) {
    if (fs::exists(entry.path() / "model.onnx")) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  std::vector<OnnxNodeCase> cases;
  for (const fs::path& folder : folders) cases.push_back(load_case(folder));
  return cases;
}

namespace {

bool is_bound(const OnnxNodeCase& one, OnnxBinding binding, int input) {
  if (static_cast<std::size_t>(input) >= one.inputs.size()) return false;
  // Factors and statistics of a batch norm are folded into it, hence never inputs.
  if (input > 0 && (one.op == "BatchNormalization" || binding == OnnxBinding::kParameters)) {
    return true;
  }
  if (binding == OnnxBinding::kNothing) return false;
  const onnx::TensorProto& value = one.inputs[static_cast<std::size_t>(input)];
  const std::string& name = one.model.graph().input(input).name();
  if (name == "scales" || name == "roi" || (input > 0 && value.dims_size() == 0)) return true;
  if (is_float(value.data_type())) return false;
  return (input > 0 && value.dims_size() <= 1) || binding == OnnxBinding::kWholes;
}

}  // namespace

std::string bound_model(const OnnxNodeCase& one, OnnxBinding binding) {
  onnx::ModelProto model = one.model;
  for (int i = 0; i < model.graph().input_size(); ++i) {
    if (!is_bound(one, binding, i)) continue;
    onnx::TensorProto* stored = model.mutable_graph()->add_initializer();
    *stored = one.inputs[static_cast<std::size_t>(i)];
    stored->set_name(model.graph().input(i).name());
  }
  return model.SerializeAsString();
}

std::vector<std::string> free_inputs(const OnnxNodeCase& one, OnnxBinding binding) {
  std::vector<std::string> names;
  for (int i = 0; i < one.model.graph().input_size(); ++i) {
    if (!is_bound(one, binding, i)) names.push_back(one.model.graph().input(i).name());
  }
  return names;
}

Tensor onnx_node_tensor(const onnx::TensorProto& proto, std::string& problem) {
  StoredValue value = read_tensor(proto, "");
  problem = value.problem;
  return std::move(value.tensor);
}

}  // namespace takt
