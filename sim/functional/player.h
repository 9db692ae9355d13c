// SPDX-License-Identifier: Apache-2.0
#pragma once
// The functional player: executes a program's ops on real tensors, in the order tokens allow, by
// moving and multiplying the bytes of modelled buffers. No time, no knowledge of the mapper: what a
// tile op says is all there is, so a forgotten tile, a slot that was overwritten too early or a
// wrong halo changes the numbers.
//
// What it reads of an op, and with which meaning. `bytes` below is the size of an element of the
// tensor in question; g, n, p, q, o, r, s, c are those of MatrixWork; ranges are absolute in the
// region (a later pass over the batch has n.begin > 0).
//
// Layout in a slot. Tiles are dense, without gaps:
//   input tile    [g][n][h][w][c], or [n][h][w][g][c] where MatrixWork::input_groups_inside, over
//                 the in-bounds part of the box that its outputs need: h from max(0, p.begin*u -
//                 pad) to min(in_h, (p.end-1)*u - pad + (r-1)*d + 1), w alike; of a tile that takes
//                 a part of the kernel (place.r, place.s) what that part needs
//   weight tile   [g][r][s][c][o]
//   operand tile  as the output tile (kAligned); rows of the operand in order (kWindow); the whole
//                 tensor, element 0 first (kWhole)
//   output tile   [g][n][p][q][o], or [n][p][q][g][o] where MatrixWork::output_groups_inside;
//                 of a vector region [image][row][element of the row]
// A tensor whose TensorPlacement is `resident` is never in a tile layout: its element e lies at
// buffer_address + e*bytes, and every op that touches it finds it by the region's views.
//
// Loads and stores: `transfer` alone. Bytes of `remote`, in box order, equal `bytes` dense bytes at
// transfer.address of the buffer. A box's order of dimensions is the layout's.
//   - space kDram: remote.address counts in DRAM, TensorPlacement::dram_address being element 0.
//   - space kShared: remote.address counts in the shared buffer, TensorPlacement::buffer_address
//     being element 0.
//   - space kHost: remote.address counts in the host's memory, where a tensor's element 0 lies at
//     its dram_address too. With an invalid `buffer`, transfer.address is where the
//     other end lies in `near`, DRAM or shared buffer, dense as well.
//   - weights with WeightView::packed have no stored layout the program could be checked against:
//     a load is given the tile that `place` names: g, o, c of the buffer tile, and k within its
//     (r, s, c), r and s of the part of the kernel, dense [g][k][o]. Bytes = the product of these
//     counts. The same DRAM byte must always be loaded as the same weight.
//
// Matrix ops: outputs place.g x place.flat x place.o, each reduced over place.k of its group.
//   - place.n, p, q, c: ranges of the *buffer tile*; flat: pixels of this pass in its (n, p, q)
//     order; g: groups of this pass; k: of this pass, in (r, s, c of the tile) order; o: outputs of
//     this pass. Several groups only with the whole reduction and all outputs of the tile.
//   - accesses: one read with role kInput: `address` is the first byte of the sub-tile of group
//     g.begin (all of it, not the first byte used), `pitch` leads to the next (n, h, w), 0 where
//     pixels are dense. One read with role kWeight whenever load_stationary: element (g, k, o) at
//     address +
//     ((g - g.begin)*k.count + k - k.begin)*pitch + (o - o.begin)*bytes.
//   - matrix.m*n*(k / blocks) = g.count * flat.count * o.count * k.count, blocks = g.count;
//     `accumulate` says add or overwrite. An op with load_stationary = false uses the stationary
//     operand of the op before on its unit.
//   - accumulators: rows of `cols` 32-bit sums, those of a core's array a from a*accumulator_rows
//     on. j counts the pass's (g, o). Result (pixel i, j) of a pass lies in row accumulator + (i -
//     flat.begin), column j (weight and output stationary); input stationary: row accumulator + j,
//     column i - flat.begin. The range must fit one block of rows x cols.
//
// Vector ops of a matrix region: epilogue of outputs place.g x flat x o of the tile (n, p, q, o as
// above); g.count*o.count may be more than one block of `cols` columns: block b lies b*B rows
// further, B = flat.count (input stationary: blocks of `cols` pixels, B = g.count*o.count);
// accumulator_rows = blocks * B. With vector.macs > 0 there are no accumulators: the op makes the
// sums itself, from a read of role kInput and one of role kWeight like a matrix op's, in the order
// of k. Without a write of role kOutput it is a part of them: the sums stay in the lanes, and the
//     unit's next op goes on with them, on the same place.
//   - accesses: a read of role kOperand with its `operand` for each operand of Region::operands
//     that is not resident; kAligned: element (g, pixel i, o) at address + (g - g.begin)*(bytes of
//     a group: o.count elements where groups are inside, else a pixel's pitch times the pixels of
//     the tile) + (i - flat.begin)*pitch + (o - o.begin)*bytes; kWhole: address of element 0. One
//     write of role kOutput, addressed like a kAligned operand.
//
// Vector ops of a vector region: output rows place.p of each of the images place.n, rows whole, or
// with place.o of them the elements e with e % VectorWork::channels in place.o, dense in order, of
// the operands' rows too where they change with the channel.
//   - accesses: as above by `operand`; kAligned: address of row p.begin of image n.begin, rows
//   dense;
//     kWindow: address of the first in-bounds row that p.begin needs, rows [max(0, p.begin*stride -
//     pad), min(rows, (p.end-1)*stride - pad + window)) of every image, dense. One write of role
//     kOutput: address of row p.begin of image n.begin. `operand` counts in Region::operands for
//     the main input too.
//   - rows of a table that are chosen by values (Gather) lie where the box says only by number: a
//     load of the table takes the rows that the numbers at hand name for the output rows of
//     `place`.
//   - moves_only regions have no vector op: their loads and stores alone must move the bytes.
//
// A region's values are those of its members by the graph's own semantics (docs/values.md), element
// by element, so each member must be in Region::members, and RegionGraph::places must say where
// every stored graph tensor lies.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/stop.h"
#include "sim/functional/accumulators.h"
#include "sim/functional/chip_memory.h"
#include "sim/functional/network_values.h"
#include "sim/functional/region_values.h"
#include "sim/functional/semantics.h"
#include "sim/program/token_play.h"

namespace takt {

class FunctionalPlayer : public OpTaker {
 public:
  /// `given` has the inputs, the parameters (folded ones too) and the scale of every op. All three
  /// must outlive the player.
  FunctionalPlayer(const Program& program, Semantics& semantics, const NetworkValues& given);

  /// Plays the whole program, or op by op for who brings an order of their own. Throws Stopped soon
  /// after `stop` is set.
  void run(StopFlag stop = nullptr);
  bool ready(const TileOp& op) const override;
  void take(const TileOp& op) override;
  void blocked(const TileOp& op) override;
  /// An op's work alone, for who knows without tokens that it may go.
  void perform(const TileOp& op);

  /// The memories of a core, for who makes the sums of matrix ops elsewhere.
  ChipMemory& chip(std::uint32_t core) { return chips_[core]; }
  Accumulators& accumulators(std::uint32_t core) { return sums_[core]; }
  /// Adds a line to findings(): what this op did wrong.
  void find(const TileOp& op, const std::string& what);

  /// What became of a stored tensor, in bytes: as it was stored, or made where it is resident.
  const std::vector<std::byte>& result(TensorId stored) const;
  /// What the program did that no value can say: bytes outside a tensor, operands that lie nowhere.
  const std::vector<std::string>& findings() const { return findings_; }

 private:
  const Region& region(const TileOp& op) const;
  // player.cpp
  void move(const TileOp& op);
  /// Bytes of a memory that a transfer's box counts in: those of a tensor in DRAM or at the host,
  /// from its first one on, or all of the shared buffer.
  struct Far {
    std::vector<std::byte>& bytes;
    std::uint64_t base = 0;       ///< address of the first of them
    const char* what = "tensor";  ///< for messages
  };
  Far far(Space space, TensorId tensor);
  std::vector<std::byte> gather(const TileOp& op, const Far& from);
  void scatter(const TileOp& op, const std::byte* bytes, const Far& to);
  void move_to_host(const TileOp& op);
  std::vector<std::byte> packed_weights(const TileOp& op);
  const Op* gather_of(const TileOp& op) const;
  void load_by_number(const TileOp& op, const Op& gather);
  // player_matrix.cpp
  void matrix(const TileOp& op);
  bool take_operands(const TileOp& op);
  template <class T>
  bool read_operands(const TileOp& op, std::vector<T>& inputs, std::vector<T>& weights);
  bool in_whole_steps(const TileOp& op) const;
  void add_products(const TileOp& op, std::size_t i, std::size_t g, std::int32_t* line) const;
  void add_products(const TileOp& op, std::size_t i, std::size_t g, double* line) const;
  void sum_products(const TileOp& op, std::size_t i, std::size_t g, std::vector<double>& line);
  void accumulate(const TileOp& op);
  // player_vector.cpp
  void epilogue(const TileOp& op);
  void keep_sums(const TileOp& op);
  void rows(const TileOp& op);
  void begin_tile(const TileOp& op);
  std::optional<double> read_operand(const TileOp& op, std::size_t index, std::int64_t element);
  void write(const TileOp& op, const SramAccess& access, std::uint64_t address,
             std::int64_t element, double value);

  /// [m][g][k] and [g][k][o] of the op before: int8 and int16 as they are, others in double.
  struct Stationary {
    std::vector<std::int16_t> whole_inputs, whole_weights;
    std::vector<double> inputs, weights;
  };
  struct PackedTile {
    Range g, k, c, o, r, s;
  };

  const Program& program_;
  Semantics& semantics_;
  const NetworkValues& given_;
  std::vector<std::uint64_t> credits_;            ///< by channel
  std::vector<std::vector<std::byte>> dram_;      ///< by stored tensor, wherever it is kept
  std::vector<std::vector<std::byte>> host_;      ///< by stored tensor
  std::vector<std::byte> shared_;                 ///< the cores' shared buffer
  std::vector<std::vector<std::byte>> resident_;  ///< by stored tensor: what was made on chip
  std::vector<ChipMemory> chips_;                 ///< by core
  std::vector<Accumulators> sums_;                ///< by core: rows of `cols`
  std::vector<Stationary> stationary_;            ///< by unit
  std::vector<std::vector<double>> lane_sums_;    ///< by unit: [pixel][g][o], while they grow
  std::vector<std::int32_t> whole_line_;          ///< sums of one pixel, as they grow
  std::map<std::uint64_t, PackedTile> packed_;    ///< by DRAM address
  RegionValues values_;
  StopFlag stop_ = nullptr;
  std::vector<std::string> findings_;
};

/// Bytes of a stored tensor from the graph's values; zeros for what the graph has no value of.
std::vector<std::byte> stored_bytes(const RegionGraph& regions, TensorId stored,
                                    const NetworkValues& values);

}  // namespace takt
