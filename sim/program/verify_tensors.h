// SPDX-License-Identifier: Apache-2.0
#pragma once
// What becomes of the network's tensors: every element of a result made once, stored once, sent to
// the host once, and read only after it was stored.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/program/verify_order.h"

namespace takt {

/// Which bytes of a tensor were written, each once. Holds its bits only until all are there.
class Coverage {
 public:
  explicit Coverage(std::uint64_t bytes = 0) : total_(bytes) {}
  enum class Mark { kNew, kRepeated, kOutside };
  Mark mark(std::uint64_t begin, std::uint64_t count);
  /// `count` bytes somewhere within the tensor: what a strided write says of itself.
  void count_only(std::uint64_t count) {
    covered_ += count;
    exact_ = false;
  }
  bool has(std::uint64_t begin, std::uint64_t count) const;
  bool empty() const { return covered_ == 0; }
  bool complete() const { return covered_ == total_; }
  std::uint64_t covered() const { return covered_; }
  std::uint64_t total() const { return total_; }
  /// The first byte that is missing; for messages.
  std::uint64_t first_gap() const;
  bool exact() const { return exact_; }

 private:
  std::uint64_t total_ = 0, covered_ = 0;
  bool exact_ = true;
  std::vector<std::uint64_t> bits_;  ///< empty before the first mark and after the last
};

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
  struct Written {
    Box box;
    Moment moment;
  };
  struct State {
    Coverage dram, chip, host;
    bool is_result = false;       ///< a region of this program makes it
    bool from_host = false;       ///< it has to arrive first
    std::vector<Written> writes;  ///< not yet known to all units
    std::size_t prune_at = 64;
  };
  void mark_box(const TileOp& op, Coverage& into, const Box& box, const char* where,
                Report& found) const;
  void read_dram(const TokenOrder& order, const TileOp& op, const Box& box, Report& found) const;
  void write_dram(const TokenOrder& order, const TileOp& op, const Box& box, Report& found);
  std::string name(TensorId tensor) const;

  const Program& program_;
  bool has_host_ = false;
  std::vector<State> tensors_;
};

}  // namespace takt
