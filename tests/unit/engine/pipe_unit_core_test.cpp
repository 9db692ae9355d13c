// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/pipe_unit_core.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

Waits input_at(std::uint64_t when) {
  Waits waits;
  waits.add(StallCause::kInputs, Cycles(when));
  return waits;
}

TEST(PipeUnitCore, OpsFollowEachOtherAndResultsComeLater) {
  PipeUnitCore unit;
  const Booking a = unit.issue(Cycles(10), Cycles(3), {}, UnitAccount::kWaitInput);
  EXPECT_EQ(a.start, Cycles(0));
  EXPECT_EQ(a.issued, Cycles(10));
  EXPECT_EQ(a.done, Cycles(13));
  EXPECT_EQ(unit.probe({}), Cycles(10));
  EXPECT_EQ(unit.issue(Cycles(5), Cycles(3), {}, UnitAccount::kWaitInput).done, Cycles(18));
}

TEST(PipeUnitCore, TheFirstGapIsIdleLaterOnesAreWaits) {
  PipeUnitCore unit;
  unit.issue(Cycles(5), Cycles(0), input_at(7), UnitAccount::kWaitInput);
  unit.issue(Cycles(5), Cycles(0), input_at(20), UnitAccount::kWaitOutput);
  unit.issue(Cycles(5), Cycles(0), input_at(3), UnitAccount::kWaitToken);
  unit.finish(Cycles(40));
  EXPECT_EQ(unit.ledger()[UnitAccount::kIdle], 7u + 10u);
  EXPECT_EQ(unit.ledger()[UnitAccount::kWaitOutput], 8u);
  EXPECT_EQ(unit.ledger()[UnitAccount::kWaitToken], 0u);
  EXPECT_EQ(unit.ledger()[UnitAccount::kBusy], 15u);
  EXPECT_EQ(unit.ledger().total(), 40u);
}

TEST(PipeUnitCore, AHoldUpIsBookedAndDelaysTheNextOp) {
  PipeUnitCore unit;
  unit.issue(Cycles(5), Cycles(0), {}, UnitAccount::kWaitInput);
  unit.extend(Cycles(3), UnitAccount::kWaitBank);
  EXPECT_EQ(unit.issue(Cycles(1), Cycles(0), {}, UnitAccount::kWaitInput).start, Cycles(8));
  EXPECT_EQ(unit.ledger()[UnitAccount::kWaitBank], 3u);
  EXPECT_EQ(unit.ledger().total(), 9u);
}

// 16 places in flight, 80 cycles each: 5 cycles a request, the last of them asked for 80 cycles
// before all have flown.
TEST(PipeUnitCore, RequestsInFlightLimitTransfers) {
  PipeUnitCore unit;
  const Waits none;
  const RequestCost limits{Cycles(500), Cycles(80), {}, {}}, few{Cycles(40), Cycles(80), {}, {}};
  const Booking a = unit.issue(Cycles(10), Cycles(3), none, UnitAccount::kWaitToken, limits);
  EXPECT_EQ(a.issued, Cycles(420));
  EXPECT_EQ(a.done, Cycles(500));
  // The next op's requests queue behind those of the one before, not behind its last answer.
  const Booking b = unit.issue(Cycles(10), Cycles(3), none, UnitAccount::kWaitToken, limits);
  EXPECT_EQ(b.start, Cycles(420));
  EXPECT_EQ(b.issued, Cycles(920));
  EXPECT_EQ(b.done, Cycles(1000));
  Waits late;
  late.add(StallCause::kInputs, Cycles(5000));
  const Booking c = unit.issue(Cycles(10), Cycles(3), late, UnitAccount::kWaitToken, few);
  EXPECT_EQ(c.issued, Cycles(5010)) << "fewer requests than places";
  EXPECT_EQ(c.done, Cycles(5040));
}

// 4 requests, 100 cycles apart and 30 in flight each: the last is asked for 300 cycles after the
// first, and the next transfer's first 100 after it.
TEST(PipeUnitCore, IssuingRequestsLimitsTransfers) {
  PipeUnitCore unit;
  const RequestCost limits{Cycles(8), Cycles(30), Cycles(400), Cycles(300)};
  const Booking a = unit.issue(Cycles(10), Cycles(3), {}, UnitAccount::kWaitToken, limits);
  EXPECT_EQ(a.issued, Cycles(300));
  EXPECT_EQ(a.done, Cycles(330));
  const Booking b = unit.issue(Cycles(10), Cycles(3), {}, UnitAccount::kWaitToken, limits);
  EXPECT_EQ(b.start, Cycles(300));
  EXPECT_EQ(b.issued, Cycles(700));
  EXPECT_EQ(b.done, Cycles(730));
  const Booking c =
      unit.issue(Cycles(10), Cycles(3), input_at(5000), UnitAccount::kWaitToken, limits);
  EXPECT_EQ(c.issued, Cycles(5300)) << "nothing was left to issue";
  EXPECT_EQ(unit.issue(Cycles(500), Cycles(3), {}, UnitAccount::kWaitToken, limits).issued,
            Cycles(5800))
      << "the bandwidth is less than that";
}

TEST(PipeUnitCore, ARunCannotEndBeforeItsWork) {
  PipeUnitCore unit;
  unit.issue(Cycles(5), Cycles(0), {}, UnitAccount::kWaitInput);
  EXPECT_THROW(unit.finish(Cycles(4)), InternalError);
}

}  // namespace
}  // namespace takt
