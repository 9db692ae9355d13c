// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values of ops whose operands are known: shape arithmetic, masks, index tables. Whole numbers wrap
// as their type does, floats round to it.

#include <optional>
#include <vector>

#include "sim/ir/graph.h"
#include "sim/ir/infer.h"

namespace takt {

/// The elements of a constant, row-major; the same variant as Tensor::constant.
using ConstantData = decltype(Tensor::constant);

/// True if the elements of `tensor` are known. No elements are always known.
bool is_constant(const Tensor& tensor);
/// `value` as `dtype` holds it: wrapped, or rounded to nearest (fp16, bf16 and fp8 keep fp32's
/// precision).
std::int64_t wrap(DType dtype, std::int64_t value);
double round_to(DType dtype, double value);
/// The same elements in another type, as ONNX's Cast: floats are cut off towards zero.
ConstantData convert(const ConstantData& data, DType from, DType to);

/// The elements of each output of `op`, whose outputs have `types`. Nothing if an operand is not
/// known, or the operator is not one that is evaluated, or it has no value (division by zero).
std::optional<std::vector<ConstantData>> fold_op(const Graph& graph, const Op& op,
                                                 const std::vector<TensorType>& types);

}  // namespace takt
