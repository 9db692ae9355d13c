// SPDX-License-Identifier: Apache-2.0
// Vector regions: a stream of rows, cut so that what is normalised together lies in one row.
#include <algorithm>

#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"

namespace takt::fusing {
namespace {

// A row is the unit a buffer holds. Longer ones of purely elementwise work are cut, at a divisor.
constexpr std::int64_t kRowElementsMax = 16'384;

/// Views of one shape walked together as images, rows, runs and elements of a run.
struct Grid {
  std::int64_t images = 1, rows = 1, runs = 1, run = 1;
  std::vector<ActivationView> walks;  ///< by view
  bool exact = true;                  ///< no loop was left out (see two_levels)
};

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

/// Cuts rows that are too long for one buffer line after another; only where rows are independent.
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

std::vector<std::size_t> outside(const RowCut& cut) {
  return {cut.order.begin(), cut.order.begin() + static_cast<std::ptrdiff_t>(cut.row_from)};
}

}  // namespace

Region Fuser::vector_region(const Group& group, const View& out, const RowCut& cut,
                            bool may_split) {
  Region region;
  region.kind = Region::Kind::kVector;
  const Op& first = op(group.members.front());
  region.op = word_for(first);
  region.name = first.name.empty() ? region.op : first.name;
  region.members = group.members;
  for (std::size_t i = 1; i < group.members.size(); ++i) {
    if (!is_view(op(group.members[i]))) region.fused.push_back(op(group.members[i]).name);
  }
  region.dtype = stored_dtype(group.result);

  // The result first, then the operands that change with every row, as far as they nest.
  std::vector<View> views{out};
  for (const Step& step : group.steps) {
    for (const Operand& operand : step.operands) {
      if (access_of(operand.view, outside(cut), false) != VectorOperand::Access::kAligned) continue;
      views.push_back(operand.view);
      if (!grid_of(views, cut))
        views.back() = placed_copy(operand.tensor, step.op, shape(group.stream));
    }
  }
  auto grid = grid_of(views, cut);
  CHECK(grid.has_value()) << "dense operands nest: " << region.name;
  if (may_split && group.row_axes.empty()) split_rows(*grid);

  VectorWork& work = region.vector;
  work.images = grid->images;
  work.rows = grid->rows;
  work.row_run = grid->run;
  work.row_elements = grid->runs * grid->run;
  region.output = grid->walks[0];
  region.shape = {{"rows", work.images * work.rows}, {"elements", work.row_elements}};

  std::size_t next = 1;
  for (const Step& step : group.steps) {
    VectorStep entry{step.what, step.cost.per_element, step.op};
    work.lane_ops_per_row += work.row_elements * step.cost.per_element;
    if (step.cost.per_row && step.row_extent > 0) {
      const std::int64_t rows = std::max<std::int64_t>(1, work.row_elements / step.row_extent);
      work.lane_ops_per_row += rows * step.cost.per_row;
      work.reductions_per_row += rows * step.cost.reductions;
    }
    for (const Operand& operand : step.operands) {
      VectorOperand o;
      o.access = access_of(operand.view, outside(cut), false);
      if (o.access == VectorOperand::Access::kAligned) {
        o.view = grid->walks[next++];
        o.tensor = o.view.tensor;
        o.rows = o.view.stride_h != 0 ? work.rows : 1;
        o.row_run = o.view.stride_c != 0 ? work.row_run : 1;
        o.row_elements = (o.view.stride_w != 0 ? grid->runs : 1) * o.row_run;
      } else {
        o.tensor = o.view.tensor = operand.view.stored;
        o.view.offset = operand.view.offset;
        o.walks = false;
        o.rows = 1;
        o.row_elements = o.row_run = distinct(operand.view);
      }
      region.operands.push_back(o);
      if (entry.operand < 0) entry.operand = static_cast<int>(region.operands.size()) - 1;
      ++entry.operand_count;
    }
    region.epilogue.push_back(std::move(entry));
  }
  work.moves_only = work.lane_ops_per_row == 0;
  return region;
}

void Fuser::elementwise(OpId id) {
  const Op& o = op(id);
  const Shape& out_shape = shape(o.outputs[0]);
  Group group;
  group.members = {id};
  group.stream = group.result = o.outputs[0];
  // The layout of the first operand that has the result's shape.
  DimOrder order = row_major(out_shape.size());
  for (TensorId input : o.inputs) {
    if (!input.valid() || is_parameter(input) || shape(input) != out_shape) continue;
    order = order_in_memory(placed(input));
    break;
  }
  Step step;
  step.op = id;
  step.what = word_for(o);
  step.cost = lane_cost(graph_, o, stored_dtype(o.outputs[0]));
  step.row_extent = row_extent(o);
  for (std::size_t i = 0; i < o.inputs.size(); ++i) {
    if (!o.inputs[i].valid() || (i > 0 && immediate(o, i))) continue;
    const auto view = operand_view(o, i, out_shape);
    CHECK(view.has_value()) << "an operand of " << o.name << " has no place";
    step.operands.push_back({o.inputs[i], *view});
  }
  group.steps.push_back(std::move(step));
  if (o.kind == OpKind::kSoftmax || o.kind == OpKind::kLayerNorm || o.kind == OpKind::kRmsNorm) {
    for (std::int64_t axis : std::get<AxesAttrs>(o.attributes).axes) {
      group.row_axes.insert(static_cast<std::size_t>(axis));
    }
  } else if (o.kind == OpKind::kInstanceNorm || o.kind == OpKind::kGroupNorm) {
    const std::size_t from = o.kind == OpKind::kGroupNorm ? 1 : 2;
    for (std::size_t d = from; d < out_shape.size(); ++d) group.row_axes.insert(d);
  }
  group = grow(std::move(group), order, true);
  const View out = allocate_result(group, order);
  const RowCut cut = cut_rows(group, order);
  Region region = vector_region(group, out, cut, o.kind != OpKind::kLrn);
  const std::int64_t channels = out_shape.size() > 1 ? out_shape[1] : 1;
  if (o.kind == OpKind::kLrn) {
    // It reads neighbours among the channels, which lie innermost: whole pixels.
    allow_cuts(region.vector, region.vector.row_run, channels);
  } else if (o.kind == OpKind::kGroupNorm && !cut.order.empty() && cut.order.back() == 1) {
    allow_cuts(region.vector, channels, channels / std::get<AxesAttrs>(o.attributes).groups);
  } else if (const std::int64_t inner = free_channels(group, cut); inner > 1) {
    allow_cuts(region.vector, group.row_axes.empty() ? region.vector.row_run : inner);
  }
  add_region(std::move(region));
}

void Fuser::copy(const std::string& name, OpId id, const View& from, const View& to) {
  if (to.elements() == 0) return;
  Region region;
  region.kind = Region::Kind::kVector;
  region.op = "copy";
  region.name = name;
  if (id.valid()) region.members = {id};
  region.dtype = out_.tensors[to.stored.index].dtype;
  RowCut cut;
  cut.order = order_in_memory(to);
  cut.row_from = cut.order.empty() ? 0 : cut.order.size() - 1;
  auto grid = grid_of({to, from}, cut);
  if ((!grid || !grid->exact) && copy_in_parts(name, id, from, to)) return;
  if (!grid) {
    // The cuts of the two do not nest: element by element.
    grid = grid_of({to}, cut);
    CHECK(grid.has_value()) << "a view walks with itself";
    ActivationView scattered;
    scattered.tensor = from.stored;
    scattered.offset = from.offset;
    grid->walks.push_back(scattered);
  }
  region.vector.images = grid->images;
  region.vector.rows = grid->rows;
  region.vector.row_run = grid->run;
  region.vector.row_elements = grid->runs * grid->run;
  region.vector.moves_only = true;
  if (grid->walks[1].stride_c != 0) allow_cuts(region.vector, grid->run);
  region.shape = {{"rows", grid->images * grid->rows}, {"elements", region.vector.row_elements}};
  region.output = grid->walks[0];
  VectorOperand operand;
  operand.tensor = from.stored;
  operand.view = grid->walks[1];
  operand.rows = grid->rows;
  operand.row_elements = region.vector.row_elements;
  operand.row_run = grid->run;
  region.operands.push_back(operand);
  VectorStep step;
  step.what = "copy";
  step.lane_ops = 0;
  step.op = id;
  step.operand = 0;
  step.operand_count = 1;
  region.epilogue.push_back(step);
  add_region(std::move(region));
}

}  // namespace takt::fusing
