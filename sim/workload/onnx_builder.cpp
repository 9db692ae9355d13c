// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_builder.h"

#include <algorithm>

#include "sim/ir/infer.h"
#include "sim/workload/onnx_tensor.h"

namespace takt {
namespace {

bool all_zero(const std::vector<std::int64_t>& values) {
  return std::all_of(values.begin(), values.end(), [](std::int64_t v) { return v == 0; });
}

/// A window that sees one element at a time, each once.
bool is_point_window(const WindowAttrs& w) {
  for (int i = 0; i < 2; ++i) {
    if (w.kernel[i] != 1 || w.stride[i] != 1 || w.pad_begin[i] != 0 || w.pad_end[i] != 0)
      return false;
  }
  return !w.global;
}

}  // namespace

TensorId GraphBuilder::add_tensor(Tensor tensor) {
  const TensorId id{static_cast<std::uint32_t>(graph_.tensors.size())};
  graph_.tensors.push_back(std::move(tensor));
  return id;
}

TensorId GraphBuilder::add_constant(const std::string& name, Shape shape, DType dtype,
                                    ConstantData data) {
  Tensor tensor;
  tensor.name = name;
  tensor.dtype = dtype;
  tensor.kind = TensorKind::kParameter;
  const std::int64_t count = element_count(shape).value_or(kMaxTensorElements);
  tensor.shape = std::move(shape);
  if (count <= kMaxConstantElements && count <= elements_left_) {
    elements_left_ -= count;
    tensor.constant = std::move(data);
  }
  return add_tensor(std::move(tensor));
}

std::string GraphBuilder::unique_name(const std::string& wanted) {
  std::size_t& used = names_[wanted];
  if (used++ == 0) return wanted;
  // The numbered name may itself be taken; each try raises the number, so tries stay few.
  std::string name;
  do {
    name = wanted + "." + std::to_string(names_[wanted]++);
  } while (!names_.emplace(name, 1).second);
  return name;
}

bool GraphBuilder::afford(const Op& op, const std::vector<TensorType>& types) {
  std::int64_t made = 0;
  std::int64_t read = 0;
  for (const TensorType& type : types) {
    const std::int64_t count = element_count(type.shape).value_or(kMaxTensorElements);
    if (count > kMaxConstantElements) return false;
    made += count;
  }
  for (const TensorId in : op.inputs) {
    if (in.valid()) read += element_count(tensor(in).shape).value_or(kMaxTensorElements);
  }
  if (made > elements_left_ || !spend(made + read)) return false;
  elements_left_ -= made;
  return true;
}

bool GraphBuilder::spend(std::int64_t elements) {
  if (elements > reads_left_) return false;
  reads_left_ -= elements;
  return true;
}

bool GraphBuilder::changes_nothing(const Op& op, const TensorType& type) const {
  const Tensor& x = tensor(op.inputs[0]);
  if (x.shape != type.shape || x.dtype != type.dtype) return false;
  const auto* move = std::get_if<MoveAttrs>(&op.attributes);
  switch (op.kind) {
    case OpKind::kUnary: return std::get<UnaryAttrs>(op.attributes).kind == UnaryKind::kIdentity;
    case OpKind::kMaxPool:
    case OpKind::kAveragePool: return is_point_window(std::get<WindowAttrs>(op.attributes));
    case OpKind::kCast:
    case OpKind::kReshape:
    case OpKind::kExpand: return true;
    case OpKind::kSum:
    case OpKind::kConcat: return op.inputs.size() == 1;
    case OpKind::kPad: return all_zero(move->begin) && all_zero(move->end);
    case OpKind::kSlice:
      return std::all_of(move->step.begin(), move->step.end(),
                         [](std::int64_t s) { return s > 0; });
    case OpKind::kSplit: return op.outputs.size() == 1;
    case OpKind::kTranspose: {
      const auto& permutation = std::get<TransposeAttrs>(op.attributes).permutation;
      return std::is_sorted(permutation.begin(), permutation.end());
    }
    default: return false;
  }
}

Result<std::vector<TensorId>> GraphBuilder::add_op(Op op, const std::vector<std::string>& outputs,
                                                   DType cast_to) {
  const std::size_t first = graph_.tensors.size();
  for (const std::string& name : outputs) {
    op.outputs.push_back(
        name.empty() ? TensorId{} : TensorId{static_cast<std::uint32_t>(graph_.tensors.size())});
    if (name.empty()) continue;
    Tensor tensor;
    tensor.name = name;
    tensor.dtype = cast_to;
    graph_.tensors.push_back(std::move(tensor));
  }
  const auto types = infer_op(graph_, op);
  if (!types) {
    graph_.tensors.resize(first);
    return types.errors();
  }
  if (changes_nothing(op, types->front())) {
    graph_.tensors.resize(first);
    return std::vector<TensorId>{op.inputs[0]};
  }
  const bool known = std::all_of(op.inputs.begin(), op.inputs.end(), [&](TensorId in) {
    return in.valid() && is_constant(tensor(in));
  });
  auto values = known && afford(op, *types) ? fold_op(graph_, op, *types) : std::nullopt;
  for (std::size_t i = 0; i < op.outputs.size(); ++i) {
    if (!op.outputs[i].valid()) continue;
    Tensor& made = graph_.tensor(op.outputs[i]);
    made.shape = (*types)[i].shape;
    made.dtype = (*types)[i].dtype;
    if (!values) continue;
    made.kind = TensorKind::kParameter;
    made.constant = std::move((*values)[i]);
  }
  std::vector<TensorId> ids = op.outputs;
  if (!values) {
    op.name = unique_name(op.name);
    graph_.ops.push_back(std::move(op));
  }
  return ids;
}

}  // namespace takt
