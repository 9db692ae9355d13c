// SPDX-License-Identifier: Apache-2.0
#pragma once
// The inference rules by family. A rule appends the types of the outputs to `out` and returns "",
// or returns what is wrong. Which rule belongs to which kind stands in infer.cpp; operand counts
// and the kind of attributes have been checked before a rule is called.

#include <string>
#include <vector>

#include "sim/ir/infer.h"

namespace takt::rules {

/// An op with its tensors at hand.
class OpView {
 public:
  OpView(const Graph& graph, const Op& op) : graph_(graph), op_(op) {}
  const Op& op() const { return op_; }
  bool has(std::size_t i) const { return i < op_.inputs.size() && op_.inputs[i].valid(); }
  std::size_t input_count() const { return op_.inputs.size(); }
  std::size_t output_count() const { return op_.outputs.size(); }
  const Shape& shape(std::size_t i) const { return graph_.tensor(op_.inputs[i]).shape; }
  DType dtype(std::size_t i) const { return graph_.tensor(op_.inputs[i]).dtype; }
  const Tensor& output(std::size_t i) const { return graph_.tensor(op_.outputs[i]); }
  template <class Attrs>
  const Attrs& attributes() const {
    return std::get<Attrs>(op_.attributes);
  }

 private:
  const Graph& graph_;
  const Op& op_;
};

using Types = std::vector<TensorType>;
using Rule = std::string (*)(const OpView& op, Types& out);

/// "" or why these axes (sorted, each once) do not suit this rank.
std::string check_axes(const std::vector<std::int64_t>& axes, std::size_t rank);

// infer_window.cpp
std::string conv(const OpView& op, Types& out);
std::string conv_transpose(const OpView& op, Types& out);
std::string pool(const OpView& op, Types& out);
// infer_math.cpp
std::string same_as_first(const OpView& op, Types& out);
std::string unary(const OpView& op, Types& out);
std::string binary(const OpView& op, Types& out);
std::string sum(const OpView& op, Types& out);
std::string where(const OpView& op, Types& out);
std::string cast(const OpView& op, Types& out);
std::string matmul(const OpView& op, Types& out);
// infer_axes.cpp
std::string softmax(const OpView& op, Types& out);
std::string axes_norm(const OpView& op, Types& out);
std::string channel_norm(const OpView& op, Types& out);
std::string reduce(const OpView& op, Types& out);
std::string arg_max(const OpView& op, Types& out);
std::string top_k(const OpView& op, Types& out);
// infer_move.cpp
std::string resize(const OpView& op, Types& out);
std::string concat(const OpView& op, Types& out);
std::string split(const OpView& op, Types& out);
std::string slice(const OpView& op, Types& out);
std::string pad(const OpView& op, Types& out);
std::string transpose(const OpView& op, Types& out);
std::string reshape(const OpView& op, Types& out);
std::string expand(const OpView& op, Types& out);
std::string gather(const OpView& op, Types& out);
// infer_recurrent.cpp
std::string recurrent(const OpView& op, Types& out);

}  // namespace takt::rules
