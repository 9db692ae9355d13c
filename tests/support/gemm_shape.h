// SPDX-License-Identifier: Apache-2.0
#pragma once
// Chains of GEMMs as networks: their sizes, and the graph that they are.

#include <string>
#include <vector>

#include "sim/base/random.h"
#include "sim/ir/graph.h"

namespace takt::test {

/// Sizes of a chain [m, widths[0]] x [widths[0], widths[1]] x ... and how it is cut.
struct GemmShape {
  std::int64_t m = 40;
  std::vector<std::int64_t> widths{24, 20};
  std::int64_t tile_m = 16, tile_n = 8, tile_k = 12;
  std::uint32_t weight_slots = 2, input_slots = 2, sum_slots = 2, output_slots = 2;
  bool host = true;
};

inline GemmShape random_gemm(std::uint64_t seed) {
  Random random(seed);
  const auto pick = [&](std::uint64_t low, std::uint64_t high) {
    return static_cast<std::int64_t>(random.between(low, high));
  };
  GemmShape s;
  s.m = pick(1, 70);
  s.widths.clear();
  for (std::int64_t i = pick(2, 4); i > 0; --i) s.widths.push_back(pick(1, 60));
  s.tile_m = pick(1, 32);
  s.tile_n = pick(1, 16);
  s.tile_k = pick(1, 16);
  s.weight_slots = static_cast<std::uint32_t>(pick(1, 3));
  s.input_slots = static_cast<std::uint32_t>(pick(1, 3));
  s.sum_slots = static_cast<std::uint32_t>(pick(1, 2));
  s.output_slots = static_cast<std::uint32_t>(pick(1, 3));
  s.host = pick(0, 1) == 1;
  return s;
}

/// The network that the programs compute: graph tensors as they are stored.
inline Graph gemm_graph(const GemmShape& shape) {
  Graph graph;
  graph.name = "gemms";
  graph.dtype_open = false;
  const auto add = [&](const std::string& name, std::int64_t rows, std::int64_t cols,
                       TensorKind kind) {
    Tensor t;
    t.name = name;
    t.shape = {rows, cols};
    t.dtype = DType::kInt8;
    t.kind = kind;
    graph.tensors.push_back(t);
    return TensorId{static_cast<std::uint32_t>(graph.tensors.size() - 1)};
  };
  TensorId x = add("x0", shape.m, shape.widths[0], TensorKind::kInput);
  for (std::size_t i = 1; i < shape.widths.size(); ++i) {
    const std::string n = std::to_string(i);
    const TensorId w = add("w" + n, shape.widths[i - 1], shape.widths[i], TensorKind::kParameter);
    const TensorId y = add("x" + n, shape.m, shape.widths[i], TensorKind::kActivation);
    Op op;
    op.name = "gemm" + std::to_string(i - 1);
    op.kind = OpKind::kMatMul;
    op.inputs = {x, w};
    op.outputs = {y};
    op.attributes = MatMulAttrs{};
    graph.ops.push_back(op);
    x = y;
  }
  graph.tensors.back().is_output = true;
  return graph;
}

}  // namespace takt::test
