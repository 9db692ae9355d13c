// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/macs.h"

#include "sim/base/math.h"

namespace takt {
namespace {

std::optional<Macs> multiply(const Shape& factors) {
  const auto count = element_count(factors, std::int64_t{1} << 62);
  if (!count) return std::nullopt;
  return Macs(static_cast<std::uint64_t>(*count));
}

/// Gates: each step multiplies x [B,I] with w [I,G*H] and h [B,H] with r [H,G*H], per direction.
std::optional<Macs> recurrent_macs(const Shape& x, const Shape& w, const Shape& r) {
  return multiply({x[0], x[1], w[0], w[1], x[2] + r[2]});
}

}  // namespace

std::optional<Macs> macs_of(const Graph& graph, const Op& op,
                            const std::vector<TensorType>& types) {
  const auto shape = [&](std::size_t i) -> const Shape& {
    return graph.tensor(op.inputs[i]).shape;
  };
  switch (op.kind) {
    case OpKind::kConv: {
      // Each output is a sum over the C/g channels and the window: all of w but its first
      // dimension.
      Shape factors = types[0].shape;
      factors.insert(factors.end(), shape(1).begin() + 1, shape(1).end());
      return multiply(factors);
    }
    case OpKind::kConvTranspose: {
      // Each input element meets the O/g channels and the window.
      Shape factors = shape(0);
      factors.insert(factors.end(), shape(1).begin() + 1, shape(1).end());
      return multiply(factors);
    }
    case OpKind::kMatMul: {
      Shape factors = types[0].shape;
      const Shape& a = shape(0);
      factors.push_back(std::get<MatMulAttrs>(op.attributes).transpose_a ? a[a.size() - 2]
                                                                         : a[a.size() - 1]);
      return multiply(factors);
    }
    case OpKind::kLstm:
    case OpKind::kGru:
    case OpKind::kRnn: return recurrent_macs(shape(0), shape(1), shape(2));
    default: return Macs(0);
  }
}

Macs macs_of(const Graph& graph, const Op& op) {
  std::vector<TensorType> types;
  for (const TensorId output : op.outputs) {
    types.push_back(output.valid() ? TensorType{graph.tensor(output).shape, DType::kFp32}
                                   : TensorType{});
  }
  const auto macs = macs_of(graph, op, types);
  CHECK(macs.has_value()) << "an op that inference accepted has too many MACs";
  return *macs;
}

std::uint64_t total_macs(const Graph& graph) {
  std::uint64_t total = 0;
  for (const Op& op : graph.ops) {
    const std::uint64_t macs = macs_of(graph, op).value();
    total = macs > UINT64_MAX - total ? UINT64_MAX : total + macs;
  }
  return total;
}

}  // namespace takt
