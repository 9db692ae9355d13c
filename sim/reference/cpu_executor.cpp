// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/cpu_executor.h"

#include <cblas.h>

#include "sim/reference/cpu_node.h"
#include "sim/reference/seeded.h"

namespace takt {
namespace {

using Operator = cpu::Made (*)(const cpu::Node&);

Operator operator_for(OpKind kind) {
  switch (kind) {
    case OpKind::kConv: return cpu::convolution;
    case OpKind::kConvTranspose: return cpu::transposed_convolution;
    case OpKind::kMatMul: return cpu::matrix_product;
    case OpKind::kUnary:
    case OpKind::kBinary:
    case OpKind::kSum:
    case OpKind::kWhere:
    case OpKind::kCast:
    case OpKind::kClip: return cpu::elementwise;
    case OpKind::kSoftmax:
    case OpKind::kLayerNorm:
    case OpKind::kGroupNorm:
    case OpKind::kInstanceNorm:
    case OpKind::kBatchNorm:
    case OpKind::kRmsNorm:
    case OpKind::kReduce:
    case OpKind::kArgMax:
    case OpKind::kTopK: return cpu::over_rows;
    case OpKind::kMaxPool:
    case OpKind::kAveragePool:
    case OpKind::kLrn:
    case OpKind::kResize: return cpu::over_windows;
    case OpKind::kLstm:
    case OpKind::kGru:
    case OpKind::kRnn: return cpu::recurrent;
    default: return cpu::moved;
  }
}

/// Numbers as a tensor's type holds them.
TensorValues packed(const std::vector<double>& numbers, DType type, bool quantised) {
  TensorValues out(type, static_cast<std::int64_t>(numbers.size()));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    out.set(static_cast<std::int64_t>(i), quantised ? numbers[i] : rounded(type, numbers[i]));
  }
  return out;
}

}  // namespace

Result<NetworkValues> CpuExecutor::run(Semantics& semantics, const ReferenceOptions& options) {
  const Diagnostics errors = undefined_values(semantics);
  if (!errors.empty()) return errors;
  // Several would add in an order that depends on how many there are.
  openblas_set_num_threads(1);
  NetworkValues values = starting_values(semantics, options.seed);
  const Graph& graph = semantics.graph();
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    check_stop(options.stop);
    const Op& op = graph.ops[i];
    cpu::Made made = operator_for(op.kind)(cpu::Node(semantics, {i}, values));
    values.scales[i] = made.scale;
    for (std::size_t output = 0; output < op.outputs.size(); ++output) {
      const TensorId id = op.outputs[output];
      if (!id.valid()) continue;
      const DType type = semantics.dtype(id);
      if (made.wide) values.scales[i] = cpu::bring_back(made.outputs[output], type);
      values.tensors[id.index] = packed(made.outputs[output], type, semantics.quantised(id));
    }
    if (options.progress) options.progress(i + 1, graph.ops.size());
  }
  return values;
}

}  // namespace takt
