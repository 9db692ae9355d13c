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

TEST(PipeUnitCore, ARunCannotEndBeforeItsWork) {
  PipeUnitCore unit;
  unit.issue(Cycles(5), Cycles(0), {}, UnitAccount::kWaitInput);
  EXPECT_THROW(unit.finish(Cycles(4)), InternalError);
}

}  // namespace
}  // namespace takt
