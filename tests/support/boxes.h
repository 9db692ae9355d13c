// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random boxes of bytes, and what they contain, said the plain way.

#include <algorithm>
#include <vector>

#include "sim/base/random.h"
#include "sim/program/tile_op.h"

namespace takt::testing {

/// A box of up to five dimensions whose strides are contiguous, padded or overlapping.
inline Box random_box(Random& random, std::uint64_t row_max = 700, std::uint32_t count_max = 4) {
  Box box;
  box.address = random.between(1 << 20, 1 << 24);
  box.row_bytes = random.between(1, row_max);
  std::uint64_t extent = box.row_bytes;
  for (std::size_t d = box.dims.size(); d-- > 0;) {
    Box::Dim& dim = box.dims[d];
    dim.count = static_cast<std::uint32_t>(random.between(1, count_max));
    const std::uint64_t gap = random.between(0, 1) == 0 ? 0 : random.between(1, 3000);
    dim.stride = static_cast<std::int64_t>(extent + gap);
    if (random.between(0, 9) == 0) dim.stride = 0;
    if (random.between(0, 9) == 0) dim.stride = -dim.stride;
    extent = std::max<std::uint64_t>(extent, (extent + gap) * dim.count);
  }
  return box;
}

/// The addresses of its bytes, sorted; repeated ones as often as the box names them.
inline std::vector<std::uint64_t> bytes_of(const Box& box) {
  std::vector<std::uint64_t> bytes;
  for (std::uint64_t row = 0; row < box.rows(); ++row) {
    std::uint64_t rest = row;
    std::uint64_t address = box.address;
    for (std::size_t d = box.dims.size(); d-- > 0;) {
      address += static_cast<std::uint64_t>(box.dims[d].stride) * (rest % box.dims[d].count);
      rest /= box.dims[d].count;
    }
    for (std::uint64_t i = 0; i < box.row_bytes; ++i) bytes.push_back(address + i);
  }
  std::sort(bytes.begin(), bytes.end());
  return bytes;
}

/// `bytes` in a row.
inline Box flat_box(std::uint64_t address, std::uint64_t bytes) {
  Box box;
  box.address = address;
  box.row_bytes = bytes;
  return box;
}

/// `rows` rows of `row_bytes`, `stride` apart.
inline Box strided_box(std::uint64_t address, std::uint64_t row_bytes, std::uint32_t rows,
                       std::int64_t stride) {
  Box box = flat_box(address, row_bytes);
  box.dims.back() = {rows, stride};
  return box;
}

}  // namespace takt::testing
