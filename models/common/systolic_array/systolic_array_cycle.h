// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small systolic array with one SystemC module a PE: slow, but every register is a signal that
// can be traced. The same tiles give the same values in the same cycles as systolic_array_core,
// which shares no code with it but the description of a tile.

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "models/common/systolic_array/array_tile.h"
#include "models/common/systolic_array/pe_cycle.h"
#include "sim/engine/matrix_unit_core.h"
#include "sim/machine/machine.h"

namespace takt {

/// int8 operands, 32-bit sums, at most 16 x 16 PEs, rates up to 1, pipelined timing. Cycle t's
/// rising edge is the t-th of `clk`, which must fall before it rises for the first time: the edges
/// of the array decide on falling edges what enters.
class SystolicArrayCycle : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(SystolicArrayCycle);
  static constexpr std::uint32_t kSideMax = 16;
  using Tile = ArrayTile<std::int8_t, std::int32_t>;

  SystolicArrayCycle(const sc_core::sc_module_name& name, const MatrixUnit& unit);
  sc_core::sc_in<bool> clk{"clk"};

  void push(const Tile& tile);
  bool idle() const { return done_ == tiles_.size(); }
  /// Moments of a tile, in order of pushing; kNever if they have not come.
  const Booking& moments(std::size_t tile) const { return tiles_[tile].moments; }
  /// Every register and wire of the array, named as in the module tree.
  void trace(sc_core::sc_trace_file* file) const;

  // Registers. Stationary operands:
  int moving(std::size_t r, std::size_t c) const { return right_[at(r, c + 1)].read(); }
  int sum(std::size_t r, std::size_t c) const { return sums_[at(r + 1, c)].read(); }
  int stationary(std::size_t r, std::size_t c) const { return used_[at(r, c)].read(); }
  int shadow(std::size_t r, std::size_t c) const { return loads_[at(r + 1, c)].read(); }
  // Stationary outputs (with moving() and sum()):
  int moving_down(std::size_t r, std::size_t c) const { return down_[at(r + 1, c)].read(); }
  int chain(std::size_t r, std::size_t c) const { return loads_[at(r + 1, c)].read(); }

 private:
  using Wires = sc_core::sc_vector<sc_core::sc_signal<int>>;
  using Bits = sc_core::sc_vector<sc_core::sc_signal<bool>>;
  struct Entry {
    Tile tile;
    Booking moments{kNever, kNever, kNever, kNever};
    ResultTarget<std::int32_t> target;
    MatrixView<const std::int8_t> stream, stationary;
    std::uint32_t streamed = 0;
  };
  /// What entered at an edge in one cycle; lane i gets its part i cycles later.
  struct EdgeRow {
    std::vector<int> values;
    bool valid = false, first = false;
  };
  /// Place of the wire into PE (r, c); (r, cols) and (rows, c) leave the array.
  std::size_t at(std::size_t r, std::size_t c) const { return r * (unit_.cols + 1) + c; }
  bool outputs_stay() const { return unit_.dataflow == Dataflow::kOutputStationary; }
  bool twice() const { return unit_.weight_buffers > 1; }

  void make_stationary_pe(std::size_t r, std::size_t c);
  void make_output_pe(std::size_t r, std::size_t c);
  void edges();
  void collect_sums();
  void collect_results();
  bool array_takes(const Entry& e) const;
  bool begin_tile();
  void load(EdgeRow& top);
  bool feed(EdgeRow& left, EdgeRow& top);
  void drive(bool begins, bool ends);

  MatrixUnit unit_;
  MacRate rate_;
  // Wires between the PEs, (rows + 1) x (cols + 1) of each kind: into PE (r, c) at (r, c), but what
  // stays in a PE and its control bits are its own, at (r, c).
  Wires right_, down_, sums_, loads_, used_;
  Bits valid_, begin_, end_, took_;
  sc_core::sc_signal<bool> begin_edge_{"begin_edge"}, end_edge_{"end_edge"};  ///< into PE (0, 0)
  Bits column_loads_, column_first_;  ///< lines along each column
  sc_core::sc_signal<bool> low_{"low"};
  std::vector<std::unique_ptr<StationaryPe>> stationary_pes_;
  std::vector<std::unique_ptr<OutputPe>> output_pes_;

  // The sequencer and the skew at the edges.
  std::uint64_t cycle_ = 0;
  std::deque<Entry> tiles_;
  std::deque<EdgeRow> left_, top_;  ///< the newest first
  std::size_t begun_ = 0, done_ = 0;
  std::size_t loads_begun_ = 0;  ///< tiles whose load began, or that need none
  std::size_t loading_tile_ = 0;
  std::uint32_t rows_to_load_ = 0;
  bool shadow_taken_ = false;
  bool first_pe_taken_ = false;
  bool issuing_ = false;
  std::uint64_t hold_ = 0;  ///< cycles that the next command has waited
  std::uint32_t issued_ = 0;
  std::uint64_t credit_ = 0;
  struct Column {
    std::size_t tile = 0;
    std::uint32_t row = 0;   ///< stationary operands: the next to come out
    std::uint32_t left = 0;  ///< stationary outputs: results still to leave
  };
  std::vector<Column> columns_;
};

}  // namespace takt
