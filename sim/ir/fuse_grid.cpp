// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/fuse_grid.h"

#include <algorithm>

namespace takt::fusing {
namespace {

// A row is the unit a buffer holds. Longer ones of purely elementwise work are cut, at a divisor.
constexpr std::int64_t kRowElementsMax = 16'384;

/// Loops of dimensions [first, last) of the order, outermost first.
std::optional<std::vector<Loop>> loops_of(const std::vector<View>& views, const RowCut& cut,
                                          std::size_t first, std::size_t last) {
  std::vector<Loop> loops;
  for (std::size_t i = first; i < last; ++i) {
    std::vector<Factors> dims;
    for (const View& view : views) dims.push_back(view.dims[cut.order[i]]);
    const auto part = walk_together(dims);
    if (!part) return std::nullopt;
    loops.insert(loops.end(), part->begin(), part->end());
  }
  return merged(std::move(loops));
}

/// Loops counted together, by the stride of the innermost, or a shorter one if that led beyond the
/// last element that the loops reach: a tensor cut into windows jumps back between them.
void one_level(const std::vector<Loop>& loops, std::int64_t& extent,
               std::vector<std::int64_t>& strides) {
  if (loops.empty()) return;
  for (const Loop& loop : loops) extent *= loop.extent;
  strides = loops.back().strides;
  if (loops.size() == 1 || extent <= 1) return;
  for (std::size_t view = 0; view < strides.size(); ++view) {
    std::int64_t reach = 0;
    for (const Loop& loop : loops) reach += (loop.extent - 1) * loop.strides[view];
    if (strides[view] > 0 && reach >= 0) {
      strides[view] = std::min(strides[view], reach / (extent - 1));
    }
  }
}

/// Of more loops than two, the outer ones count together: the number of bytes and the length of a
/// run are exact and only addresses between differ.
void two_levels(const std::vector<Loop>& loops, std::int64_t& outer, std::int64_t& inner,
                std::vector<std::int64_t>& outer_strides,
                std::vector<std::int64_t>& inner_strides) {
  if (!loops.empty()) {
    inner = loops.back().extent;
    inner_strides = loops.back().strides;
  }
  if (loops.size() > 1) one_level({loops.begin(), loops.end() - 1}, outer, outer_strides);
}

}  // namespace

std::optional<Grid> grid_of(const std::vector<View>& views, const RowCut& cut) {
  Grid grid;
  const std::vector<std::int64_t> zeros(views.size(), 0);
  std::vector<std::int64_t> image = zeros, row = zeros, run = zeros, element = zeros;
  const auto inside = loops_of(views, cut, cut.row_from, cut.order.size());
  if (!inside) return std::nullopt;
  two_levels(*inside, grid.runs, grid.run, run, element);
  grid.exact = inside->size() <= 2;
  if (cut.images && cut.row_from > 0) {
    const auto images = loops_of(views, cut, 0, 1);
    const auto rows = loops_of(views, cut, 1, cut.row_from);
    if (!images || !rows) return std::nullopt;
    one_level(*images, grid.images, image);
    one_level(*rows, grid.rows, row);
    grid.exact = grid.exact && images->size() <= 1 && rows->size() <= 1;
  } else {
    const auto outside = loops_of(views, cut, 0, cut.row_from);
    if (!outside) return std::nullopt;
    two_levels(*outside, grid.images, grid.rows, image, row);
    grid.exact = grid.exact && outside->size() <= 2;
  }
  for (std::size_t i = 0; i < views.size(); ++i) {
    ActivationView walk;
    walk.tensor = views[i].stored;
    walk.offset = views[i].offset;
    walk.stride_n = image[i];
    walk.stride_h = row[i];
    walk.stride_w = run[i];
    walk.stride_c = element[i];
    grid.walks.push_back(walk);
  }
  return grid;
}

bool walk_exactly(const std::vector<View>& views, const RowCut& cut) {
  const auto grid = grid_of(views, cut);
  return grid && grid->exact;
}

void split_rows(Grid& grid) {
  if (grid.runs != 1 || grid.images != 1 || grid.run <= kRowElementsMax) return;
  std::int64_t part = kRowElementsMax;
  while (grid.run % part != 0) --part;
  if (part < 64) return;  // nearly prime: leave it
  grid.images = grid.rows;
  grid.rows = grid.run / part;
  grid.run = part;
  for (ActivationView& walk : grid.walks) {
    walk.stride_n = walk.stride_h;
    walk.stride_h = part * walk.stride_c;
  }
}

}  // namespace takt::fusing
