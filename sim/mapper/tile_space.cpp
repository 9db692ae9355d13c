// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/tile_space.h"

#include <algorithm>

#include "sim/base/math.h"

namespace takt {
namespace {

Tiles tiles_of(std::int64_t total, std::int64_t extent) {
  return {total, std::clamp<std::int64_t>(extent, 1, std::max<std::int64_t>(total, 1)), 0};
}

}  // namespace

void cut_share(Tiles& tiles, std::uint32_t part, std::uint32_t parts) {
  const std::int64_t share = div_up(tiles.total, parts);
  const std::int64_t begin = std::min<std::int64_t>(tiles.total, share * part);
  tiles.first = begin;
  tiles.total = std::min(share, tiles.total - begin);
  tiles.extent = std::min(tiles.extent, std::max<std::int64_t>(tiles.total, 1));
}

namespace {

/// Elements of the reduction that the array's rows hold: a PE that does two MACs a cycle takes two;
/// a slower one takes longer.
std::int64_t reduction_rows(const MatrixUnit& array, DType dtype) {
  const MacRate rate = array.rate_of(dtype);
  return array.rows *
         std::max<std::int64_t>(1, rate.denominator ? rate.numerator / rate.denominator : 1);
}

/// Half of the accumulators, so that the vector unit empties one half while the other fills.
std::int64_t half_of_accumulators(const MatrixUnit& array) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(array.accumulator_rows) / 2);
}

}  // namespace

std::int64_t groups_a_pass_max(const MatrixWork& work, DType dtype, const MatrixUnit& array) {
  const std::int64_t by_rows = reduction_rows(array, dtype) / (work.c * work.r * work.s);
  const std::int64_t by_cols = array.cols / work.o;
  if (array.dataflow == Dataflow::kRowStationary) return 1;
  std::int64_t most = std::min(by_rows, by_cols);
  if (array.dataflow == Dataflow::kOutputStationary) most = by_cols;
  if (array.dataflow == Dataflow::kInputStationary) {
    most = std::min(by_rows, half_of_accumulators(array) / work.o);
  }
  return std::clamp<std::int64_t>(most, 1, work.g);
}

bool products_on_lanes(const Region& region, const RegionMapping& mapping) {
  return region.kind == Region::Kind::kMatrix && mapping.engine == WorkUnit::kVector;
}

std::string lane_sums_fault(const Region& region, const Machine& machine, const RegionMapping& m) {
  if (!products_on_lanes(region, m) || m.c >= region.matrix.c) return "";
  if (m.order == TileOrder::kGiven) {
    return "lanes keep the sums of one tile: with loops of its own its tile c must be " +
           std::to_string(region.matrix.c);
  }
  const std::int64_t sums = m.g * m.n * m.p * m.q * m.o;
  if (sums <= static_cast<std::int64_t>(machine.vector.lanes)) return "";
  return "a lane keeps one sum while tile c is less than " + std::to_string(region.matrix.c) +
         ": " + std::to_string(sums) + " are more than the " +
         std::to_string(machine.vector.lanes) + " lanes";
}

bool fetches_by_pass(const MatrixWork& work, const Machine& machine) {
  return (work.weight.packed && !machine.mapper.weight_rows) || work.r * work.s == 1;
}

Range WindowAxis::needed(Range out) const {
  const std::int64_t low = out.begin * stride - pad;
  const std::int64_t high = (out.begin + out.count - 1) * stride - pad + (size - 1) * dilation + 1;
  const std::int64_t begin = std::clamp<std::int64_t>(low, 0, input);
  const std::int64_t end = std::clamp<std::int64_t>(high, begin, input);
  return {begin, end - begin};
}

WindowWalk walk(const Tiles& tiles, const WindowAxis& axis) {
  const std::int64_t count = tiles.count();
  if (axis.plain(tiles.first + tiles.total)) {
    return {static_cast<std::uint64_t>(tiles.total),
            static_cast<std::uint64_t>(std::min<std::int64_t>(count, 3))};
  }
  WindowWalk walk;
  for_each_tile(tiles, axis, [&walk](std::int64_t inputs, bool begins_run) {
    walk.fetched += static_cast<std::uint64_t>(inputs);
    walk.runs += begins_run;
  });
  return walk;
}

WindowWalk walk(const Tiles& tiles, const WindowAxis& axis, const Tiles& kernel) {
  if (kernel.count() == 1) return walk(tiles, axis);
  WindowWalk walk;
  for_each_tile(tiles, axis, kernel, [&walk](const std::vector<std::int64_t>& needs, bool begins) {
    for (std::size_t i = 1; i < needs.size(); ++i) {
      walk.fetched += static_cast<std::uint64_t>(needs[i]);
    }
    walk.runs += begins;
  });
  return walk;
}

bool is_product(const MatrixWork& work) {
  return work.r == 1 && work.s == 1 && work.q == 1 && work.in_w == 1;
}

const Tiles& TileSpace::tiles(TileDim dim) const {
  switch (dim) {
    case TileDim::kG: return g;
    case TileDim::kN: return n;
    case TileDim::kP: return p;
    case TileDim::kQ: return q;
    case TileDim::kO: return o;
    case TileDim::kC: return c;
    case TileDim::kR: return r;
    case TileDim::kS: return s;
  }
  return g;
}

TileSpace::TileSpace(const Region& region, const Machine& machine, const RegionMapping& mapping,
                     std::uint32_t part) {
  const MatrixWork& w = region.matrix;
  g = tiles_of(w.g, mapping.g);
  n = tiles_of(w.n, mapping.n);
  p = tiles_of(w.p, mapping.p);
  q = tiles_of(w.q, mapping.q);
  o = tiles_of(w.o, mapping.o);
  c = tiles_of(w.c, mapping.c);
  switch (mapping.cut) {
    case RegionMapping::Cut::kNone: break;
    case RegionMapping::Cut::kGroups: cut_share(g, part, mapping.parts); break;
    case RegionMapping::Cut::kImages: cut_share(n, part, mapping.parts); break;
    case RegionMapping::Cut::kRows: cut_share(p, part, mapping.parts); break;
    case RegionMapping::Cut::kChannels: cut_share(o, part, mapping.parts); break;
  }
  r = tiles_of(w.r, mapping.r > 0 ? mapping.r : w.r);
  s = tiles_of(w.s, mapping.s > 0 ? mapping.s : w.s);
  loops = loops_of(mapping);
  rows = {w.r, w.stride_h, w.dilation_h, w.pad_h, w.in_h};
  cols = {w.s, w.stride_w, w.dilation_w, w.pad_w, w.in_w};
  element_bytes = bytes_of(region.dtype);

  const MatrixUnit& array = machine.matrix;
  arrays = array.count;
  dataflow = array.dataflow;
  accumulator_rows = static_cast<std::int64_t>(array.accumulator_rows);
  array_cols = array.cols;
  const std::int64_t k_rows = reduction_rows(array, region.dtype);
  // Groups side by side share a pass by a rule of their own; and a nest tells apart so many runs of
  // passes at most, two a tap.
  constexpr std::int64_t kTapsMax = 30;
  taps_apart = array.taps_apart && dataflow != Dataflow::kOutputStationary &&
               dataflow != Dataflow::kRowStationary && w.r * w.s > 1 && w.g == 1 &&
               (w.r * w.s <= kTapsMax || w.c <= k_rows);
  const std::int64_t reduction = c.extent * taps();
  const std::int64_t half = half_of_accumulators(array);
  const std::int64_t pixels = tile_pixels();
  on_lanes = products_on_lanes(region, mapping);
  set_steps(w, array, mapping, k_rows);
  if (on_lanes) {
    taps_apart = false;
    pass = {pixels, o.extent, reduction, g.extent};
    arrays = 1;
    return;
  }
  switch (dataflow) {
    case Dataflow::kWeightStationary: pass = {std::min(pixels, half), array.cols, k_rows}; break;
    case Dataflow::kInputStationary: pass = {array.cols, std::min(o.extent, half), k_rows}; break;
    case Dataflow::kOutputStationary: pass = {array.rows, array.cols, reduction}; break;
    case Dataflow::kRowStationary:
      pass = {pixels, mapping.sets.filters * mapping.sets.filter_sets, reduction};
      break;
  }
  pass.g = std::clamp<std::int64_t>(mapping.pack, 1, g.extent);
  if (arrays > 1) {
    // Deal out whichever dimension has a pass for every array; pixels can always be cut finer.
    if (div_up(o.extent, pass.n) >= arrays) {
      split = ArraySplit::kChannels;
    } else if (div_up(g.extent, pass.g) >= arrays) {
      split = ArraySplit::kGroups;
    } else {
      split = ArraySplit::kPixels;
      pass.m = std::max<std::int64_t>(1, std::min(pass.m, div_up(pixels, arrays)));
    }
  }
}

void TileSpace::set_steps(const MatrixWork& work, const MatrixUnit& array,
                          const RegionMapping& mapping, std::int64_t k_rows) {
  step_channels = c.extent;
  const bool both_by_tile = mapping.reload && mapping.fetch == WeightFetch::kTile;
  by_steps = array.command_depth > 0 && arrays == 1 && !on_lanes && both_by_tile && work.g == 1 &&
             is_product(work);
  if (by_steps) step_channels = std::min(c.extent, div_up(array.command_depth, k_rows) * k_rows);
}

std::int64_t TileSpace::input_pixels(Range p_tile, Range q_tile) const {
  return rows.needed(p_tile).count * cols.needed(q_tile).count;
}

std::uint64_t TileSpace::input_tile_bytes() const {
  // The widest halo: first, second and last tile cover clamped and unclamped ones.
  std::int64_t h = 0, w = 0;
  for (std::int64_t i = 0; i < p.count() && r.count() == 1; ++i) {
    h = std::max(h, rows.needed(p.at(static_cast<std::uint64_t>(i))).count);
    if (i >= 2 && i < p.count() - 2) i = p.count() - 2;
  }
  for (std::int64_t i = 0; i < q.count() && s.count() == 1; ++i) {
    w = std::max(w, cols.needed(q.at(static_cast<std::uint64_t>(i))).count);
    if (i >= 2 && i < q.count() - 2) i = q.count() - 2;
  }
  // Inner tiles may need a row more than the first ones when the padding is deep.
  h = std::min(rows.input,
               std::max(h, (p.extent - 1) * rows.stride + (r.extent - 1) * rows.dilation + 1));
  w = std::min(cols.input,
               std::max(w, (q.extent - 1) * cols.stride + (s.extent - 1) * cols.dilation + 1));
  return static_cast<std::uint64_t>(g.extent) * n.extent * h * w * c.extent * element_bytes;
}

std::uint64_t TileSpace::weight_tile_bytes(WeightFetch fetch) const {
  const std::int64_t reduction = c.extent * taps();
  if (fetch == WeightFetch::kPass) {
    return static_cast<std::uint64_t>(std::min(pass.k, reduction)) * std::min(pass.n, o.extent) *
           pass.g * element_bytes;
  }
  return static_cast<std::uint64_t>(g.extent) * reduction * o.extent * element_bytes;
}

std::uint64_t TileSpace::output_tile_elements() const {
  return static_cast<std::uint64_t>(g.extent) * tile_pixels() * o.extent;
}

std::int64_t TileSpace::reduction_passes(std::int64_t channels, std::int64_t taps) const {
  return taps_apart ? taps * div_up(channels, pass.k) : div_up(channels * taps, pass.k);
}

Range TileSpace::reduction_range(std::int64_t which, std::int64_t channels,
                                 std::int64_t taps) const {
  const auto cut = [this](std::int64_t i, std::int64_t total) {
    return Range{i * pass.k, std::min(pass.k, total - i * pass.k)};
  };
  if (!taps_apart) return cut(which, channels * taps);
  const std::int64_t a_tap = div_up(channels, pass.k);
  Range range = cut(which % a_tap, channels);
  range.begin += which / a_tap * channels;
  return range;
}

std::int64_t TileSpace::blocks(std::int64_t groups, std::int64_t pixels,
                               std::int64_t channels) const {
  std::int64_t count[3] = {div_up(channels, pass.n), div_up(groups, pass.g),
                           div_up(pixels, pass.m)};
  auto& dealt = count[static_cast<int>(split)];
  dealt = div_up(dealt, arrays);
  return count[0] * count[1] * count[2];
}

std::uint32_t TileSpace::arrays_used() const {
  const std::int64_t passes = split == ArraySplit::kChannels ? div_up(o.extent, pass.n)
                              : split == ArraySplit::kGroups ? div_up(g.extent, pass.g)
                                                             : div_up(tile_pixels(), pass.m);
  return static_cast<std::uint32_t>(std::min<std::int64_t>(passes, arrays));
}

std::int64_t TileSpace::sum_rows(std::int64_t pixels, std::int64_t outputs) const {
  if (dataflow == Dataflow::kRowStationary) return pixels * div_up(outputs, array_cols);
  return dataflow == Dataflow::kInputStationary ? outputs : pixels;
}

std::int64_t TileSpace::block_rows() const {
  return sum_rows(std::min(pass.m, tile_pixels()), std::min(pass.n, o.extent) * pass.g);
}

std::int64_t TileSpace::accumulator_blocks() const { return accumulator_rows / block_rows(); }

std::int64_t TileSpace::blocks_held() const {
  // Outside of the first loop that goes on with sums, outputs are done with one after the other.
  bool within = false;
  std::int64_t held = 1;
  for (const TileDim dim : loops) {
    if (is_reduction(dim)) {
      within = within || tiles(dim).count() > 1;
    } else if (within) {
      held *= tiles(dim).count();
    }
  }
  within = within || (by_steps && c.extent > pass.k);
  return within ? held * blocks(g.extent, tile_pixels(), o.extent) : 1;
}

}  // namespace takt
