// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/fold.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "sim/ir/fold_rules.h"

namespace takt {
namespace {

/// Towards zero; what does not fit goes to the nearest that does, not-a-number to 0.
std::int64_t truncate(double value) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (std::isnan(value)) return 0;
  if (value >= kLimit) return std::numeric_limits<std::int64_t>::max();
  if (value < -kLimit) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

}  // namespace

bool is_constant(const Tensor& tensor) {
  return !std::holds_alternative<std::monostate>(tensor.constant);
}

std::int64_t wrap(DType dtype, std::int64_t value) {
  switch (dtype) {
    case DType::kInt8: return static_cast<std::int8_t>(value);
    case DType::kInt16: return static_cast<std::int16_t>(value);
    case DType::kInt32: return static_cast<std::int32_t>(value);
    case DType::kUInt8: return static_cast<std::uint8_t>(value);
    case DType::kUInt16: return static_cast<std::uint16_t>(value);
    case DType::kUInt32: return static_cast<std::uint32_t>(value);
    case DType::kBool: return value != 0;
    default: return value;
  }
}

double round_to(DType dtype, double value) {
  if (dtype == DType::kFp64 || !std::isfinite(value)) return value;
  if (std::abs(value) > static_cast<double>(FLT_MAX)) {
    return std::copysign(std::numeric_limits<double>::infinity(), value);
  }
  return static_cast<double>(static_cast<float>(value));
}

ConstantData convert(const ConstantData& data, DType from, DType to) {
  const bool to_float = info(to).is_float;
  if (const auto* whole = std::get_if<Tensor::IntData>(&data)) {
    if (!to_float) {
      Tensor::IntData out(*whole);
      for (std::int64_t& value : out) value = wrap(to, value);
      return out;
    }
    Tensor::FloatData out;
    for (const std::int64_t value : *whole) {
      out.push_back(round_to(to, from == DType::kUInt64
                                     ? static_cast<double>(static_cast<std::uint64_t>(value))
                                     : static_cast<double>(value)));
    }
    return out;
  }
  const auto* real = std::get_if<Tensor::FloatData>(&data);
  if (!real) return {};
  if (to_float) {
    Tensor::FloatData out(*real);
    for (double& value : out) value = round_to(to, value);
    return out;
  }
  Tensor::IntData out;
  for (const double value : *real) {
    out.push_back(to == DType::kBool ? value != 0 : wrap(to, truncate(value)));
  }
  return out;
}

std::optional<std::vector<ConstantData>> fold_op(const Graph& graph, const Op& op,
                                                 const std::vector<TensorType>& types) {
  for (const TensorId in : op.inputs) {
    if (!in.valid() || !is_constant(graph.tensor(in))) return std::nullopt;
  }
  const TensorType& type = types.at(0);
  // No elements, no work: not even the loops over the dimensions beside the empty one.
  const auto empty = [](const Shape& shape) { return element_count(shape).value_or(0) == 0; };
  if (std::all_of(types.begin(), types.end(), [&](const auto& t) { return empty(t.shape); })) {
    std::vector<ConstantData> out;
    for (const TensorType& t : types) out.push_back(convert(Tensor::IntData{}, t.dtype, t.dtype));
    return out;
  }
  if (op.kind == OpKind::kReduce && empty(graph.tensor(op.inputs[0]).shape)) return std::nullopt;
  switch (op.kind) {
    case OpKind::kUnary: return folding::unary(graph, op, type);
    case OpKind::kBinary: return folding::binary(graph, op, type);
    case OpKind::kSum: return folding::sum(graph, op, type);
    case OpKind::kWhere: return folding::where(graph, op, type);
    case OpKind::kClip: return folding::clip(graph, op, type);
    case OpKind::kReduce: return folding::reduce(graph, op, type);
    case OpKind::kReshape: return folding::reshape(graph, op);
    case OpKind::kTranspose: return folding::transpose(graph, op, type);
    case OpKind::kSlice: return folding::slice(graph, op, type);
    case OpKind::kSplit: return folding::split(graph, op, types);
    case OpKind::kExpand: return folding::expand(graph, op, type);
    case OpKind::kConcat: return folding::concat(graph, op, type);
    case OpKind::kGather: return folding::gather(graph, op, type);
    case OpKind::kPad: return folding::pad(graph, op, type);
    case OpKind::kCast: {
      const Tensor& x = graph.tensor(op.inputs[0]);
      return std::vector<ConstantData>{convert(x.constant, x.dtype, type.dtype)};
    }
    default: return std::nullopt;
  }
}

}  // namespace takt
