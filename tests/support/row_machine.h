// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random machines with a row-stationary array, and networks with zeros in them.

#include "tests/support/random_network.h"

namespace takt::test {

inline Machine random_row_machine(Random& random) {
  const auto pick = [&random](std::uint64_t low, std::uint64_t high) {
    return static_cast<std::uint32_t>(random.between(low, high));
  };
  Machine m = random_machine(random);
  m.matrix = MatrixUnit{};
  m.matrix.rows = pick(3, 12);
  m.matrix.cols = pick(2, 14);
  m.matrix.dataflow = Dataflow::kRowStationary;
  m.matrix.weight_buffers = 1;
  m.matrix.rate.fill({1, 1});
  RowStationary& pe = m.matrix.row_stationary;
  pe = {pick(12, 224), pick(3, 24), pick(1, 24), pick(1, 4), pick(1, 2), pick(1, 4), true};
  m.buffers.resize(1);
  m.buffers[0].size = Bytes(m.buffers[0].size.value() * 2);
  m.unified = m.weights = BufferId{0};
  if (random.between(0, 1) == 0) {
    Buffer filters;
    filters.name = "weights";
    filters.size = Bytes(2048ULL << random.between(0, 3));
    filters.width = Bytes(8);
    m.buffers.push_back(filters);
    m.weights = BufferId{1};
  }
  m.matrix.accumulator_rows = m.buffers[0].size.value();
  if (random.between(0, 1) == 0) m.dma.compression = {64, 5};
  return m;
}

/// The same network, its activations with any share of zeros.
inline std::shared_ptr<const RegionGraph> with_zeros(const RegionGraph& graph, Random& random) {
  RegionGraph out = graph;
  for (StoredTensor& tensor : out.tensors) {
    if (tensor.kind == TensorKind::kParameter) continue;
    tensor.zero_ppm = static_cast<std::uint32_t>(random.between(0, 1'000'000));
  }
  return std::make_shared<const RegionGraph>(std::move(out));
}

}  // namespace takt::test
