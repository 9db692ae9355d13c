// SPDX-License-Identifier: Apache-2.0
#include "sim/report/scaling.h"

#include <gtest/gtest.h>

#include "sample_record.h"

namespace takt {
namespace {

/// The sample's work on two of its cores in 30 cycles: 60 array cycles instead of 50.
RunRecord two_cores(Account grown, std::uint64_t by) {
  RunRecord r = sample_record();
  r.machine.cores = r.machine.matrix_units = 2;
  for (PeakRate& peak : r.machine.peak) peak.macs *= 2;
  r.machine.vector_lanes *= 2;
  r.cycles = Cycles(30);
  r.ledger.book(grown, Cycles(by));
  return r;
}

TEST(Scaling, NamesWhereTheCyclesWent) {
  const RunRecord one = sample_record();
  const std::vector<std::pair<Account, std::string_view>> causes{
      {Account::kComputePadding, "ragged split"}, {Account::kFillDrain, "ragged split"},
      {Account::kWeightLoad, "ragged split"},     {Account::kStallWeights, "DRAM bandwidth"},
      {Account::kStallInputs, "DRAM bandwidth"},  {Account::kStallOutputs, "DRAM bandwidth"},
      {Account::kStallHost, "host link"},         {Account::kStallDependency, "layers that wait"},
      {Account::kVectorOnly, "vector unit"},      {Account::kIdle, "start and end"}};
  for (const auto& [account, cause] : causes) {
    const auto s = scaling(one, two_cores(account, 10));
    ASSERT_TRUE(s);
    EXPECT_EQ(s->cores, 2u);
    EXPECT_DOUBLE_EQ(s->linear, 2.0);
    EXPECT_DOUBLE_EQ(s->speed_up, 50.0 / 30);
    ASSERT_EQ(s->losses.size(), 1u);
    EXPECT_EQ(s->losses[0].cause, cause);
    EXPECT_EQ(s->losses[0].cycles, 10u);
  }
}

TEST(Scaling, MoreTrafficIsNotLessBandwidth) {
  const RunRecord one = sample_record();
  RunRecord two = two_cores(Account::kStallWeights, 4);
  two.ledger.book(Account::kStallInputs, Cycles(6));
  two.counts.dram_read_bytes *= 2;
  const auto s = scaling(one, two);
  ASSERT_TRUE(s);
  ASSERT_EQ(s->losses.size(), 2u);
  EXPECT_EQ(s->losses[0].cause, "activations through DRAM");
  EXPECT_EQ(s->losses[0].cycles, 6u);
  EXPECT_EQ(s->losses[1].cause, "weights reloaded per core");
}

TEST(Scaling, IdleIsTheHostLinksWhileItMovesAndTheDramsIfThatSetsTheEnd) {
  RunRecord two = two_cores(Account::kIdle, 10);
  two.units.push_back({"host.in", {}, 4, {}});
  two.units.push_back({"host.out", {}, 2, {}});
  auto s = scaling(sample_record(), two);
  ASSERT_TRUE(s);
  ASSERT_EQ(s->losses.size(), 2u);
  EXPECT_EQ(s->losses[0].cause, "host link");
  EXPECT_EQ(s->losses[0].cycles, 6u);
  EXPECT_EQ(s->losses[1].cause, "start and end");
  two.machine.memory_bytes_per_s = 2'700'000'000;  // 80 bytes in 29.6 of 30 cycles
  s = scaling(sample_record(), two);
  EXPECT_EQ(s->losses[1].cause, "DRAM bandwidth");
  EXPECT_EQ(s->losses[1].cycles, 4u);
}

TEST(Scaling, CoresWithoutWorkAreNamed) {
  RunRecord two = two_cores(Account::kIdle, 33);
  two.units.clear();
  two.units.push_back({"core0.matrix", {}, 20, {}});
  two.units.push_back({"core0.vector", {}, 5, {}});
  two.units.push_back({"core1.matrix", {}, 0, {}});
  two.units.push_back({"core1.vector", {}, 0, {}});
  auto s = scaling(sample_record(), two);
  ASSERT_TRUE(s);
  ASSERT_EQ(s->losses.size(), 2u);
  EXPECT_EQ(s->losses[0].cause, "cores left out");
  EXPECT_EQ(s->losses[0].cycles, 30u) << "all cycles of the second core";
  EXPECT_EQ(s->losses[1].cause, "start and end");
  two.units.back().busy_cycles = 7;  // its vector unit works
  s = scaling(sample_record(), two);
  EXPECT_EQ(s->losses[0].cause, "start and end");
}

TEST(Scaling, ActivationsMayWaitForTheSharedBufferWeightsForDram) {
  RunRecord two = two_cores(Account::kStallInputs, 6);
  two.ledger.book(Account::kStallWeights, Cycles(4));
  two.counts.shared_read_bytes = 1'000'000;
  const auto s = scaling(sample_record(), two);
  ASSERT_TRUE(s);
  ASSERT_EQ(s->losses.size(), 2u);
  EXPECT_EQ(s->losses[0].cause, "shared buffer");
  EXPECT_EQ(s->losses[0].cycles, 6u);
  EXPECT_EQ(s->losses[1].cause, "DRAM bandwidth");
}

TEST(Scaling, AccountsOfOneCauseAreOne) {
  RunRecord two = two_cores(Account::kStallWeights, 4);
  two.ledger.book(Account::kStallOutputs, Cycles(6));
  const auto s = scaling(sample_record(), two);
  ASSERT_TRUE(s);
  ASSERT_EQ(s->losses.size(), 1u);
  EXPECT_EQ(s->losses[0].cycles, 10u);
}

TEST(Scaling, OnlyOfMoreCoresOfTheSameKind) {
  const RunRecord one = sample_record();
  EXPECT_FALSE(scaling(one, one));
  const RunRecord two = two_cores(Account::kIdle, 10);
  EXPECT_FALSE(scaling(two, one));
  RunRecord faster = two;
  faster.machine.clock_hz *= 2;
  EXPECT_FALSE(scaling(one, faster));
  RunRecord larger = two;
  larger.machine.peak[0].macs *= 4;
  EXPECT_FALSE(scaling(one, larger));
  RunRecord other = two;
  other.macs += 1;
  EXPECT_FALSE(scaling(one, other));
}

}  // namespace
}  // namespace takt
