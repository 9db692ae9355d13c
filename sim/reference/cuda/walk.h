// SPDX-License-Identifier: Apache-2.0
#pragma once
// How an operand is walked by the row-major index of a result.

#include <vector>

#include "platform.h"

namespace takt::gpu {

using Dims = std::vector<std::int64_t>;

inline std::int64_t elements_of(const Dims& dims) {
  std::int64_t product = 1;
  for (const std::int64_t extent : dims) product *= extent;
  return product;
}
inline Dims dense_strides(const Dims& dims) {
  Dims strides(dims.size(), 1);
  for (std::size_t d = dims.size(); d-- > 1;) strides[d - 1] = strides[d] * dims[d];
  return strides;
}

/// Up to ten loops, innermost first; tensors have fewer than 2^31 elements.
struct Walk {
  static constexpr int kMost = 10;
  std::int32_t loops = 0;
  bool straight = false;  ///< position = offset + index
  std::uint32_t extent[kMost] = {};
  std::int64_t stride[kMost] = {};
  std::int64_t offset = 0;

  TAKT_HD std::int64_t at(std::int64_t index) const {
    if (straight) return offset + index;
    std::int64_t position = offset;
    auto rest = static_cast<std::uint32_t>(index);
    for (int d = 0; d < loops; ++d) {
      const std::uint32_t next = rest / extent[d];
      position += static_cast<std::int64_t>(rest - next * extent[d]) * stride[d];
      rest = next;
    }
    return position;
  }
};

/// The loops of `dims` (outermost first) with these strides; neighbours that are one longer loop
/// are merged.
inline Walk walk_over(const Dims& dims, const Dims& strides, std::int64_t offset = 0) {
  Walk walk;
  walk.offset = offset;
  for (std::size_t d = dims.size(); d-- > 0;) {
    if (dims[d] == 1) continue;
    const int last = walk.loops - 1;
    if (last >= 0 && strides[d] == walk.extent[last] * walk.stride[last]) {
      walk.extent[last] *= static_cast<std::uint32_t>(dims[d]);
      continue;
    }
    if (walk.loops == Walk::kMost) break;  // the reader refuses tensors of more dimensions
    walk.extent[walk.loops] = static_cast<std::uint32_t>(dims[d]);
    walk.stride[walk.loops++] = strides[d];
  }
  walk.straight = walk.loops == 1 && walk.stride[0] == 1;
  return walk;
}

/// An operand of `dims` as it is broadcast to `to`.
inline Walk broadcast(const Dims& dims, const Dims& to) {
  const Dims dense = dense_strides(dims);
  Dims strides(to.size(), 0);
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] != 1) strides[to.size() - dims.size() + d] = dense[d];
  }
  return walk_over(to, strides);
}

}  // namespace takt::gpu
