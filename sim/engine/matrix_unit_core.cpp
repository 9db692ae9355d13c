// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/matrix_unit_core.h"

#include <algorithm>

namespace takt {
namespace {

constexpr std::array<Account, kStallCauses> kAccountOf{
    Account::kStallWeights,    Account::kStallInputs, Account::kStallOutputs,
    Account::kStallDependency, Account::kStallHost,   Account::kVectorOnly};

/// The cause satisfied last; ties go to the one earlier in the ledger's order.
StallCause last_satisfied(const Waits& waits) {
  std::size_t last = 0;
  for (std::size_t i = 1; i < kStallCauses; ++i) {
    if (waits.at[last] < waits.at[i]) last = i;
  }
  return static_cast<StallCause>(last);
}

Account account_of(StallCause cause) { return kAccountOf[static_cast<std::size_t>(cause)]; }

}  // namespace

MatrixCost MatrixUnitCore::in_layer(const MatrixCost& cost) const {
  if (!cost.counts_from_zero || cost.layer == layer_) return cost;
  MatrixCost first = cost;
  CHECK(cost.issue.value() > 0) << "a pass that issues nothing";
  first.issue -= Cycles(1);
  first.useful = std::min(first.useful, first.issue);
  return first;
}

Cycles MatrixUnitCore::array_free(const MatrixCost& cost) const {
  return cost.overlap_drain ? issue_end_ : std::max(issue_end_, drain_end_);
}

Cycles MatrixUnitCore::load_start(const MatrixCost& cost, const Waits& waits) const {
  const Cycles free = cost.overlap_load && cost.overlap_drain ? load_free_ : array_free(cost);
  return std::max({free, waits.of(cost.stationary), sync_floor_});
}

Booking MatrixUnitCore::probe(const MatrixCost& cost, const Waits& waits) const {
  return place(in_layer(cost), waits);
}

// start  = max(array free, every wait, sync floor, load end, unload chain free)
// issued = start + issue, done = issued + drain
Booking MatrixUnitCore::place(const MatrixCost& cost, const Waits& waits) const {
  Booking b;
  Cycles start = std::max({array_free(cost), waits.latest(), sync_floor_});
  if (cost.load.value() > 0) {
    b.loaded = load_start(cost, waits) + cost.load;
    start = std::max(start, b.loaded);
  }
  if (cost.unload.value() > 0) {
    // Single-buffered, the next tile waits for the chain. Double-buffered, only its own unload
    // does: issue_end >= unload_free, hence start >= unload_free - issue.
    const Cycles ahead = cost.overlap_unload ? cost.issue : Cycles(0);
    if (unload_free_ > ahead) start = std::max(start, unload_free_ - ahead);
  }
  b.start = start;
  b.issued = start + cost.issue;
  b.done = b.issued + cost.drain;
  if (cost.load.value() == 0) b.loaded = start;
  return b;
}

/// A gap that ends with the load: before it began the array waited for what the load waited for.
void MatrixUnitCore::charge_load(const MatrixCost& cost, const Waits& waits, const Booking& b) {
  const Cycles from = ledger_.cursor();
  const Cycles began = std::min(std::max(load_start(cost, waits), from), b.start);
  Waits before;
  before.add(cost.stationary, waits.of(cost.stationary));
  before.add(sync_cause_, sync_floor_);
  Account account = account_of(last_satisfied(before));
  if (array_free(cost) >= before.latest()) account = Account::kFillDrain;
  ledger_.book(worked_ ? account : Account::kIdle, from, began);
  ledger_.book(Account::kWeightLoad, began, b.start);
}

/// The gap before the op belongs to the condition satisfied last; ties in the ledger's order: the
/// array's own (drain, unload), the load, then the waits.
void MatrixUnitCore::charge(const MatrixCost& cost, const Waits& waits, const Booking& b) {
  const Cycles from = ledger_.cursor();
  if (from < b.start) {
    Waits all = waits;
    all.add(sync_cause_, sync_floor_);
    const Cycles unload_ahead = cost.overlap_unload ? cost.issue : Cycles(0);
    const bool by_drain = array_free(cost) == b.start ||
                          (cost.unload.value() > 0 && unload_free_ == b.start + unload_ahead);
    if (by_drain) {
      ledger_.book(Account::kFillDrain, from, b.start);
    } else if (cost.load.value() > 0 && b.loaded == b.start) {
      charge_load(cost, waits, b);
    } else {
      ledger_.book(worked_ ? account_of(last_satisfied(all)) : Account::kIdle, from, b.start);
    }
  }
  ledger_.book_active(b.start, b.issued, cost.useful);
}

Booking MatrixUnitCore::issue(const MatrixCost& whole, const Waits& waits) {
  const MatrixCost cost = in_layer(whole);
  if (cost.counts_from_zero) layer_ = cost.layer;
  const Booking b = place(cost, waits);
  charge(cost, waits, b);
  worked_ = true;
  issue_end_ = b.issued;
  if (cost.load.value() > 0) load_free_ = b.start;
  if (cost.unload.value() > 0) unload_free_ = b.issued + cost.unload;
  drain_end_ = std::max(drain_end_, b.done);
  return b;
}

Booking MatrixUnitCore::sync(const Waits& waits) {
  const Cycles floor = std::max(issue_end_, sync_floor_);
  if (waits.latest() > floor) sync_cause_ = last_satisfied(waits);
  sync_floor_ = std::max(floor, waits.latest());
  return {sync_floor_, sync_floor_, sync_floor_, std::max(sync_floor_, drain_end_)};
}

void MatrixUnitCore::finish(Cycles end) {
  if (ledger_.cursor() < drain_end_) {
    ledger_.book(Account::kFillDrain, ledger_.cursor(), drain_end_);
  }
  ledger_.finish(end);
}

}  // namespace takt
