// SPDX-License-Identifier: Apache-2.0
#pragma once
// Layers of a network file, built one after another onto a graph; used by yaml_*.cpp only. The
// language is described in workloads/README.md.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/config/reader.h"
#include "sim/ir/graph.h"
#include "sim/workload/onnx_builder.h"
#include "sim/workload/yaml_expression.h"

namespace takt {

/// Names of values in a list of layers; what is not here may be outside.
class Values {
 public:
  explicit Values(const Values* outer = nullptr) : outer_(outer) {}
  void set(const std::string& name, TensorId id) { ids_[name] = id; }
  bool has(const std::string& name) const { return ids_.count(name) != 0; }
  std::optional<TensorId> find(const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  const Values* outer_;
  std::map<std::string, TensorId> ids_;
};

/// What the whole file shares.
struct NetworkState {
  explicit NetworkState(Diagnostics& diagnostics) : errors(diagnostics) {}
  GraphBuilder builder;
  Diagnostics& errors;
  DType dtype = DType::kFp32;  ///< of parameters and float inputs
  std::map<std::string, const Node*> blocks;
  std::size_t layers = 0;  ///< made so far
  int depth = 0;           ///< of blocks in blocks
};

/// One layer while it is made: its keys, its operands, and ways to add ops.
class Layer {
 public:
  Layer(NetworkState& net, Reader& reader, const Scope& scope, std::string name,
        std::vector<TensorId> inputs)
      : net_(net),
        reader_(reader),
        scope_(scope),
        name_(std::move(name)),
        inputs_(std::move(inputs)) {}

  Reader& keys() { return reader_; }
  const std::string& name() const { return name_; }
  const std::vector<TensorId>& inputs() const { return inputs_; }
  TensorId input(std::size_t i = 0) const { return inputs_.at(i); }
  const Shape& shape(TensorId id) const { return net_.builder.tensor(id).shape; }
  DType dtype(TensorId id) const { return net_.builder.tensor(id).dtype; }
  DType network_dtype() const { return net_.dtype; }

  // Keys.
  Amount amount(std::int64_t min = 1) const { return {&scope_, min}; }
  std::int64_t number(const char* key, std::int64_t min = 1);
  std::int64_t number_or(const char* key, std::int64_t fallback, std::int64_t min = 1);
  std::vector<std::int64_t> numbers(const char* key, std::int64_t min = 0);
  /// One number for both, or a list of two.
  std::pair<std::int64_t, std::int64_t> pair(const char* key, std::int64_t fallback,
                                             std::int64_t min = 1);
  /// A dimension, negative ones counted from the end.
  std::int64_t axis(const char* key, std::int64_t fallback, std::size_t rank);

  // Ops. On an error, says so at this layer and returns an invalid id.
  TensorId parameter(const std::string& suffix, Shape shape);
  TensorId parameter(const std::string& suffix, Shape shape, DType dtype);
  TensorId constant(const std::string& suffix, double value, DType dtype);
  /// Of one element, called like the layer.
  TensorId known(Shape shape, double value, DType dtype);
  TensorId add(OpKind kind, std::vector<TensorId> operands, Attributes attributes,
               const std::string& suffix = "", DType cast_to = DType::kFp32);
  std::vector<TensorId> add_all(OpKind kind, std::vector<TensorId> operands, Attributes attributes,
                                const std::vector<std::string>& outputs,
                                const std::string& suffix = "");
  TensorId fail(const std::string& message, const std::string& hint = "");

  /// Further values of this layer: `name.suffix` in later layers.
  std::map<std::string, TensorId> extras;

 private:
  NetworkState& net_;
  Reader& reader_;
  const Scope& scope_;
  std::string name_;
  std::vector<TensorId> inputs_;
};

/// How a kind of layer is made. Operands beyond the first come from `inputs` or `with`.
struct LayerKind {
  TensorId (*make)(Layer& layer);
  std::size_t inputs_min = 1, inputs_max = 1;
};
/// By the word after `op:`; three tables, one a file.
const std::map<std::string, LayerKind>& matrix_layers();
const std::map<std::string, LayerKind>& vector_layers();
const std::map<std::string, LayerKind>& move_layers();
/// In any of the tables, or null.
const LayerKind* kind_of(const std::string& word);
std::vector<std::string> kind_names();

/// Makes the layers of a list; returns the last value. `input` is what the first one reads.
TensorId make_layers(NetworkState& net, const Node& list, const std::string& path,
                     const Scope& scope, Values& values, const std::string& prefix, TensorId input);

}  // namespace takt
