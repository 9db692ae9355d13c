// SPDX-License-Identifier: Apache-2.0
#include "geometry.h"

namespace takt::gpu {
namespace {

/// 16 x 16 elements through shared memory, so that both sides are walked in order.
template <class T>
struct TransposeBody {
  const T* from;
  T* to;
  std::int64_t rows, cols, first_row;
  TAKT_DEVICE void operator()(Block& block) const {
    T* tile = static_cast<T*>(block.memory);
    const std::int64_t base = std::int64_t{block.z} * rows * cols;
    const std::int64_t row0 = first_row + std::int64_t{block.y} * 16;
    const std::int64_t col0 = std::int64_t{block.x} * 16;
    block.each_thread([&](int thread) {
      const std::int64_t row = row0 + thread / 16, col = col0 + thread % 16;
      if (row < rows && col < cols)
        tile[thread / 16 * 17 + thread % 16] = from[base + row * cols + col];
    });
    block.each_thread([&](int thread) {
      const std::int64_t col = col0 + thread / 16, row = row0 + thread % 16;
      if (row < rows && col < cols)
        to[base + col * rows + row] = tile[thread % 16 * 17 + thread / 16];
    });
  }
};

template <class T>
void transpose_as(Any from, void* to, std::int64_t matrices, std::int64_t rows, std::int64_t cols) {
  if (matrices * rows * cols == 0) return;
  TransposeBody<T> body{static_cast<const T*>(from.data), static_cast<T*>(to), rows, cols, 0};
  constexpr std::int64_t kMost = 65535;  // blocks of a grid in y and z
  const std::int64_t tiles = (rows + 15) / 16;
  for (std::int64_t first = 0; first < matrices; first += kMost) {
    const std::int64_t part = std::min(kMost, matrices - first);
    for (std::int64_t tile = 0; tile < tiles; tile += kMost) {
      body.first_row = tile * 16;
      for_each_block(
          {static_cast<unsigned>((cols + 15) / 16),
           static_cast<unsigned>(std::min(kMost, tiles - tile)), static_cast<unsigned>(part)},
          256, 16 * 17 * sizeof(T), body);
    }
    body.from += part * rows * cols;
    body.to += part * rows * cols;
  }
}

}  // namespace

void transpose_matrices(Any from, void* to, std::int64_t matrices, std::int64_t rows,
                        std::int64_t cols) {
  switch (info(from.type).bytes) {
    case 1: return transpose_as<std::uint8_t>(from, to, matrices, rows, cols);
    case 2: return transpose_as<std::uint16_t>(from, to, matrices, rows, cols);
    case 4: return transpose_as<std::uint32_t>(from, to, matrices, rows, cols);
    default: return transpose_as<std::uint64_t>(from, to, matrices, rows, cols);
  }
}

ConvShape conv_shape(const Execution& run, const Op& op) {
  const auto at = [&](int id, std::size_t d) {
    const Dims& dims = run.tensor(id).dims;
    return d < dims.size() ? static_cast<int>(dims[d]) : 1;
  };
  ConvShape s;
  const int x = op.inputs[0], weights = op.inputs[1], y = op.outputs[0];
  s.n = at(x, 0), s.c = at(x, 1), s.h = at(x, 2), s.w = at(x, 3);
  s.o = at(weights, 0), s.r = at(weights, 2), s.s = at(weights, 3);
  s.p = at(y, 2), s.q = at(y, 3);
  s.groups = static_cast<int>(op.whole("groups"));
  const auto both = [&](const char* key, int* out) {
    const Dims list = op.whole_list(key);
    for (std::size_t d = 0; d < 2 && d < list.size(); ++d) out[d] = static_cast<int>(list[d]);
  };
  both("stride", s.stride);
  both("pad_begin", s.pad);
  both("dilation", s.dilation);
  return s;
}

MatMulShape matmul_shape(const Execution& run, const Op& op) {
  MatMulShape s;
  s.transpose_a = op.whole("transpose_a") != 0;
  s.transpose_b = op.whole("transpose_b") != 0;
  Dims a = run.tensor(op.inputs[0]).dims, b = run.tensor(op.inputs[1]).dims;
  // A vector on the left is one row, on the right one column.
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  const std::size_t ra = a.size(), rb = b.size();
  s.m = s.transpose_a ? a[ra - 1] : a[ra - 2];
  s.k = s.transpose_a ? a[ra - 2] : a[ra - 1];
  s.n = s.transpose_b ? b[rb - 2] : b[rb - 1];
  const Dims a_batch(a.begin(), a.end() - 2), b_batch(b.begin(), b.end() - 2);
  Dims batch(std::max(a_batch.size(), b_batch.size()), 1);
  for (std::size_t d = 0; d < batch.size(); ++d) {
    const auto of = [&](const Dims& dims) {
      return d + dims.size() < batch.size() ? 1 : dims[d + dims.size() - batch.size()];
    };
    batch[d] = of(a_batch) == 1 ? of(b_batch) : of(a_batch);
  }
  s.batches = elements_of(batch);
  s.a_matrices = elements_of(a_batch);
  s.b_matrices = elements_of(b_batch);
  s.a_matrix = broadcast(a_batch, batch);
  s.b_matrix = broadcast(b_batch, batch);
  if (s.b_matrices == 1 && s.a_matrices == s.batches && !s.transpose_a) {
    s.m *= s.batches;  // one matrix of many rows
    s.batches = s.a_matrices = 1;
    s.a_matrix = s.b_matrix = Walk{};
  }
  return s;
}

}  // namespace takt::gpu
