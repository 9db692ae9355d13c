// SPDX-License-Identifier: Apache-2.0
// What depends on parameters alone is computed before the network runs.
#include <algorithm>

#include "sim/workload/onnx_passes.h"

namespace takt {
namespace {

bool stays(OpKind kind) {
  switch (kind) {
    case OpKind::kConv:
    case OpKind::kConvTranspose:
    case OpKind::kMatMul:
    case OpKind::kLstm:
    case OpKind::kGru:
    case OpKind::kRnn:
    case OpKind::kExpand: return true;
    default: return false;
  }
}

bool swaps_last_two(const std::vector<std::int64_t>& permutation) {
  const auto rank = static_cast<std::int64_t>(permutation.size());
  for (std::int64_t i = 0; i < rank - 2; ++i) {
    if (permutation[static_cast<std::size_t>(i)] != i) return false;
  }
  return rank >= 2 && permutation.back() == rank - 2;
}

/// Transpose(weight) read by matrix products only: they read the weight itself, transposed.
bool read_transposed(Graph& graph, const GraphIndex& index, const Op& op) {
  if (op.kind != OpKind::kTranspose ||
      !swaps_last_two(std::get<TransposeAttrs>(op.attributes).permutation)) {
    return false;
  }
  const TensorId out = op.outputs[0], weight = op.inputs[0];
  const auto& readers = index.readers(out);
  const bool products = std::all_of(readers.begin(), readers.end(), [&](int reader) {
    const Op& r = graph.ops[static_cast<std::size_t>(reader)];
    return r.kind == OpKind::kMatMul && !(r.inputs.size() > 2 && r.inputs[2] == out);
  });
  if (!products || graph.tensor(out).is_output) return false;
  for (const int reader : readers) {
    Op& r = graph.ops[static_cast<std::size_t>(reader)];
    auto& attrs = std::get<MatMulAttrs>(r.attributes);
    if (r.inputs[0] == out) attrs.transpose_a = !attrs.transpose_a;
    if (r.inputs[1] == out) attrs.transpose_b = !attrs.transpose_b;
    for (TensorId& in : r.inputs) in = in == out ? weight : in;
  }
  return true;
}

}  // namespace

void fold_parameters(Graph& graph) {
  const GraphIndex index(graph);
  std::vector<Op> kept;
  for (std::size_t i = 0; i < graph.ops.size(); ++i) {
    Op& op = graph.ops[i];
    const bool ahead =
        !stays(op.kind) && std::all_of(op.inputs.begin(), op.inputs.end(), [&](TensorId in) {
          return !in.valid() || graph.tensor(in).kind == TensorKind::kParameter;
        });
    if (!ahead) {
      kept.push_back(std::move(op));
    } else if (!read_transposed(graph, index, op)) {
      for (const TensorId out : op.outputs) {
        if (out.valid()) graph.tensor(out).kind = TensorKind::kParameter;
      }
    } else {
      // Nobody reads what it made any more; its tensor goes with the next prune.
      graph.tensor(op.outputs[0]).kind = TensorKind::kParameter;
    }
  }
  graph.ops = std::move(kept);
}

}  // namespace takt
