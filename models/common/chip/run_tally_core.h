// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run adds up to, by region: first and last cycle, counts, and the matrix units' ledgers cut
// at the regions' ends.

#include <functional>
#include <vector>

#include "models/common/sequencer/packed_op.h"
#include "sim/engine/engine.h"
#include "sim/engine/matrix_unit_core.h"

namespace takt {

/// Sees every op with its final booking, in the order in which these become known.
using BookingObserver = std::function<void(const TileOp&, const Booking&)>;

class RunTally {
 public:
  RunTally(const Program& program, const RunLimits& limits, BookingObserver observer);
  /// The ledger of a matrix unit, to be cut into windows.
  void add_ledger(WindowedLedger& ledger) { ledgers_.push_back(&ledger); }

  /// An op is on its way. Counted here, where the whole op is at hand; the counts of regions that
  /// do not finish are dropped at the end.
  void dispatched(const TileOp& op) {
    ++pending_[op.region];
    count(op, regions_[op.region].counts);
  }
  /// `core` has no more ops of regions before `region`.
  void passed(std::uint32_t core, std::size_t region);
  void booked(PackedOp& op, const Booking& booking);

  std::size_t regions_done() const { return closed_; }
  Cycles last_end() const { return last_end_; }
  /// Once, at the end.
  std::vector<RegionResult> take_regions();
  /// Regions that end after `limit` do not count as finished; names the first of them.
  void withdraw_beyond(Cycles limit, std::vector<std::string>& blocked);
  /// A run that ended early: the windows that are still open end with it.
  void close_rest(Cycles end);

 private:
  void close_finished();
  void show(PackedOp& op, const Booking& b);

  const Program& program_;
  const RunLimits& limits_;
  BookingObserver observer_;
  std::vector<WindowedLedger*> ledgers_;
  std::vector<RegionResult> regions_;
  std::vector<std::uint64_t> pending_;  ///< dispatched and not yet booked, by region
  std::vector<bool> started_;
  std::vector<std::size_t> passed_;  ///< by core
  std::size_t all_passed_ = 0;       ///< the least of them
  std::size_t closed_ = 0;           ///< regions [0, closed_) are finished
  Cycles last_end_{};
  std::vector<std::uint64_t> moved_;  ///< bytes by unit, for timelines
};

}  // namespace takt
