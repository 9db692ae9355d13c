// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where a graph tensor's values lie in a stored tensor, and how reshape, transpose, slice and
// broadcast change that without moving anything.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/ir/graph.h"

namespace takt {

/// A piece of a dimension: `extent` steps of `stride` elements.
struct Factor {
  std::int64_t extent = 1, stride = 0;
  friend bool operator==(Factor a, Factor b) {
    return a.extent == b.extent && a.stride == b.stride;
  }
};
/// A dimension, outermost piece first; its index is the mixed-radix number of the pieces' indices.
/// Normal form: no piece of extent 1, no two neighbours that are one longer piece.
using Factors = std::vector<Factor>;

/// [i, j, ...] lies at offset + sum over pieces of (digit * stride). One stride a dimension is the
/// usual case; merging dimensions that are not neighbours in memory makes several.
struct View {
  TensorId stored;  ///< RegionGraph::tensors
  std::int64_t offset = 0;
  std::vector<Factors> dims;

  Shape shape() const;
  std::int64_t elements() const;
  std::int64_t at(const std::vector<std::int64_t>& index) const;  ///< element of the stored tensor
};

std::int64_t elements_of(const Shape& shape);
std::int64_t extent_of(const Factors& factors);

/// Order of dimensions in memory, outermost first.
using DimOrder = std::vector<std::size_t>;
DimOrder row_major(std::size_t rank);
/// [N, C, H, W] as N, H, W, C.
DimOrder channel_last(std::size_t rank);

/// The whole of a stored tensor, dense in `order`.
View dense_view(TensorId stored, const Shape& shape, const DimOrder& order);
/// Nothing if a dimension of `to` would need half a piece.
std::optional<View> reshape(const View& view, const Shape& to);
View transpose(const View& view, const std::vector<std::int64_t>& permutation);
/// `count` indices of dimension `axis` from `begin`, every `step`-th (step > 0).
std::optional<View> slice(const View& view, std::size_t axis, std::int64_t begin,
                          std::int64_t count, std::int64_t step = 1);
/// As ONNX and NumPy broadcast: missing leading and repeated dimensions have stride 0.
View broadcast(const View& view, const Shape& to);
/// Neighbouring slices of one stored tensor along `axis`, as one view.
std::optional<View> concatenate(const std::vector<View>& parts, std::size_t axis);

/// The dimensions by stride, largest first: the layout an elementwise result takes over. Row-major
/// if several pieces a dimension leave it open.
DimOrder order_in_memory(const View& view);

/// Pieces without extent 1, contiguous neighbours merged.
Factors normal(Factors factors);
/// The one stride of a dimension; nothing if it needs several.
std::optional<std::int64_t> single_stride(const Factors& factors);

/// One loop over several operands at once.
struct Loop {
  std::int64_t extent = 1;
  std::vector<std::int64_t> strides;  ///< by operand
};
/// One index of the same extent that every operand walks in its own pieces, cut where any of them
/// cuts. Nothing if the cuts do not nest.
std::optional<std::vector<Loop>> walk_together(const std::vector<Factors>& operands);
/// Neighbours that are one longer loop for every operand, merged; extents of 1 dropped.
std::vector<Loop> merged(std::vector<Loop> loops);

}  // namespace takt
