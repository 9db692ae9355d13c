// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a converter of one operator sees: the node, its operands, its attributes, and ways to emit
// ops and to complain.

#include <onnx/onnx.pb.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/onnx_builder.h"

namespace takt {

class OnnxNode {
 public:
  using Ints = std::vector<std::int64_t>;

  OnnxNode(const onnx::NodeProto& proto, std::string name, std::int64_t opset,
           std::vector<TensorId> inputs, GraphBuilder& builder, const std::string& folder);

  const std::string& type() const { return proto_.op_type(); }
  const std::string& name() const { return name_; }
  const std::string& folder() const { return folder_; }
  std::int64_t opset() const { return opset_; }
  GraphBuilder& builder() { return builder_; }

  // Operands.
  std::size_t input_count() const { return inputs_.size(); }
  bool has(std::size_t i) const { return i < inputs_.size() && inputs_[i].valid(); }
  TensorId in(std::size_t i) const { return i < inputs_.size() ? inputs_[i] : TensorId{}; }
  const std::vector<TensorId>& inputs() const { return inputs_; }
  const Tensor& tensor(TensorId id) const { return builder_.tensor(id); }
  const Shape& shape(std::size_t i) const { return builder_.tensor(in(i)).shape; }
  std::int64_t rank(std::size_t i) const { return static_cast<std::int64_t>(shape(i).size()); }
  /// False, and an error, if one of the first `count` operands is missing.
  bool require(std::size_t count);
  /// The elements of operand `i` if they are known; else an error that calls it `what`. So too if
  /// the file has made more constants than any network has.
  std::optional<Ints> ints_of(std::size_t i, const char* what);
  std::optional<std::vector<double>> floats_of(std::size_t i, const char* what);

  // Attributes. One of another type than asked for is an error.
  bool has_attribute(std::string_view name) const { return find(name) != nullptr; }
  std::int64_t int_attribute(std::string_view name, std::int64_t otherwise);
  double float_attribute(std::string_view name, double otherwise);
  std::string string_attribute(std::string_view name, const std::string& otherwise);
  std::optional<Ints> ints_attribute(std::string_view name);
  std::optional<std::vector<double>> floats_attribute(std::string_view name);
  const onnx::AttributeProto* find(std::string_view name) const;
  /// The integers of `attribute` before opset `since`, of operand `i` from it on. Nothing if
  /// neither is given, or it is not known (then failed() holds).
  std::optional<Ints> attribute_or_input(std::string_view attribute, std::size_t i,
                                         std::int64_t since);
  /// `axis` counted from the front; an error and 0 if it is outside [-rank, rank).
  std::int64_t axis(std::int64_t axis, std::int64_t rank);
  /// The same for several: sorted, each once.
  std::optional<Ints> sorted_axes(Ints axes, std::int64_t rank);

  // Results.
  std::size_t output_count() const { return static_cast<std::size_t>(proto_.output_size()); }
  const std::string& output_name(std::size_t i) const;
  bool wants(std::size_t i) const { return i < output_count() && !output_name(i).empty(); }
  /// One op between the node's inputs and outputs, named after `suffix`; invalid after an error.
  TensorId emit(OpKind kind, Attributes attributes, std::vector<TensorId> inputs,
                const std::string& suffix, DType cast_to = DType::kFp32);
  /// The op that makes output 0.
  void finish(OpKind kind, Attributes attributes, std::vector<TensorId> inputs,
              DType cast_to = DType::kFp32);
  /// The op that makes all the outputs.
  void finish_all(OpKind kind, Attributes attributes, std::vector<TensorId> inputs,
                  const std::vector<std::string>& outputs);
  /// Output `i` is `id`.
  void set(std::size_t i, TensorId id);
  TensorId result(std::size_t i) const { return i < results_.size() ? results_[i] : TensorId{}; }

  // Complaints. After one the outputs are unknown and what depends on them is passed over.
  void fail(const std::string& message);
  void unsupported(const std::string& message);
  bool failed() const { return !errors_.empty(); }
  const Diagnostics& errors() const { return errors_; }

  // Short forms of ops that many converters need.
  TensorId reshape(TensorId x, Shape shape, const std::string& suffix);
  TensorId transpose(TensorId x, Ints permutation, const std::string& suffix);

 private:
  bool known(std::size_t i, const char* what);
  void complain(ErrorKind kind, const char* name, const std::string& message);
  const onnx::AttributeProto* typed(std::string_view name,
                                    onnx::AttributeProto::AttributeType type);

  const onnx::NodeProto& proto_;
  std::string name_;
  std::int64_t opset_;
  std::vector<TensorId> inputs_;
  GraphBuilder& builder_;
  const std::string& folder_;
  std::vector<TensorId> results_;
  Diagnostics errors_;
};

}  // namespace takt
