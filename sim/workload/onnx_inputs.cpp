// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_inputs.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <unordered_set>

#include "sim/ir/shape.h"
#include "sim/workload/onnx_file.h"
#include "sim/workload/onnx_parameters.h"
#include "sim/workload/onnx_tensor.h"

namespace takt {
namespace {

/// A graph input as the file declares it. An open dimension has a name and the size -1.
struct Declared {
  std::string name;
  DType dtype = DType::kFp32;
  Shape shape;
  std::vector<std::string> open;  ///< by dimension, "" = a number
  bool is_static = true;
};

/// Names that exporters and people give the batch.
bool is_batch_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr const char* kNames[] = {"batch", "batch_size", "batchsize", "n", "b", "bs", "nbatch"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

class Binder {
 public:
  Binder(const onnx::GraphProto& graph, const std::string& file, const OnnxOptions& options)
      : graph_(graph), file_(file), options_(options) {}

  OnnxInputs run(const std::vector<int>& order) {
    declare();
    if (!out_.errors.empty()) return std::move(out_);
    std::vector<OnnxInputFacts> facts;
    for (const Declared& input : declared_) {
      const bool forced =
          std::count(options_.inputs.begin(), options_.inputs.end(), input.name) > 0;
      facts.push_back({input.name, input.is_static, forced});
    }
    parameters_ = find_parameters(graph_, order, facts);
    bind_names();
    check_options();
    for (const Declared& input : declared_) make(input);
    return std::move(out_);
  }

 private:
  void report(const char* name, const std::string& path, const std::string& message,
              const std::string& hint = "", ErrorKind kind = ErrorKind::kInvalidInput) {
    Diagnostic error = onnx_error(file_, name, path, message, kind);
    error.hint = hint;
    out_.errors.push_back(error);
  }

  void declare() {
    std::unordered_set<std::string> stored(options_.inputs.size());
    for (const auto& tensor : graph_.initializer()) stored.insert(tensor.name());
    for (const std::string& name : options_.inputs) stored.erase(name);
    for (const auto& value : graph_.input()) {
      if (stored.count(value.name()) > 0) continue;
      if (!seen_.insert(value.name()).second) {
        report("E-onnx-graph", "input '" + value.name() + "'", "is listed twice");
      } else if (!value.type().has_tensor_type()) {
        report("E-unsupported-feature", "input '" + value.name() + "'", "is no tensor", "",
               ErrorKind::kUnsupported);
      } else {
        declare_tensor(value.name(), value.type().tensor_type());
      }
    }
  }

  void declare_tensor(const std::string& name, const onnx::TypeProto::Tensor& type) {
    const std::string path = "input '" + name + "'";
    const auto dtype = dtype_of_onnx(type.elem_type());
    if (!dtype) {
      return report("E-unsupported-feature", path,
                    "has elements of type " + onnx_type_name(type.elem_type()), "",
                    ErrorKind::kUnsupported);
    }
    if (!type.has_shape()) {
      return report("E-onnx-graph", path, "has no shape",
                    "export it with its shape, open dimensions by name");
    }
    if (static_cast<std::size_t>(type.shape().dim_size()) > kMaxRank) {
      return report("E-onnx-graph", path, "has too many dimensions");
    }
    Declared input;
    input.name = name;
    input.dtype = *dtype;
    for (int i = 0; i < type.shape().dim_size(); ++i) {
      const auto& dim = type.shape().dim(i);
      const bool fixed = dim.has_dim_value() && dim.dim_value() >= 0;
      input.is_static = input.is_static && fixed;
      input.shape.push_back(fixed ? dim.dim_value() : -1);
      // A dimension without a name gets one that --dim can say.
      input.open.push_back(fixed                     ? ""
                           : dim.dim_param().empty() ? name + "." + std::to_string(i)
                                                     : dim.dim_param());
    }
    declared_.push_back(std::move(input));
  }

  /// What each open dimension is. The batch: any with such a name; if none has, the first of each
  /// input that is open.
  void bind_names() {
    std::int64_t batch = options_.batch.value_or(1);
    bool named = false;
    for (const Declared& input : declared_) {
      for (const std::string& name : input.open) {
        if (name.empty()) continue;
        const auto given = options_.dims.find(name);
        if (given != options_.dims.end()) sizes_[name] = given->second;
        if (!is_batch_name(name)) continue;
        sizes_.emplace(name, batch);
        if (!named) out_.batch = sizes_[name];
        named = true;
      }
    }
    for (const Declared& input : declared_) {
      if (named || input.open.empty() || input.open[0].empty()) continue;
      sizes_.emplace(input.open[0], batch);
      if (out_.batch == 0) out_.batch = sizes_[input.open[0]];
    }
  }

  void check_options() {
    for (const auto& [name, size] : options_.dims) {
      if (sizes_.count(name) == 0) {
        report("E-unknown-dimension", "--dim " + name,
               "the network has no open dimension of this name", open_names());
      } else if (size < 0 || size > kMaxTensorElements) {
        report("E-out-of-range", "--dim " + name, std::to_string(size) + " is no size");
      }
    }
    for (const std::string& name : options_.inputs) {
      if (seen_.count(name) == 0)
        report("E-unknown-input", "--input " + name, "there is no such input");
    }
    if (options_.batch && *options_.batch < 1) {
      report("E-out-of-range", "--batch", "must be 1 or more");
    } else if (options_.batch) {
      check_fixed_batch(*options_.batch);
    }
  }

  /// A batch that the file fixes can be asked for, no other.
  void check_fixed_batch(std::int64_t batch) {
    for (const Declared& input : declared_) {
      if (parameters_.count(input.name) > 0 || !input.is_static || input.shape.empty()) continue;
      if (!sizes_.empty() || input.shape[0] == batch) continue;
      report("E-batch-fixed", "input '" + input.name + "'",
             "its batch is fixed at " + std::to_string(input.shape[0]),
             "export the network with an open batch dimension");
      return;
    }
  }

  std::string open_names() const {
    std::string text;
    for (const Declared& input : declared_) {
      for (const std::string& name : input.open) {
        if (name.empty() || text.find("'" + name + "'") != std::string::npos) continue;
        text += (text.empty() ? "open are '" : ", '") + name + "'";
        if (text.size() > 500) return text + " …";
      }
    }
    return text.empty() ? "all its dimensions are fixed" : text;
  }

  void make(const Declared& input) {
    Tensor tensor;
    tensor.name = input.name;
    tensor.dtype = input.dtype;
    tensor.shape = input.shape;
    tensor.kind = parameters_.count(input.name) > 0 ? TensorKind::kParameter : TensorKind::kInput;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      const std::string& name = input.open[i];
      if (name.empty()) continue;
      const auto size = sizes_.find(name);
      if (size != sizes_.end()) {
        tensor.shape[i] = size->second;
        if (bound_.insert(name).second)
          out_.binding += name + "=" + std::to_string(size->second) + ";";
      } else if (bound_.insert(name).second) {
        report("E-unbound-dim", "input '" + input.name + "'",
               "its dimension '" + name + "' has no size", "say one: --dim " + name + "=N");
      }
    }
    if (out_.errors.empty() && !element_count(tensor.shape)) {
      report("E-shape", "input '" + input.name + "'",
             "its shape " + to_string(tensor.shape) + " is out of bounds");
    }
    if (tensor.kind == TensorKind::kParameter) out_.binding += "parameter " + tensor.name + ";";
    out_.tensors.push_back(std::move(tensor));
  }

  const onnx::GraphProto& graph_;
  const std::string& file_;
  const OnnxOptions& options_;
  std::vector<Declared> declared_;
  std::unordered_set<std::string> seen_, parameters_, bound_;
  std::unordered_map<std::string, std::int64_t> sizes_;
  OnnxInputs out_;
};

}  // namespace

OnnxInputs bind_inputs(const onnx::GraphProto& graph, const std::vector<int>& order,
                       const std::string& file, const OnnxOptions& options) {
  return Binder(graph, file, options).run(order);
}

}  // namespace takt
