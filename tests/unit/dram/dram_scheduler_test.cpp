// SPDX-License-Identifier: Apache-2.0
#include "models/common/dram/dram_scheduler.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

using testing::hbm2;

constexpr std::uint64_t kRowStep = 4 * 4096;  // the next row of the same bank

class Scheduler : public ::testing::Test {
 protected:
  void push(std::uint64_t address, std::uint64_t arrival = 0, bool write = false) {
    DramQueued queued;
    queued.request = {address, Bytes(64), write, false};
    queued.arrival = Cycles(arrival);
    scheduler_.push(queued);
  }
  std::uint64_t pick(std::uint64_t now = 100) {
    DramQueued picked;
    return scheduler_.pick(Cycles(now), picked) ? picked.request.address : UINT64_MAX;
  }
  void open(std::uint64_t address) { core_.issue(Cycles(0), {address, Bytes(64), false, false}); }

  DramCore core_{hbm2()};
  DramScheduler scheduler_{core_, 8};
};

TEST_F(Scheduler, WithoutOpenRowsTheOldestComesFirst) {
  push(3 * kRowStep, 5), push(kRowStep, 3), push(2 * kRowStep, 5);
  EXPECT_EQ(pick(), kRowStep);
  EXPECT_EQ(pick(), 3 * kRowStep);
  EXPECT_EQ(pick(), 2 * kRowStep);
  EXPECT_EQ(pick(), UINT64_MAX);
  EXPECT_TRUE(scheduler_.empty());
}

TEST_F(Scheduler, AnOpenRowComesFirst) {
  open(2 * kRowStep);
  push(kRowStep), push(2 * kRowStep);
  EXPECT_EQ(pick(), 2 * kRowStep);
  EXPECT_EQ(pick(), kRowStep);
}

TEST_F(Scheduler, NobodyIsServedBeforeHeArrives) {
  open(2 * kRowStep);
  push(kRowStep, 10), push(2 * kRowStep, 20);
  EXPECT_EQ(pick(9), UINT64_MAX);
  EXPECT_EQ(scheduler_.next_arrival(), Cycles(10));
  EXPECT_EQ(pick(19), kRowStep) << "the open row's request is not there yet";
  EXPECT_EQ(pick(20), 2 * kRowStep);
}

TEST_F(Scheduler, LooksNoFurtherThanItsWindow) {
  open(9 * kRowStep);
  for (std::uint64_t i = 0; i < 8; ++i) push(i * kRowStep);
  push(9 * kRowStep);
  EXPECT_EQ(pick(), 0u) << "the open row is the ninth";
  EXPECT_EQ(pick(), 9 * kRowStep);
}

TEST_F(Scheduler, TheOldestIsPassedOverOnlySoOften) {
  open(0);
  push(kRowStep);
  std::uint32_t passed = 0;
  for (;;) {
    push(0);
    if (pick() == kRowStep) break;
    ASSERT_LE(++passed, DramScheduler::kPassedMax);
  }
  EXPECT_EQ(passed, DramScheduler::kPassedMax);
}

TEST_F(Scheduler, DirectionsComeInBatches) {
  std::vector<bool> order;
  const auto feed = [&](std::uint64_t i) { push(i * kRowStep, i, i % 2 == 1); };
  for (std::uint64_t i = 0; i < 8; ++i) feed(i);
  for (std::uint64_t i = 8; i < 400; ++i) {
    DramQueued picked;
    ASSERT_TRUE(scheduler_.pick(Cycles(1000), picked));
    order.push_back(picked.request.write);
    feed(i);
  }
  std::size_t changes = 0;
  for (std::size_t i = 1; i < order.size(); ++i) changes += order[i] != order[i - 1];
  EXPECT_GE(changes, order.size() / (2 * DramScheduler::kBatch));
  EXPECT_LE(changes, order.size() / 3) << "without batches they would change at every step";
}

TEST_F(Scheduler, NoRequestIsLostOrServedTwice) {
  Random random(9);
  std::vector<int> served(3000, 0);
  std::uint64_t pushed = 0, now = 0;
  while (pushed < served.size() || !scheduler_.empty()) {
    if (pushed < served.size() && random.between(0, 1) == 0) {
      push(pushed++ * 64, now + random.between(0, 50), random.between(0, 1) == 0);
    } else if (DramQueued picked; scheduler_.pick(Cycles(now), picked)) {
      ++served[picked.request.address / 64];
      EXPECT_LE(picked.arrival.value(), now);
      core_.issue(Cycles(now), picked.request);
    }
    now += random.between(0, 5);
  }
  for (int times : served) EXPECT_EQ(times, 1);
}

}  // namespace
}  // namespace takt
