// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/matrix_unit_core.h"

#include <algorithm>

namespace takt {
namespace {

constexpr std::array<Account, kStallCauses> kAccountOf{
    Account::kStallWeights,    Account::kStallInputs, Account::kStallOutputs,
    Account::kStallDependency, Account::kStallHost,   Account::kVectorOnly};

/// The account of the condition satisfied last; ties go to the one earlier in the ledger's order.
Account last_satisfied(const Waits& waits) {
  std::size_t last = 0;
  for (std::size_t i = 1; i < kStallCauses; ++i) {
    if (waits.at[last] < waits.at[i]) last = i;
  }
  return kAccountOf[last];
}

}  // namespace

Cycles MatrixUnitCore::load_start(const MatrixCost& cost, const Waits& waits) const {
  const Cycles free = cost.overlap_load ? load_free_ : issue_end_;
  return std::max({free, waits.of(StallCause::kWeights), sync_floor_});
}

Booking MatrixUnitCore::probe(const MatrixCost& cost, const Waits& waits) const {
  Booking b;
  Cycles start = std::max({issue_end_, waits.latest(), sync_floor_});
  if (cost.load.value() > 0) {
    b.loaded = load_start(cost, waits) + cost.load;
    start = std::max(start, b.loaded);
  }
  if (cost.unload.value() > 0) {
    // Single-buffered, the next tile waits for the chain; double-buffered, only its own unload
    // does: issue_end + 0 >= unload_free, hence start >= unload_free - issue.
    const Cycles chain = cost.overlap_unload
                             ? (unload_free_ > cost.issue ? unload_free_ - cost.issue : Cycles(0))
                             : unload_free_;
    start = std::max(start, chain);
  }
  b.start = start;
  b.issued = start + cost.issue;
  b.done = b.issued + cost.drain;
  if (cost.load.value() == 0) b.loaded = start;
  return b;
}

void MatrixUnitCore::charge(const MatrixCost& cost, const Waits& waits, const Booking& b,
                            Cycles load_began) {
  const Cycles from = ledger_.cursor();
  if (from < b.start) {
    const bool by_load = cost.load.value() > 0 && b.loaded == b.start && waits.latest() < b.start;
    if (by_load || (cost.load.value() > 0 && b.loaded == b.start && b.loaded > from)) {
      const Cycles split = std::min(std::max(load_began, from), b.start);
      const Account before =
          worked_ ? (waits.of(StallCause::kWeights) >= sync_floor_ ? Account::kStallWeights
                                                                   : Account::kStallDependency)
                  : Account::kIdle;
      ledger_.book(before, from, split);
      ledger_.book(Account::kWeightLoad, split, b.start);
    } else if (!worked_) {
      ledger_.book(Account::kIdle, from, b.start);
    } else if (waits.latest() < b.start) {
      ledger_.book(Account::kFillDrain, from,
                   b.start);  // only the unload chain is left to wait for
    } else {
      ledger_.book(last_satisfied(waits), from, b.start);
    }
  }
  ledger_.book_active(b.start, b.issued, cost.useful);
}

Booking MatrixUnitCore::issue(const MatrixCost& cost, const Waits& waits) {
  const Booking b = probe(cost, waits);
  charge(cost, waits, b, cost.load.value() > 0 ? load_start(cost, waits) : b.start);
  worked_ = true;
  issue_end_ = b.issued;
  if (cost.load.value() > 0) load_free_ = b.start;
  if (cost.unload.value() > 0) unload_free_ = b.issued + cost.unload;
  drain_end_ = std::max(drain_end_, b.done);
  return b;
}

Booking MatrixUnitCore::sync(const Waits& waits) {
  const Cycles when = std::max({issue_end_, waits.latest(), sync_floor_});
  sync_floor_ = when;
  return {when, when, when, std::max(when, drain_end_)};
}

void MatrixUnitCore::finish(Cycles end) {
  if (ledger_.cursor() < drain_end_)
    ledger_.book(Account::kFillDrain, ledger_.cursor(), drain_end_);
  ledger_.finish(end);
}

}  // namespace takt
