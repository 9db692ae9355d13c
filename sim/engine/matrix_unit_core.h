// SPDX-License-Identifier: Apache-2.0
#pragma once
// A matrix unit's transition rule between consecutive tiles, with the ledger. Plain arithmetic on
// times that come in as arguments: `analytic` and `transaction` call the same code.

#include <array>

#include "sim/engine/tile_timing.h"
#include "sim/program/program.h"
#include "sim/stats/ledger.h"

namespace takt {

/// When each kind of condition of an op was satisfied (0 = it had none of that kind).
struct Waits {
  std::array<Cycles, kStallCauses> at{};
  void add(StallCause cause, Cycles when) {
    Cycles& slot = at[static_cast<std::size_t>(cause)];
    if (slot < when) slot = when;
  }
  Cycles of(StallCause cause) const { return at[static_cast<std::size_t>(cause)]; }
  Cycles latest() const {
    Cycles last{};
    for (Cycles c : at) last = last < c ? c : last;
    return last;
  }
};

/// The three moments at which an op produces tokens (Phase), and its start.
struct Booking {
  Cycles start{};
  Cycles loaded{};
  Cycles issued{};
  Cycles done{};
  Cycles at(Phase phase) const {
    return phase == Phase::kStationaryLoaded ? loaded : phase == Phase::kIssued ? issued : done;
  }
};

class MatrixUnitCore {
 public:
  explicit MatrixUnitCore(bool ledger_closes_early) : ledger_(ledger_closes_early) {}

  /// When would the op start, all its conditions being satisfied at `waits`? Changes nothing.
  Booking probe(const MatrixCost& cost, const Waits& waits) const;
  /// The same answer, and the array and the ledger are booked.
  Booking issue(const MatrixCost& cost, const Waits& waits);
  /// A Sync op: takes no cycle of the array, only its place in the order.
  Booking sync(const Waits& waits);
  /// The run is over: books the last drain and the idle rest.
  void finish(Cycles end);

  WindowedLedger& ledger() { return ledger_; }
  const WindowedLedger& ledger() const { return ledger_; }

  /// For analytic's period detection: the state that decides the future, as moments.
  static constexpr std::size_t kStateWords = 5, kIssueEnd = 0, kLoadFree = 1;
  std::array<Cycles*, kStateWords> state() {
    return {&issue_end_, &load_free_, &unload_free_, &drain_end_, &sync_floor_};
  }
  std::array<Cycles, kStateWords> state() const {
    return {issue_end_, load_free_, unload_free_, drain_end_, sync_floor_};
  }
  bool has_worked() const { return worked_; }
  Cycles drain_end() const { return drain_end_; }
  /// Nothing, loads included, begins before it: the last sync.
  Cycles sync_floor() const { return sync_floor_; }

 private:
  MatrixCost in_layer(const MatrixCost& cost) const;
  Booking place(const MatrixCost& cost, const Waits& waits) const;
  Cycles load_start(const MatrixCost& cost, const Waits& waits) const;
  Cycles array_free(const MatrixCost& cost) const;
  void charge(const MatrixCost& cost, const Waits& waits, const Booking& booking);
  void charge_load(const MatrixCost& cost, const Waits& waits, const Booking& booking);

  static constexpr std::uint32_t kNoLayer = UINT32_MAX;

  Cycles issue_end_{};    ///< the array takes the next row from here
  Cycles load_free_{};    ///< shadow registers are free from here: start of the last loading tile
  Cycles unload_free_{};  ///< the unload chain is free from here
  Cycles drain_end_{};    ///< last result of everything so far
  Cycles sync_floor_{};   ///< nothing, loads included, begins before it
  StallCause sync_cause_ = StallCause::kWeights;  ///< what the sync that set the floor waited for
  std::uint32_t layer_ = kNoLayer;                ///< of the last cost that counts from zero
  bool worked_ = false;
  WindowedLedger ledger_;
};

}  // namespace takt
