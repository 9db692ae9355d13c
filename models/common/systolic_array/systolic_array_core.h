// SPDX-License-Identifier: Apache-2.0
#pragma once
// The systolic array, PE by PE and clock by clock, with values. It decides each step from what
// stands in its registers whether the next load, the next tile or the next row may begin, and notes
// the moments as they come: nothing here is computed from a formula of systolic_timing.

#include <cstdint>
#include <deque>
#include <optional>

#include "models/common/systolic_array/array_tile.h"
#include "models/common/systolic_array/output_grid.h"
#include "models/common/systolic_array/stationary_grid.h"
#include "sim/engine/matrix_unit_core.h"
#include "sim/machine/machine.h"

namespace takt {

/// Operand and Sum: int8 or int16 with 32-bit sums; float with float for fp8 … fp32 (the caller
/// rounds operands). Tiles run in the order in which they are pushed.
template <class Operand, class Sum>
class SystolicArray {
 public:
  using Tile = ArrayTile<Operand, Sum>;
  /// `dtype` sets the rate. A rate above 1 must be a whole number.
  SystolicArray(const MatrixUnit& unit, DType dtype);

  /// Appends a tile; the ids count 0, 1, 2 …
  std::uint64_t push(const Tile& tile);
  /// When operands of a tile pushed with kNever may be taken; not before now().
  void announce_a(std::uint64_t tile, Cycles ready) { entry(tile).tile.a_ready = ready; }
  void announce_b(std::uint64_t tile, Cycles ready) { entry(tile).tile.b_ready = ready; }

  /// One clock: from now() to now() + 1.
  void step();
  Cycles now() const { return now_; }
  /// Nothing moves in the array: until a tile's operands are there a step would change nothing.
  bool quiet() const;
  /// The first moment at which a step changes something; kNever if that waits for the caller.
  Cycles wake() const;
  /// Lets `cycles` pass in a quiet array.
  void skip(Cycles cycles);

  /// Every tile pushed is done.
  bool idle() const { return done_ == pushed_; }
  /// The oldest tile's moments once it is done; then it is forgotten. In order of the ids.
  std::optional<Booking> take_done();
  /// Moments of a tile; those that have not come yet are kNever.
  const Booking& moments(std::uint64_t tile) const { return entry(tile).moments; }

  // Registers, as the last step left them.
  const StationaryGrid<Operand, Sum>& stationary_grid() const { return *stationary_; }
  const OutputGrid<Operand, Sum>& output_grid() const { return *outputs_; }

 private:
  /// A tile with the roles its operands play under the dataflow.
  struct Entry {
    Tile tile;
    Booking moments{kNever, kNever, kNever, kNever};
    ResultTarget<Sum> target;
    MatrixView<const Operand> stream;      ///< [streamed, k]
    MatrixView<const Operand> stationary;  ///< [k, columns]
    std::uint32_t streamed = 0;            ///< rows that enter, or elements of k
  };
  Entry& entry(std::uint64_t id) { return entries_[id - first_]; }
  const Entry& entry(std::uint64_t id) const { return entries_[id - first_]; }
  bool outputs_stay() const { return unit_.dataflow == Dataflow::kOutputStationary; }
  bool exclusive() const { return unit_.timing == MatrixUnit::Timing::kScaleSim; }

  Cycles stationary_ready(const Entry& e) const {
    return unit_.dataflow == Dataflow::kInputStationary ? e.tile.a_ready : e.tile.b_ready;
  }
  void pass_by_reuse();
  bool load_fits() const;
  void begin_load();
  void feed_load();
  void begin_tile();
  bool array_takes(const Entry& e, std::uint64_t id) const;
  void feed_tile();

  MatrixUnit unit_;
  MacRate rate_;
  std::uint32_t planes_;  ///< multiply-accumulates a PE a cycle
  std::optional<StationaryGrid<Operand, Sum>> stationary_;
  std::optional<OutputGrid<Operand, Sum>> outputs_;

  Cycles now_{};
  std::deque<Entry> entries_;     ///< tiles first_ … pushed_ - 1; a deque keeps their addresses
  std::uint64_t first_ = 0;       ///< the oldest not taken by take_done
  std::uint64_t pushed_ = 0;      ///< tiles seen
  std::uint64_t load_next_ = 0;   ///< the next whose load has to begin (or that needs none)
  std::uint64_t begin_next_ = 0;  ///< the next to begin issuing
  std::uint64_t done_ = 0;

  std::uint32_t rows_to_load_ = 0;  ///< of the stationary operand that enters; 0 = none does
  std::uint64_t loading_ = 0;
  bool shadow_taken_ = false;      ///< it holds, or takes in, an operand that is not used yet
  bool issuing_ = false;           ///< tile begin_next_ - 1 has rows left
  std::uint32_t issued_ = 0;       ///< rows (elements) of it that entered
  std::uint64_t hold_ = 0;         ///< cycles until the next command's rows may enter
  std::uint64_t rate_credit_ = 0;  ///< in 1/denominator of a row
  Cycles chain_free_{};  ///< double-buffered outputs: no tile may end before; see begin_tile
};

extern template class SystolicArray<std::int8_t, std::int32_t>;
extern template class SystolicArray<std::int16_t, std::int32_t>;
extern template class SystolicArray<float, float>;

}  // namespace takt
