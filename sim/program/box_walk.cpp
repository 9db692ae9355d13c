// SPDX-License-Identifier: Apache-2.0
#include "sim/program/box_walk.h"

#include <algorithm>

namespace takt {
namespace {

/// Strides by size; a repetition is beyond all of them.
std::uint64_t reach(const Box::Dim& dim) {
  if (dim.stride == 0) return UINT64_MAX;
  const auto stride = static_cast<std::uint64_t>(dim.stride);
  return dim.stride < 0 ? 0 - stride : stride;
}

/// Do the steps of `outer` go on where those of `inner` end?
bool follows(const Box::Dim& outer, const Box::Dim& inner) {
  const std::uint64_t steps = std::uint64_t{inner.count} * outer.count;
  return inner.stride != 0 && outer.stride == inner.stride * std::int64_t{inner.count} &&
         steps <= UINT32_MAX;
}

}  // namespace

Box in_memory_order(const Box& box) {
  FixedVector<Box::Dim, Box::kDims> dims;  // innermost first
  for (std::size_t d = Box::kDims; d-- > 0;) {
    const Box::Dim& dim = box.dims[d];
    if (dim.count == 1) continue;
    dims.push_back(dim);
    for (std::size_t at = dims.size() - 1; at > 0 && reach(dims[at]) < reach(dims[at - 1]); --at) {
      std::swap(dims[at], dims[at - 1]);
    }
  }
  Box walk;
  walk.address = box.address;
  walk.row_bytes = box.row_bytes;
  std::size_t at = Box::kDims;
  for (const Box::Dim& dim : dims) {
    const bool continues = at == Box::kDims && dim.stride > 0 &&
                           static_cast<std::uint64_t>(dim.stride) == walk.row_bytes;
    if (continues) {
      walk.row_bytes *= dim.count;
    } else if (at < Box::kDims && follows(dim, walk.dims[at])) {
      walk.dims[at].count *= dim.count;
    } else {
      walk.dims[--at] = dim;
    }
  }
  return walk;
}

Box rows_in_memory_order(const Box& box) {
  const Box walk = in_memory_order(box);
  std::uint64_t before = UINT64_MAX;
  for (const Box::Dim& dim : box.dims) {
    if (dim.count == 1) continue;
    if (reach(dim) > before) return walk;
    before = reach(dim);
  }
  return box;
}

}  // namespace takt
