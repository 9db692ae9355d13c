// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/matrix_unit_core.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace takt {
namespace {

MatrixCost cost_of(std::uint64_t load, std::uint64_t issue, std::uint64_t drain) {
  MatrixCost cost;
  cost.load = Cycles(load);
  cost.issue = cost.useful = Cycles(issue);
  cost.drain = Cycles(drain);
  return cost;
}

Waits waits_of(std::initializer_list<std::pair<StallCause, std::uint64_t>> list) {
  Waits waits;
  for (const auto& [cause, when] : list) waits.add(cause, Cycles(when));
  return waits;
}

/// The ledger of a unit whose run ends at `end`, as one window.
MatrixLedger ledger_at(MatrixUnitCore& unit, std::uint64_t end) {
  unit.ledger().close_window(Cycles(end));
  unit.finish(Cycles(end));
  const MatrixLedger total = unit.ledger().total();
  EXPECT_EQ(total.total(), end);
  return total;
}

TEST(MatrixUnitCore, FirstOperandIsAwaitedIdlyThenLoadedThenUsed) {
  MatrixUnitCore unit(true);
  MatrixCost cost = cost_of(4, 8, 6);
  cost.useful = Cycles(5);
  const Booking b = unit.issue(cost, waits_of({{StallCause::kWeights, 10}}));
  EXPECT_EQ(b.loaded, Cycles(14));
  EXPECT_EQ(b.start, Cycles(14));
  EXPECT_EQ(b.issued, Cycles(22));
  EXPECT_EQ(b.done, Cycles(28));
  const MatrixLedger ledger = ledger_at(unit, 30);
  EXPECT_EQ(ledger[Account::kIdle], 10u + 2u);
  EXPECT_EQ(ledger[Account::kWeightLoad], 4u);
  EXPECT_EQ(ledger[Account::kComputeUseful], 5u);
  EXPECT_EQ(ledger[Account::kComputePadding], 3u);
  EXPECT_EQ(ledger[Account::kFillDrain], 6u);
}

TEST(MatrixUnitCore, DoubleBufferedLoadHidesBehindTheTileBefore) {
  MatrixUnitCore unit(true);
  EXPECT_EQ(unit.issue(cost_of(4, 8, 0), {}).start, Cycles(4));
  EXPECT_EQ(unit.issue(cost_of(4, 3, 0), {}).start, Cycles(12));  // its load ran in 4 … 8
  // Loads in 12 … 16, the tile before issues in 12 … 15: one cycle is exposed.
  EXPECT_EQ(unit.issue(cost_of(4, 3, 0), {}).start, Cycles(16));
  EXPECT_EQ(ledger_at(unit, 19)[Account::kWeightLoad], 4u + 1u);
}

TEST(MatrixUnitCore, SingleBufferedLoadFollowsTheTileBefore) {
  MatrixUnitCore unit(true);
  MatrixCost cost = cost_of(4, 8, 0);
  cost.overlap_load = false;
  EXPECT_EQ(unit.issue(cost, {}).start, Cycles(4));
  EXPECT_EQ(unit.issue(cost, {}).start, Cycles(16));
  EXPECT_EQ(ledger_at(unit, 24)[Account::kWeightLoad], 8u);
}

TEST(MatrixUnitCore, AnOperandUsedAgainIsNotLoaded) {
  MatrixUnitCore unit(true);
  unit.issue(cost_of(4, 8, 2), {});
  const Booking b = unit.issue(cost_of(0, 8, 2), {});
  EXPECT_EQ(b.start, Cycles(12));
  EXPECT_EQ(b.loaded, b.start);
  // The shadow registers have been free since the tile that loaded last started, at 4.
  EXPECT_EQ(unit.issue(cost_of(20, 8, 2), {}).start, Cycles(24));
}

TEST(MatrixUnitCore, AGapBelongsToTheWaitThatEndsLastAndTiesToTheFirstOfTheOrder) {
  constexpr Account kAccount[] = {Account::kStallWeights, Account::kStallInputs,
                                  Account::kStallOutputs, Account::kStallDependency,
                                  Account::kStallHost,    Account::kVectorOnly};
  for (std::size_t early = 0; early < kStallCauses; ++early) {
    for (std::size_t late = 0; late < kStallCauses; ++late) {
      for (const std::uint64_t first : {20u, 50u}) {
        MatrixUnitCore unit(true);
        unit.issue(cost_of(0, 10, 0), {});
        unit.issue(cost_of(0, 5, 0), waits_of({{static_cast<StallCause>(early), first},
                                               {static_cast<StallCause>(late), 50}}));
        const std::size_t owner = first < 50 ? late : std::min(early, late);
        const MatrixLedger ledger = ledger_at(unit, 55);
        EXPECT_EQ(ledger[kAccount[owner]], 40u) << early << " " << late << " " << first;
        EXPECT_EQ(ledger[Account::kComputeUseful], 15u);
      }
    }
  }
}

TEST(MatrixUnitCore, ALateOperandIsAStallAndItsLoadIsALoad) {
  MatrixUnitCore unit(true);
  unit.issue(cost_of(0, 10, 0), {});
  unit.issue(cost_of(4, 10, 0), waits_of({{StallCause::kWeights, 30}, {StallCause::kInputs, 20}}));
  const MatrixLedger ledger = ledger_at(unit, 44);
  EXPECT_EQ(ledger[Account::kStallWeights], 20u);
  EXPECT_EQ(ledger[Account::kWeightLoad], 4u);
  EXPECT_EQ(ledger[Account::kStallInputs], 0u);
}

TEST(MatrixUnitCore, ALoadThatEndsBeforeTheInputsComeIsNotExposed) {
  for (const std::uint64_t inputs : {33u, 34u, 35u}) {
    MatrixUnitCore unit(true);
    unit.issue(cost_of(0, 10, 0), {});
    unit.issue(cost_of(4, 10, 0),
               waits_of({{StallCause::kWeights, 30}, {StallCause::kInputs, inputs}}));
    const MatrixLedger ledger = ledger_at(unit, std::max<std::uint64_t>(inputs, 34) + 10);
    // At 34 both are there: the load comes first in the order.
    EXPECT_EQ(ledger[Account::kStallInputs], inputs > 34 ? inputs - 10 : 0u) << inputs;
    EXPECT_EQ(ledger[Account::kWeightLoad], inputs > 34 ? 0u : 4u) << inputs;
  }
}

TEST(MatrixUnitCore, StationaryInputsAreLoadedWhenTheInputsAreThere) {
  MatrixUnitCore unit(true);
  unit.issue(cost_of(0, 10, 0), {});
  MatrixCost cost = cost_of(4, 10, 0);
  cost.stationary = StallCause::kInputs;
  const Booking b =
      unit.issue(cost, waits_of({{StallCause::kWeights, 12}, {StallCause::kInputs, 30}}));
  EXPECT_EQ(b.loaded, Cycles(34));
  const MatrixLedger ledger = ledger_at(unit, 44);
  EXPECT_EQ(ledger[Account::kStallInputs], 20u);
  EXPECT_EQ(ledger[Account::kWeightLoad], 4u);
}

TEST(MatrixUnitCore, ASyncHoldsBackLoadsTooAndItsWaitKeepsItsCause) {
  MatrixUnitCore unit(true);
  unit.issue(cost_of(0, 10, 7), {});
  const Booking s = unit.sync(waits_of({{StallCause::kHost, 40}}));
  EXPECT_EQ(s.start, Cycles(40));
  EXPECT_EQ(s.done, Cycles(40));
  const Booking b = unit.issue(cost_of(4, 10, 0), {});
  EXPECT_EQ(b.loaded, Cycles(44));
  const MatrixLedger ledger = ledger_at(unit, 54);
  EXPECT_EQ(ledger[Account::kStallHost], 30u);
  EXPECT_EQ(ledger[Account::kWeightLoad], 4u);
  EXPECT_EQ(ledger[Account::kComputeUseful], 20u);
}

TEST(MatrixUnitCore, ASyncWithoutWaitsTakesNoCycleAndIsDoneWhenAllHasDrained) {
  MatrixUnitCore unit(true);
  unit.issue(cost_of(0, 10, 7), {});
  const Booking s = unit.sync({});
  EXPECT_EQ(s.start, Cycles(10));
  EXPECT_EQ(s.done, Cycles(17));
  EXPECT_EQ(unit.issue(cost_of(0, 10, 7), {}).start, Cycles(10));
}

TEST(MatrixUnitCore, AWaitAfterASyncIsChargedToWhateverEndedLast) {
  for (const std::uint64_t inputs : {39u, 40u, 41u}) {
    MatrixUnitCore unit(true);
    unit.issue(cost_of(0, 10, 0), {});
    unit.sync(waits_of({{StallCause::kDependency, 40}}));
    unit.issue(cost_of(0, 10, 0), waits_of({{StallCause::kInputs, inputs}}));
    const MatrixLedger ledger = ledger_at(unit, std::max<std::uint64_t>(inputs, 40) + 10);
    EXPECT_EQ(ledger[Account::kStallInputs], inputs >= 40 ? inputs - 10 : 0u) << inputs;
    EXPECT_EQ(ledger[Account::kStallDependency], inputs >= 40 ? 0u : 30u) << inputs;
  }
}

TEST(MatrixUnitCore, OneSetOfOutputsUnloadsBeforeTheNextTile) {
  MatrixUnitCore unit(true);
  MatrixCost cost = cost_of(0, 8, 14);
  cost.unload = Cycles(6);
  cost.overlap_unload = false;
  EXPECT_EQ(unit.issue(cost, {}).issued, Cycles(8));
  EXPECT_EQ(unit.issue(cost, waits_of({{StallCause::kInputs, 14}})).start, Cycles(14));
  // Unload and inputs both end at 14: the array's own business comes first in the order.
  EXPECT_EQ(ledger_at(unit, 36)[Account::kFillDrain], 6u + 14u);
}

TEST(MatrixUnitCore, AShadowChainDelaysShortTilesOnly) {
  MatrixUnitCore unit(true);
  MatrixCost cost = cost_of(0, 8, 14);
  cost.unload = Cycles(6);
  EXPECT_EQ(unit.issue(cost, {}).issued, Cycles(8));
  EXPECT_EQ(unit.issue(cost, {}).issued, Cycles(16));
  cost.issue = cost.useful = Cycles(2);
  EXPECT_EQ(unit.issue(cost, {}).issued, Cycles(22));  // 16 + 6
  EXPECT_EQ(ledger_at(unit, 36)[Account::kFillDrain], 4u + 14u);
}

TEST(MatrixUnitCore, ExclusiveFoldsWaitForTheDrainBeforeThem) {
  MatrixUnitCore unit(true);
  MatrixCost cost = cost_of(4, 8, 6);
  cost.overlap_load = cost.overlap_drain = false;
  EXPECT_EQ(unit.issue(cost, {}).done, Cycles(18));
  EXPECT_EQ(unit.issue(cost, {}).done, Cycles(36));
  const MatrixLedger ledger = ledger_at(unit, 36);
  EXPECT_EQ(ledger[Account::kWeightLoad], 8u);
  EXPECT_EQ(ledger[Account::kFillDrain], 12u);
  EXPECT_EQ(ledger[Account::kComputeUseful], 16u);
}

TEST(MatrixUnitCore, ALayerThatCountsFromZeroIsOneCycleShorterOnce) {
  MatrixUnitCore unit(true);
  MatrixCost cost = cost_of(4, 8, 6);
  cost.overlap_load = cost.overlap_drain = false;
  cost.counts_from_zero = true;
  cost.layer = 3;
  EXPECT_EQ(unit.probe(cost, {}).done, Cycles(17));
  EXPECT_EQ(unit.issue(cost, {}).done, Cycles(17));
  EXPECT_EQ(unit.issue(cost, {}).done, Cycles(17 + 18));
  cost.layer = 4;
  EXPECT_EQ(unit.issue(cost, {}).done, Cycles(17 + 18 + 17));
  EXPECT_EQ(ledger_at(unit, 52)[Account::kComputeUseful], 7u + 8u + 7u);
}

TEST(MatrixUnitCore, ProbeSaysWhatIssueDoesAndLaterOperandsNeverMakeItEarlier) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Random random(seed);
    MatrixUnitCore unit(true);
    Cycles last{};
    for (int op = 0; op < 12; ++op) {
      Waits waits;
      for (std::size_t c = 0; c < kStallCauses; ++c) {
        if (random.between(0, 2) == 0) {
          waits.add(static_cast<StallCause>(c), Cycles(random.between(0, 200)));
        }
      }
      if (random.between(0, 5) == 0) {
        unit.sync(waits);
        continue;
      }
      MatrixCost cost = cost_of(random.between(0, 9), random.between(1, 20), random.between(0, 9));
      cost.unload = Cycles(random.between(0, 1) * random.between(0, 12));
      cost.overlap_load = random.between(0, 1) == 1;
      cost.overlap_unload = random.between(0, 1) == 1;
      cost.overlap_drain = random.between(0, 3) > 0;
      cost.useful = Cycles(random.between(0, cost.issue.value()));
      const auto before = unit.state();
      const Booking probed = unit.probe(cost, waits);
      Waits later = waits;
      later.add(static_cast<StallCause>(random.between(0, kStallCauses - 1)),
                Cycles(random.between(0, 300)));
      EXPECT_GE(unit.probe(cost, later).start, probed.start);
      EXPECT_TRUE(before == unit.state()) << "probe changed the unit";
      const Booking booked = unit.issue(cost, waits);
      EXPECT_EQ(booked.start, probed.start);
      EXPECT_EQ(booked.loaded, probed.loaded);
      EXPECT_EQ(booked.done, probed.done);
      EXPECT_EQ(unit.ledger().cursor(), booked.issued);
      last = std::max(last, booked.done);
    }
    const std::uint64_t end = std::max(last, unit.drain_end()).value() + 5;
    ledger_at(unit, end);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace takt
