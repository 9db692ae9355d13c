// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/verify.h"

#include <unordered_set>

#include "sim/ir/infer.h"

namespace takt {
namespace {

class Verifier {
 public:
  explicit Verifier(const Graph& graph) : graph_(graph), made_(graph.tensors.size(), false) {}

  Diagnostics run() {
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      check_tensor(graph_.tensors[i]);
      made_[i] = graph_.tensors[i].kind != TensorKind::kActivation;
    }
    for (const Op& op : graph_.ops) check_op(op);
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
      if (!made_[i]) report(tensor_path(graph_.tensors[i]), "nothing makes it");
    }
    if (!has_output_) report("graph '" + graph_.name + "'", "has no output");
    return std::move(errors_);
  }

 private:
  static std::string tensor_path(const Tensor& tensor) { return "tensor '" + tensor.name + "'"; }

  void report(const std::string& path, const std::string& message) {
    Diagnostic error;
    error.name = "E-graph";
    error.path = path;
    error.message = message;
    errors_.push_back(error);
  }

  void check_tensor(const Tensor& tensor) {
    has_output_ = has_output_ || tensor.is_output;
    const auto elements = element_count(tensor.shape);
    if (!elements || tensor.shape.size() > kMaxRank) {
      report(tensor_path(tensor), "its shape " + to_string(tensor.shape) + " is out of bounds");
      return;
    }
    const bool is_float = info(tensor.dtype).is_float;
    std::size_t stored = static_cast<std::size_t>(*elements);
    if (const auto* whole = std::get_if<Tensor::IntData>(&tensor.constant)) {
      stored = whole->size();
      if (is_float) report(tensor_path(tensor), "holds whole numbers, its type is a float");
    } else if (const auto* real = std::get_if<Tensor::FloatData>(&tensor.constant)) {
      stored = real->size();
      if (!is_float) report(tensor_path(tensor), "holds floats, its type is whole");
    }
    if (stored != static_cast<std::size_t>(*elements)) {
      report(tensor_path(tensor), "holds " + std::to_string(stored) + " elements, its shape " +
                                      to_string(tensor.shape) + " has " +
                                      std::to_string(*elements));
    }
  }

  void check_op(const Op& op) {
    const std::string path = "node '" + op.name + "'";
    if (op.name.empty()) report(path, "an operator without a name");
    if (!names_.insert(op.name).second) report(path, "the name is given twice");
    bool sound = true;
    for (const TensorId in : op.inputs) {
      if (!in.valid()) continue;
      if (in.index >= made_.size()) {
        sound = false;  // infer_op says which
      } else if (!made_[in.index]) {
        report(path, tensor_path(graph_.tensor(in)) + " is used before it is made");
      }
    }
    for (const TensorId out : op.outputs) {
      if (!out.valid()) continue;
      if (out.index >= made_.size()) {
        sound = false;
      } else if (made_[out.index]) {
        report(path, tensor_path(graph_.tensor(out)) + " is made a second time");
      } else {
        made_[out.index] = true;
      }
    }
    check_types(op, sound);
  }

  void check_types(const Op& op, bool sound) {
    const auto types = infer_op(graph_, op);
    if (!types) {
      errors_.insert(errors_.end(), types.errors().begin(), types.errors().end());
      return;
    }
    for (std::size_t i = 0; sound && i < op.outputs.size(); ++i) {
      if (!op.outputs[i].valid()) continue;
      const Tensor& tensor = graph_.tensor(op.outputs[i]);
      if (tensor.shape == (*types)[i].shape && tensor.dtype == (*types)[i].dtype) continue;
      report("node '" + op.name + "'", tensor_path(tensor) + " is " + to_string(tensor.shape) +
                                           " " + std::string(to_string(tensor.dtype)) + ", not " +
                                           to_string((*types)[i].shape) + " " +
                                           std::string(to_string((*types)[i].dtype)));
    }
  }

  const Graph& graph_;
  std::vector<bool> made_;
  std::unordered_set<std::string> names_;
  bool has_output_ = false;
  Diagnostics errors_;
};

}  // namespace

Diagnostics verify(const Graph& graph) { return Verifier(graph).run(); }

}  // namespace takt
