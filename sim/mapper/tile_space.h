// SPDX-License-Identifier: Apache-2.0
#pragma once
// The geometry of a mapped matrix region: how many tiles in each dimension, what each holds, what
// its halo is, and what the array passes are. Shared by the mapper's estimate and the lowered nest,
// so that the two cannot drift apart.

#include <vector>

#include "sim/mapper/mapping.h"
#include "sim/program/tile_op.h"

namespace takt {

/// a / b rounded up, of extents and indices: a >= 0, b > 0.
constexpr std::int64_t div_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// The tiles of one dimension: all but the last are `extent` long.
struct Tiles {
  std::int64_t total = 1, extent = 1, first = 0;  ///< `first`: offset of the whole (a core's part)
  std::int64_t count() const { return (total + extent - 1) / extent; }
  Range at(std::uint64_t i) const {
    const std::int64_t begin = static_cast<std::int64_t>(i) * extent;
    return {first + begin, std::min(extent, total - begin)};
  }
};

/// The part of a dimension that core `part` of `parts` does: whole tiles, as even as they go.
void cut_share(Tiles& tiles, std::uint32_t part, std::uint32_t parts);

/// A window dimension (rows or columns): outputs, and the inputs they need.
struct WindowAxis {
  std::int64_t size = 1, stride = 1, dilation = 1, pad = 0, input = 1;
  /// In-bounds inputs that outputs `out` need; empty when all lie in the padding.
  Range needed(Range out) const;
  /// Outputs i < end need input i and nothing else: no window, no halo, no padding behind.
  bool plain(std::int64_t end) const {
    return size == 1 && stride == 1 && pad == 0 && end <= input;
  }
  /// The same outputs, but of the kernel only `taps`.
  WindowAxis part(Range taps) const {
    return {taps.count, stride, dilation, pad - taps.begin * dilation, input};
  }
};

/// Calls visit(inputs it needs, does it begin a run of equal tiles?) for each tile of a window
/// axis; the first tile and the last are runs of their own.
template <class Visit>
void for_each_tile(const Tiles& tiles, const WindowAxis& axis, const Visit& visit) {
  std::int64_t outputs = -1, inputs = -1;
  const std::int64_t count = tiles.count();
  for (std::int64_t i = 0; i < count; ++i) {
    const Range out = tiles.at(static_cast<std::uint64_t>(i));
    const std::int64_t in = axis.needed(out).count;
    visit(in, i <= 1 || i == count - 1 || out.count != outputs || in != inputs);
    outputs = out.count;
    inputs = in;
  }
}

/// Calls visit(tile, begins a run?) for each tile of a window axis of which tiles take parts of the
/// kernel: equal tiles need as many inputs for every part.
template <class Visit>
void for_each_tile(const Tiles& tiles, const WindowAxis& axis, const Tiles& kernel,
                   const Visit& visit) {
  std::vector<std::int64_t> before, now;
  const std::int64_t count = tiles.count();
  for (std::int64_t i = 0; i < count; ++i) {
    const Range out = tiles.at(static_cast<std::uint64_t>(i));
    now.assign(1, out.count);
    for (std::int64_t k = 0; k < kernel.count(); ++k) {
      now.push_back(axis.part(kernel.at(static_cast<std::uint64_t>(k))).needed(out).count);
    }
    visit(now, i <= 1 || i == count - 1 || now != before);
    before.swap(now);
  }
}

/// Inputs that all tiles of a window axis need together, halos counted as often as they are
/// fetched, and in how many runs of equal tiles (first and last apart) a nest walks them.
struct WindowWalk {
  std::uint64_t fetched = 0, runs = 0;
};
WindowWalk walk(const Tiles& tiles, const WindowAxis& axis);
/// Likewise, for each part of the kernel once.
WindowWalk walk(const Tiles& tiles, const WindowAxis& axis, const Tiles& kernel);

/// What the array takes in one pass: at most `m` x `n` outputs and `k` of the reduction of each of
/// `g` groups. More than one group only if a pass holds all of their outputs and reduction.
struct PassShape {
  std::int64_t m = 1, n = 1, k = 1, g = 1;
};

/// Groups whose weights fit the array side by side, as blocks on its diagonal: limited by the rows
/// that their reductions take and the columns of their outputs (stationary outputs take no rows,
/// and of stationary inputs the streamed outputs are limited by the accumulators).
std::int64_t groups_a_pass_max(const MatrixWork& work, DType dtype, const MatrixUnit& array);

/// A plain matrix product: rows that follow each other, no window.
bool is_product(const MatrixWork& work);

/// Is a matrix operator mapped to the vector unit?
bool products_on_lanes(const Region& region, const RegionMapping& mapping);

/// Why the lanes cannot keep the sums of such a tile while their reduction goes on: a lane has one,
/// and sums that are not done stay where they are. Empty: they can.
std::string lane_sums_fault(const Region& region, const Machine& machine, const RegionMapping& m);

/// Can weights be fetched pass by pass? A second operand that another layer stored, and weights
/// that lie as rows, are fetched in strided pieces: whole taps only.
bool fetches_by_pass(const MatrixWork& work, const Machine& machine);

/// The dimension whose passes are dealt out to the arrays of a core, if it has several.
enum class ArraySplit { kChannels, kGroups, kPixels };

class TileSpace {
 public:
  /// `part` of mapping.parts is the piece of the region this core does.
  TileSpace(const Region& region, const Machine& machine, const RegionMapping& mapping,
            std::uint32_t part);

  Tiles g, n, p, q, o, c, r, s;
  TileLoops loops{};
  WindowAxis rows, cols;  ///< of the whole kernel
  PassShape pass;
  bool taps_apart = false;  ///< a pass's part of the reduction lies within one tap of the kernel
  ArraySplit split = ArraySplit::kChannels;
  std::uint32_t arrays = 1;
  Dataflow dataflow = Dataflow::kWeightStationary;
  std::int64_t accumulator_rows = 0;
  std::int64_t array_cols = 1;
  unsigned element_bytes = 1;
  bool on_lanes = false;  ///< on the vector unit: a tile is one op, and `pass` all of it
  /// A product's tile is loaded and multiplied by steps of `step_channels` of its channels, and in
  /// a step by passes, each for all outputs (MatrixUnit::command_depth). Else a step is a tile.
  bool by_steps = false;
  std::int64_t step_channels = 1;

  const Tiles& tiles(TileDim dim) const;
  /// Taps of the kernel in a whole tile; does a tile take only a part of them?
  std::int64_t taps() const { return r.extent * s.extent; }
  bool kernel_cut() const { return r.count() * s.count() > 1; }
  bool empty() const { return g.total <= 0 || n.total <= 0 || p.total <= 0 || o.total <= 0; }
  /// Largest tile of each operand, in bytes: what a slot must hold.
  std::uint64_t input_tile_bytes() const;
  std::uint64_t weight_tile_bytes(WeightFetch fetch) const;
  std::uint64_t output_tile_elements() const;
  /// Passes over the reduction of a tile of `channels` inputs a tap, and which part each takes. The
  /// reduction counts channels of the first tap, then of the next.
  std::int64_t reduction_passes(std::int64_t channels, std::int64_t taps) const;
  Range reduction_range(std::int64_t which, std::int64_t channels, std::int64_t taps) const;
  /// Accumulator blocks of a tile of `pixels` outputs a channel, `channels` and `groups`, on one
  /// array.
  std::int64_t blocks(std::int64_t groups, std::int64_t pixels, std::int64_t channels) const;
  /// Accumulator rows of a pass of `pixels` x `outputs`. Row stationary: more outputs than columns
  /// lie in blocks of `cols`, one behind the other.
  std::int64_t sum_rows(std::int64_t pixels, std::int64_t outputs) const;
  /// Accumulator rows one block takes, and how many blocks fit.
  std::int64_t block_rows() const;
  std::int64_t accumulator_blocks() const;
  /// Blocks that must be held at once: while a reduction goes on all of its tile's, and those of
  /// the other tiles that it goes around; else one.
  std::int64_t blocks_held() const;
  /// Arrays that have a pass in a whole tile.
  std::uint32_t arrays_used() const;
  /// Pixels of a whole tile.
  std::int64_t tile_pixels() const { return n.extent * p.extent * q.extent; }
  /// In-bounds inputs (rows x columns) of an output range.
  std::int64_t input_pixels(Range p_tile, Range q_tile) const;

 private:
  void set_steps(const MatrixWork& work, const MatrixUnit& array, const RegionMapping& mapping,
                 std::int64_t k_rows);
};

/// Does a loop over tiles of that dimension go on with the same sums?
constexpr bool is_reduction(TileDim dim) {
  return dim == TileDim::kC || dim == TileDim::kR || dim == TileDim::kS;
}

}  // namespace takt
