// SPDX-License-Identifier: Apache-2.0
// Reductions: global pools, sums and maxima over dimensions, ArgMax, TopK.
#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"

namespace takt::fusing {
namespace {

// From here on a reduction reads its operand row by row instead of holding all of it.
constexpr std::int64_t kStreamElements = 64;

/// Loops over dimensions [first, last) of the order, outermost first; neighbours in memory are one.
std::vector<Loop> walk_of(const View& view, const DimOrder& order, std::size_t first,
                          std::size_t last) {
  std::vector<Loop> loops;
  for (std::size_t i = first; i < last; ++i) {
    for (const Factor piece : view.dims[order[i]]) loops.push_back({piece.extent, {piece.stride}});
  }
  return merged(std::move(loops));
}

/// Rows of the dimensions from `first` on, as an operand can name them: images of rows, runs of one
/// stride within a row.
bool rows_lie_readable(const View& view, const DimOrder& order, std::size_t first) {
  return walk_of(view, order, 0, first).size() <= 2 &&
         walk_of(view, order, first, order.size()).size() <= 2;
}

/// Rows that follow each other with one stride, as so many images of fewer rows.
void as_images(Region& region, std::int64_t images) {
  CHECK(region.vector.rows % images == 0) << region.name;
  region.vector.images = images;
  region.vector.rows /= images;
  region.output.stride_n = region.output.stride_h * region.vector.rows;
  for (VectorOperand& operand : region.operands) {
    operand.view.stride_n = operand.view.stride_h * region.vector.rows;
    if (operand.rows > 1) operand.rows = region.vector.rows;
  }
}

}  // namespace

// Global pools, reductions, ArgMax, TopK. In memory order the dimensions before the first reduced
// one are independent: a row of the result each. What each needs is a row of the operand, or, if
// that would be long, as many rows as the first reduced dimension has indices, one after another.
void Fuser::reduction(OpId id) {
  const Op& o = op(id);
  View in = placed(o.inputs[0]);
  const Shape& dims = shape(o.inputs[0]);
  const Shape& out_dims = shape(o.outputs[0]);
  std::set<std::size_t> reduced;
  if (const auto* attrs = std::get_if<AxesAttrs>(&o.attributes)) {
    for (std::int64_t axis : attrs->axes) reduced.insert(static_cast<std::size_t>(axis));
    for (std::size_t d = 0; attrs->axes.empty() && d < dims.size(); ++d) reduced.insert(d);
  } else {
    for (std::size_t d = 2; d < dims.size(); ++d) reduced.insert(d);
  }
  const auto first_reduced = [&reduced](const DimOrder& order) {
    std::size_t first = 0;
    while (first < order.size() && !reduced.count(order[first])) ++first;
    return first;
  };
  const std::string copied = graph_.tensor(o.inputs[0]).name + ".copy";
  DimOrder in_order = order_in_memory(in);
  // TopK's two results may be cut into images in two ways: an operand of one stride fits both.
  const bool twice =
      o.kind == OpKind::kTopK && walk_of(in, in_order, 0, first_reduced(in_order)).size() > 1;
  if (twice || !rows_lie_readable(in, in_order, first_reduced(in_order))) {
    in = materialise(o.inputs[0], in_order, copied);
    in_order = order_in_memory(in);
  }
  const std::size_t first = first_reduced(in_order);

  // The same order without the reduced dimensions, unless they stay with extent 1.
  const bool keeps = out_dims.size() == dims.size();
  DimOrder order;
  std::size_t outer = 0;
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    if (!keeps && reduced.count(in_order[i])) continue;
    const auto gone = keeps ? 0 : std::count_if(reduced.begin(), reduced.end(), [&](std::size_t d) {
      return d < in_order[i];
    });
    order.push_back(in_order[i] - static_cast<std::size_t>(gone));
    if (i < first) ++outer;
  }
  const Group group = grow(single(id), order, false);
  const RowCut cut{order, outer, false};
  Region region = vector_region(group, allocate_rows(group, cut), cut, false);
  // What is written, and what is read beside, has images of its own already.
  const std::vector<Loop> above = walk_of(in, in_order, 0, first);
  const std::int64_t images = region.vector.images;
  if (above.size() == 2 && images > 1 && images != above.front().extent) {
    in = materialise(o.inputs[0], in_order, copied);
  }
  read_rows(region, in, reduced, in_order, first);
  const Region values = region;
  add_region(std::move(region));
  if (o.kind == OpKind::kTopK)
    top_k_indices(id, values, cut,
                  [&](Region& indices) { read_rows(indices, in, reduced, in_order, first); });
}

// The operand of a reduction: `first` dimensions in memory order are independent.
void Fuser::read_rows(Region& region, const View& in, const std::set<std::size_t>& reduced,
                      const DimOrder& in_order, std::size_t first) {
  const Shape dims = in.shape();
  std::int64_t independent = 1;
  for (std::size_t i = 0; i < first; ++i) independent *= dims[in_order[i]];
  const std::int64_t each = elements_of(dims) / independent;
  std::int64_t inner = 1;  // what lies behind the last reduced dimension is independent too
  for (std::size_t i = in_order.size(); i-- > first && !reduced.count(in_order[i]);) {
    inner *= dims[in_order[i]];
  }
  const std::int64_t length = first < in_order.size() ? dims[in_order[first]] : 1;
  // Strides of all that lies in one loop, not of a dimension: one of extent 1 has none.
  const auto step = [](const std::vector<Loop>& loops) {
    return loops.empty() ? std::int64_t{0} : loops.back().strides[0];
  };
  const std::size_t behind = std::min(first + 1, in_order.size());
  const std::vector<Loop> above = walk_of(in, in_order, 0, first);
  const std::vector<Loop> row = walk_of(in, in_order, first, in_order.size());
  const std::vector<Loop> lines = walk_of(in, in_order, first, behind);
  const std::vector<Loop> line = walk_of(in, in_order, behind, in_order.size());
  VectorOperand main;
  main.tensor = main.view.tensor = in.stored;
  main.view.offset = in.offset;
  main.view.stride_c = step(row);
  if (each / length >= kStreamElements && region.vector.images == 1 && above.size() <= 1 &&
      lines.size() <= 1 && line.size() <= 1) {
    region.vector.images = region.vector.rows;
    region.vector.rows = 1;
    for (VectorOperand& other : region.operands) {
      other.view.stride_n = std::exchange(other.view.stride_h, 0);
    }
    region.output.stride_n = std::exchange(region.output.stride_h, 0);
    main.access = VectorOperand::Access::kWindow;
    main.rows = main.window = main.stride = length;
    main.row_elements = main.row_run = each / length;
    main.view.stride_h = step(lines);
    main.view.stride_n = step(above);
  } else {
    if (above.size() == 2 && region.vector.images == 1) as_images(region, above.front().extent);
    CHECK(above.size() < 2 || region.vector.images == above.front().extent) << region.name;
    main.rows = region.vector.rows;
    main.row_elements = main.row_run = each;
    main.view.stride_h = step(above);
    main.view.stride_n =
        above.size() == 2 ? above.front().strides[0] : main.view.stride_h * region.vector.rows;
    if (row.size() == 2) {
      main.row_run = row.back().extent;
      main.view.stride_w = row.front().strides[0];
    }
  }
  main_operand(region, main);
  if (main.row_run % inner == 0) allow_cuts(region.vector, inner);
  region.shape = {{"rows", independent}, {"elements", each}};
}

// The indices of a TopK: found by the same comparisons, which the values' region pays for; the rows
// are read again.
void Fuser::top_k_indices(OpId id, const Region& values, const RowCut& cut,
                          const std::function<void(Region&)>& read) {
  const Op& o = op(id);
  if (o.outputs.size() < 2 || !o.outputs[1].valid()) return;
  const TensorId indices = o.outputs[1];
  if (readers_[indices.index].empty() && !graph_.tensor(indices).is_output) return;
  Group group = single(id);
  group.stream = group.result = indices;
  Region region = vector_region(group, allocate_rows(group, cut), cut, false);
  read(region);
  region.name = values.name + ".indices";
  region.dtype = values.dtype;
  region.vector.lane_ops_per_row = 0;
  add_region(std::move(region));
}

}  // namespace takt::fusing
