// SPDX-License-Identifier: Apache-2.0
#pragma once
// What becomes of the network's tensors: every element of a result made once, stored once, sent to
// the host once, and read only after it was stored.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/program/verify_coverage.h"
#include "sim/program/verify_order.h"

namespace takt {

class TensorChecks {
 public:
  using Report = std::vector<std::string>;
  TensorChecks(const Program& program, Report& at_start);
  /// Looks at the remote side of a load or store, and at what vector work writes to resident
  /// tensors.
  void transfer(const TokenOrder& order, const TileOp& op, Report& found);
  void vector_writes(const TokenOrder& order, const TileOp& op, Report& found);
  void finish(Report& found) const;

 private:
  struct Touched {
    Box box;
    Moment moment;
  };
  /// Touches of a tensor in DRAM that not all units know to be over.
  struct Recent {
    std::vector<Touched> all;
    std::size_t prune_at = 64;
    void add(const TokenOrder& order, const Box& box, const Moment& moment);
  };
  struct State {
    Coverage dram, chip, host;
    bool is_result = false;  ///< a region of this program makes it
    bool from_host = false;  ///< it has to arrive first
    Recent writes, reads;    ///< reads only of what is overwritten: in later passes, or shared
    bool gone = false;       ///< another tensor took its place in the shared buffer
    std::vector<std::uint32_t> same_place;  ///< tensors that share bytes of the shared buffer
    std::uint32_t pass = 0;                 ///< of the batch, whose coverage this is
  };
  void mark_box(const TileOp& op, Coverage& into, const Box& box, const char* where,
                Report& found) const;
  State& state_of(const TileOp& op, TensorId tensor, Report& found);
  void check_whole(std::size_t tensor, Report& found) const;
  void take_place(const TokenOrder& order, const TileOp& op, const Box& box, Report& found);
  void find_same_places();
  void read_dram(const TokenOrder& order, const TileOp& op, const Box& box, Report& found);
  void write_dram(const TokenOrder& order, const TileOp& op, const Box& box, Report& found);
  std::string name(TensorId tensor) const;

  const Program& program_;
  bool has_host_ = false;
  bool has_passes_ = false;
  std::vector<State> tensors_;
};

}  // namespace takt
