// SPDX-License-Identifier: Apache-2.0
#pragma once
// Grows a Graph op by op, each with its shapes inferred and, where its operands are known and few,
// its value computed at once. Knows nothing of ONNX's operators.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sim/base/result.h"
#include "sim/ir/fold.h"
#include "sim/ir/graph.h"

namespace takt {

class GraphBuilder {
 public:
  Graph& graph() { return graph_; }
  const Tensor& tensor(TensorId id) const { return graph_.tensor(id); }

  /// A value from outside: an input, or a stored parameter.
  TensorId add_tensor(Tensor tensor);
  /// A computed constant. Its elements are dropped if the file has used up what constants may take.
  TensorId add_constant(const std::string& name, Shape shape, DType dtype, ConstantData data);

  /// Takes `elements` off what may still be read to compute constants; false if that is used up.
  /// The sum over a file is limited so that hostile arithmetic ends.
  bool spend(std::int64_t elements);

  /// An op with outputs of these names ("" = absent). Returns the outputs: new tensors, constants,
  /// or the input itself if the op changes nothing. `cast_to` is the type kCast makes.
  Result<std::vector<TensorId>> add_op(Op op, const std::vector<std::string>& outputs,
                                       DType cast_to = DType::kFp32);

 private:
  std::string unique_name(const std::string& wanted);
  /// May the value of this op be computed? Both what is kept and what is read are limited.
  bool afford(const Op& op, const std::vector<TensorType>& types);
  bool changes_nothing(const Op& op, const TensorType& type) const;

  Graph graph_;
  std::unordered_map<std::string, std::size_t> names_;  ///< op names, and how often each was wanted
  std::int64_t elements_left_ = std::int64_t{1} << 24;
  std::int64_t reads_left_ = std::int64_t{1} << 28;
};

}  // namespace takt
