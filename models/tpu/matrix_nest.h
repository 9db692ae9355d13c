// SPDX-License-Identifier: Apache-2.0
#pragma once
// A matrix region as a loop nest: loops over buffer tiles in the mapping's order, inside them loops
// over array passes (g1 m1 n1 k1, dealt out to the arrays of a core), with each load in the
// innermost loop that changes its tile, and tokens on the first and last op that use it. Without
// the array a tile is one op of the vector unit.

#include "models/tpu/boxes.h"
#include "models/tpu/nest_parts.h"
#include "sim/backend/region_plan.h"
#include "sim/mapper/tile_space.h"
#include "sim/program/nest.h"

namespace takt {

class MatrixNest : public Nest {
 public:
  explicit MatrixNest(RegionPlan plan);
  NestRuns runs(int loop, const NestIndex& index) const override;
  bool emit(int action, const NestIndex& index, TileOp& op) const override;

  const TileSpace& space() const { return space_; }
  /// Weight loads of the whole nest, by array: how far a weight FIFO moves on.
  std::uint64_t weight_loads(std::size_t array) const;

 private:
  /// Loops from outermost to innermost: first those over tiles, in the mapping's order, where
  /// at(dim) is a dimension's place; then the steps of a tile's channels and the passes over one
  /// step (TileSpace::by_steps; there kK1 has nothing left to do).
  enum Loop : int {
    kLastTile = static_cast<int>(kTileDims) - 1,
    kC1,
    kW1,
    kG1,
    kM1,
    kN1,
    kArray,
    kK1,
    kLoops
  };
  /// Kinds of actions (nest_parts.h).
  enum Action : int {
    kHostIn,
    kSync,
    kLoadWhole,
    kLoadWeight,
    kLoadInput,
    kLoadOperand,
    kMatrix,
    kVector,
    kStore,
    kHostOut,
    kLate,
    kDelay,
  };

  /// The buffer tile at an index, and how many passes it takes.
  struct Tile {
    Range g, n, p, q, o, r, s;
    Range c;                    ///< of one step …
    std::int64_t c_before = 0;  ///< … with so many of the tile's channels before it
    std::int64_t steps = 1;     ///< of the tile's channels
    std::int64_t pixels = 0, reduction = 0;
    std::int64_t passes_g = 0, passes_m = 0, passes_n = 0, passes_k = 0;
  };
  /// One array pass within a tile.
  struct Pass {
    Range g, m, n, k;  ///< groups, pixels, outputs and reduction, within the tile
    std::uint32_t array = 0;
    bool valid = false;
  };

  void make_loops();
  int at(TileDim dim) const { return place_[static_cast<std::size_t>(dim)]; }
  static constexpr std::uint32_t bit(int loop) { return 1U << static_cast<unsigned>(loop); }
  std::uint32_t bits(std::initializer_list<TileDim> dims) const;
  /// By tile, in the order of the loops `tiles`: how many iterations of `loops` come before it.
  std::vector<std::uint64_t> prefix(const std::vector<int>& tiles, std::initializer_list<int> loops,
                                    std::uint32_t array) const;
  void make_prefixes();
  void make_body();
  std::vector<NestNode> body_of(int loop) const;
  int next_loop(int loop) const;
  int level_of(std::uint32_t loops_that_change_it) const;

  Tile tile_at(const NestIndex& index) const;
  Pass pass_at(const NestIndex& index, const Tile& tile) const;
  std::int64_t split_passes(const Tile& tile) const;
  std::int64_t count_of(int loop, const Tile& tile) const;
  /// The output tile's place among all, in the order in which they are begun.
  std::uint64_t output_ordinal(const NestIndex& index) const;
  /// Is this the last step of the tile's channels?
  static bool steps_end(const NestIndex& index, const Tile& tile) {
    return static_cast<std::int64_t>(index[kC1]) + 1 == tile.steps;
  }
  /// Is the pass the first (last) over its tile's channels?
  static bool passes_begin(const NestIndex& index) {
    return index[kC1] == 0 && index[kW1] == 0 && index[kK1] == 0;
  }
  static bool passes_end(const NestIndex& index, const Tile& tile) {
    return steps_end(index, tile) &&
           static_cast<std::int64_t>(index[kW1] + index[kK1]) + 1 == tile.passes_k;
  }
  /// The weights that a load brings: the tile's, or those of one pass of a step.
  Tile weight_tile_at(const NestIndex& index) const;
  /// Where a slot changes hands, whatever is loaded at `level`: with the tile, not with a step.
  static int slot_level(int level) { return level == kC1 || level == kW1 ? kLastTile : level; }
  /// Do the reduction's loops, those up to `level`, stand at their last (first) tile?
  bool sums_end(const NestIndex& index, int level) const;
  bool sums_begin(const NestIndex& index) const;
  void place_kernel(const Tile& tile, Place5& place) const;
  Range input_rows(const Tile& tile) const;
  Range input_cols(const Tile& tile) const;
  bool first_below(int level, const NestIndex& index) const;
  bool last_below(int level, const NestIndex& index, const Tile& tile, std::uint32_t array) const;
  std::uint64_t tile_ordinal(int level, const NestIndex& index) const;
  std::uint64_t pass_ordinal(int level, const NestIndex& index, const Tile& tile,
                             std::uint32_t array) const;
  std::int64_t passes_of_array(int loop, const Tile& tile, std::uint32_t array) const;

  bool emit_whole(std::size_t which, TileOp& op) const;
  bool emit_weight(const NestIndex& index, TileOp& op) const;
  bool emit_input(const NestIndex& index, TileOp& op) const;
  bool emit_operand(std::size_t which, const NestIndex& index, TileOp& op) const;
  bool emit_matrix(const NestIndex& index, TileOp& op) const;
  bool emit_vector(const NestIndex& index, TileOp& op) const;
  bool emit_part(const NestIndex& index, const Tile& tile, const Pass& pass, TileOp& op) const;
  void product_on_lanes(const NestIndex& index, const Tile& tile, const Pass& pass,
                        TileOp& op) const;
  bool emit_store(const NestIndex& index, TileOp& op) const;
  bool emit_idle_array(const NestIndex& index, const Tile& tile, std::uint32_t array,
                       TileOp& op) const;
  bool array_used(std::uint32_t array) const;
  void share_tokens(bool takes, const std::vector<ChannelId>& needs,
                    const std::vector<ChannelId>& gives, TileOp& op) const;
  void accumulator_of(const NestIndex& index, const Tile& tile, const Pass& pass, TileOp& op) const;
  void matrix_accesses(const NestIndex& index, const Tile& tile, const Pass& pass,
                       TileOp& op) const;
  void vector_operands(const NestIndex& index, const Tile& tile, const Pass& pass, bool first,
                       bool last, TileOp& op) const;
  SramAccess block_access(const OperandPlace& place, TensorId tensor, const NestIndex& index,
                          const Tile& tile, const Pass& pass) const;
  /// Of group g in a view: groups are (outer, inner) pairs; a tile's lie within one outer.
  template <class View>
  std::int64_t group_offset(const View& view, std::int64_t g) const;
  Box weight_box(const Tile& tile, const Pass& pass) const;
  Box weight_rows(const Tile& tile, const Pass& pass, std::int64_t slice, std::uint64_t base) const;
  /// A box of a tensor's bytes, its rows apart if the machine's commands take `piece` bytes of
  /// them.
  static Box box_in(Bytes piece, std::uint64_t base, std::int64_t offset, unsigned element_bytes,
                    std::initializer_list<Steps> dims);
  Bytes store_piece() const;
  Box output_box(const ActivationView& view, const Tile& tile, Bytes piece) const;
  void place_output_tile(const Tile& tile, TileOp& op) const;
  bool last_block(const NestIndex& index, const Tile& tile) const;
  bool tile_is_last_below(int level, const NestIndex& index) const;
  /// The loop that changes which weights the arrays hold, buffer tiles only.
  int weight_tile_level() const { return weight_tile_level_; }
  void operand_tokens(const NestIndex& index, const Tile& tile, const Pass& pass, TileOp& op) const;
  Place5 place_of(const Tile& tile, const Pass& pass) const;
  /// The array is row stationary, and the region is mapped to it.
  bool row_stationary() const {
    return space_.dataflow == Dataflow::kRowStationary && !space_.on_lanes;
  }
  RowSets row_sets() const;
  bool loads_stationary(const NestIndex& index, const Tile& tile) const;
  SramAccess slot_access(const OperandPlace& place, std::uint64_t ordinal, std::uint64_t bytes,
                         std::uint64_t span, bool write) const;
  bool at_start(const NestIndex& index) const { return first_below(-1, index); }
  bool last_tile_up_to(int level, const NestIndex& index) const;
  bool at_end(const NestIndex& index) const { return last_tile_up_to(kLastTile, index); }

  RegionPlan plan_;
  TileSpace space_;
  std::array<std::int64_t, kLoops> count_{};     ///< largest count of each loop
  std::array<int, kTileDims> place_{};           ///< of each dimension among the loops
  std::vector<int> output_loops_;                ///< those over output tiles, outermost first
  std::array<NestRuns, kTileDims> tile_runs_{};  ///< of the buffer-level loops
  int weight_tile_level_ = -1;
  int weight_level_ = -1, input_level_ = -1, output_level_ = -1;
  bool weights_by_array_ = false;                          ///< each array has its own weight tiles
  std::vector<std::vector<std::uint64_t>> weight_prefix_;  ///< [array][tile]: loads before it
  std::vector<std::vector<std::uint64_t>> block_prefix_;   ///< [array][tile]: accumulator blocks
  EarlySyncs syncs_;
};

}  // namespace takt
