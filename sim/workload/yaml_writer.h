// SPDX-License-Identifier: Apache-2.0
#pragma once
// Writes a graph layer by layer; used by yaml_write*.cpp only.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/ir/graph.h"

namespace takt {

/// The shortest digits, as YAML's numbers are written.
std::string yaml_number(double value);
/// `[1, 2]`
std::string yaml_list(const std::vector<std::int64_t>& values);
/// Plain if YAML reads it as the same text, else in quotes.
std::string yaml_text(const std::string& value);

class NetworkWriter {
 public:
  explicit NetworkWriter(const Graph& graph) : graph_(graph) {
    readers_.assign(graph.tensors.size(), 0);
    for (const Op& op : graph.ops) {
      for (TensorId id : op.inputs) {
        if (id.valid()) ++readers_[id.index];
      }
    }
  }

  Result<std::string> run();

 private:
  using Keys = std::vector<std::string>;

  const Tensor& tensor(TensorId id) const { return graph_.tensor(id); }
  bool is_parameter(TensorId id) const { return tensor(id).kind == TensorKind::kParameter; }
  bool has(const Op& op, std::size_t i) const {
    return i < op.inputs.size() && op.inputs[i].valid();
  }

  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    while (!used_.insert(name).second) name += "_";
    return name;
  }

  void head();

  void emit(const std::string& name, const std::string& kind, const Keys& inputs, const Keys& keys);

  /// The name of a value; a parameter nobody has written yet becomes a layer.
  std::string name_of(TensorId id);

  Keys operands(const Op& op) {
    Keys out;
    for (TensorId id : op.inputs) {
      if (id.valid()) out.push_back(name_of(id));
    }
    return out;
  }

  /// Is the operand a parameter of this layer alone, so that the layer can make it?
  bool own(const Op& op, std::size_t i) const {
    if (!has(op, i)) return true;
    const TensorId id = op.inputs[i];
    return is_parameter(id) && readers_[id.index] == 1 && names_.count(id.index) == 0 &&
           tensor(id).dtype == network_dtype_ && !tensor(id).is_output;
  }

  void unsupported(const Op& op, const std::string& message);

  void layer(const Op& op);

  static std::string output_name(const Op& op, const std::string& name, std::size_t i);

  void convolution(const Op& op, const std::string& name);
  void matmul(const Op& op, const std::string& name);
  void recurrent(const Op& op, const std::string& name);
  void pool(const Op& op, const std::string& name);
  void elementwise(const Op& op, const std::string& name);
  void sum(const Op& op, const std::string& name);
  void normalise(const Op& op, const std::string& name);
  void reduction(const Op& op, const std::string& name);
  void move(const Op& op, const std::string& name);
  void slice(const Op& op, const std::string& name);

  const Graph& graph_;
  std::vector<int> readers_;
  std::map<std::uint32_t, std::string> names_;
  std::set<std::string> used_;
  DType network_dtype_ = DType::kFp32;
  std::string head_, layers_;
  Diagnostics errors_;
};

}  // namespace takt
