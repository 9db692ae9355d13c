// SPDX-License-Identifier: Apache-2.0
#pragma once
// Any other in-order unit (DMA engine, vector unit, host direction): busy for an occupancy, results
// `latency` later, ledger included.

#include <algorithm>

#include "sim/engine/matrix_unit_core.h"
#include "sim/engine/transfer_timing.h"

namespace takt {

class PipeUnitCore {
 public:
  Cycles probe(const Waits& waits) const { return std::max(free_, waits.latest()); }
  /// Books `busy` cycles from the first moment possible. `wait` says what a gap before it was.
  ///
  /// What its requests take (RequestCost) keeps the unit until the last of them is asked for:
  ///   flown = max(flown, start) + flight,   asked = flown - flight_one
  ///   issue_free = max(issue_free, start) + issue, asked = max(issue_free, start) + issue_last
  /// with `issue_free` as it was before, and the last is answered flight_one after it was asked
  /// for.
  Booking issue(Cycles busy, Cycles latency, const Waits& waits, UnitAccount wait,
                const RequestCost& requests = {}) {
    const Cycles start = probe(waits);
    Cycles end = start + busy, answered{};
    if (requests.flight.value() > 0) {
      flown_ = std::max(flown_, start) + requests.flight;
      answered = flown_;
      if (flown_ > requests.flight_one) end = std::max(end, flown_ - requests.flight_one);
    }
    if (requests.issue.value() > 0) {
      const Cycles first = std::max(issue_free_, start), last = first + requests.issue_last;
      issue_free_ = first + requests.issue;
      answered = std::max(answered, last + requests.flight_one);
      end = std::max(end, last);
    }
    if (start > free_) ledger_.book(worked_ ? wait : UnitAccount::kIdle, start - free_);
    ledger_.book(UnitAccount::kBusy, end - start);
    worked_ = true;
    free_ = end;
    return {start, free_, free_, std::max(end + latency, answered)};
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
  /// From when on the next request may be issued.
  Cycles& issue_free() { return issue_free_; }
  Cycles& free() { return free_; }
  Cycles free() const { return free_; }
  UnitLedger& ledger() { return ledger_; }
  const UnitLedger& ledger() const { return ledger_; }

 private:
  Cycles free_{};
  Cycles flown_{};
  Cycles issue_free_{};
  bool worked_ = false;
  UnitLedger ledger_;
};

}  // namespace takt
