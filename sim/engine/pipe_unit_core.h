// SPDX-License-Identifier: Apache-2.0
#pragma once
// Any other in-order unit (DMA engine, vector unit, host direction): busy for an occupancy, results
// `latency` later, ledger included.

#include <algorithm>

#include "sim/engine/matrix_unit_core.h"

namespace takt {

class PipeUnitCore {
 public:
  Cycles probe(const Waits& waits) const { return std::max(free_, waits.latest()); }
  /// Books `busy` cycles from the first moment possible. `wait` says what a gap before it was.
  ///
  /// `flight` and `flight_one` are Little's law (TransferCost): requests of the op occupy the
  /// places in flight for `flight` after those before it, and the unit is free when the last of
  /// them is asked for:
  ///   flown = max(flown, start) + flight, free = max(start + busy, flown - flight_one)
  Booking issue(Cycles busy, Cycles latency, const Waits& waits, UnitAccount wait,
                Cycles flight = {}, Cycles flight_one = {}) {
    const Cycles start = probe(waits);
    Cycles done = start + busy + latency;
    if (flight.value() > 0) {
      flown_ = std::max(flown_, start) + flight;
      const Cycles asked = flown_ > flight_one ? flown_ - flight_one : Cycles(0);
      if (asked > start + busy) busy = asked - start;
      done = std::max({done, start + busy + latency, flown_});
    }
    if (start > free_) ledger_.book(worked_ ? wait : UnitAccount::kIdle, start - free_);
    ledger_.book(UnitAccount::kBusy, busy);
    worked_ = true;
    free_ = start + busy;
    return {start, free_, free_, done};
  }
  /// The op that was booked last was held up `extra` cycles more (contention seen by transaction).
  void extend(Cycles extra, UnitAccount why) {
    ledger_.book(why, extra);
    free_ += extra;
  }
  void finish(Cycles end) {
    CHECK(end >= free_) << "the run ends at " << end << " before a unit's last work at " << free_;
    ledger_.book(UnitAccount::kIdle, end - free_);
    free_ = end;
  }
  /// When all requests so far have flown, at the soonest.
  Cycles& flown() { return flown_; }
  Cycles& free() { return free_; }
  Cycles free() const { return free_; }
  UnitLedger& ledger() { return ledger_; }
  const UnitLedger& ledger() const { return ledger_; }

 private:
  Cycles free_{};
  Cycles flown_{};
  bool worked_ = false;
  UnitLedger ledger_;
};

}  // namespace takt
