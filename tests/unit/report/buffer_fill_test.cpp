// SPDX-License-Identifier: Apache-2.0
#include "sim/report/buffer_fill.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "sim/base/random.h"

namespace takt {
namespace {

/// Live bytes by cycle, added up from what a BufferFill reports.
class Filled {
 public:
  BufferFill::Live sink() {
    return [this](Cycles from, Cycles until, std::uint64_t bytes) {
      ASSERT_LE(from, until);
      for (std::uint64_t t = from.value(); t < until.value(); ++t) at_.at(t) += bytes;
    };
  }
  const std::array<std::uint64_t, 512>& at() const { return at_; }

 private:
  std::array<std::uint64_t, 512> at_{};
};

TEST(BufferFill, LivesFromItsWriteToItsLastRead) {
  BufferFill fill;
  Filled filled;
  fill.write(0, 100, Cycles(10), Cycles(20), filled.sink());
  fill.read(0, 100, Cycles(30));
  fill.read(50, 50, Cycles(25));
  fill.write(0, 100, Cycles(40), Cycles(45), filled.sink());  // the slot again, read by nobody
  fill.finish(filled.sink());
  EXPECT_EQ(filled.at()[9], 0U);
  EXPECT_EQ(filled.at()[10], 100U);
  EXPECT_EQ(filled.at()[29], 100U);
  EXPECT_EQ(filled.at()[30], 0U);
  EXPECT_EQ(filled.at()[44], 100U);
  EXPECT_EQ(filled.at()[45], 0U);
}

TEST(BufferFill, APartThatIsWrittenAgainLeavesTheRest) {
  BufferFill fill;
  Filled filled;
  fill.write(0, 90, Cycles(0), Cycles(1), filled.sink());
  fill.read(0, 90, Cycles(50));
  fill.write(30, 30, Cycles(60), Cycles(61), filled.sink());
  fill.read(60, 30, Cycles(100));
  fill.finish(filled.sink());
  EXPECT_EQ(filled.at()[49], 90U);
  EXPECT_EQ(filled.at()[55], 30U);  // the last third is read once more
  EXPECT_EQ(filled.at()[60], 60U);
  EXPECT_EQ(filled.at()[99], 30U);
}

TEST(BufferFill, ResultsBetweenEachOtherStayUntilTheyAreRead) {
  BufferFill fill;
  Filled filled;
  fill.write(0, 80, Cycles(0), Cycles(10), filled.sink());   // every other column
  fill.write(8, 80, Cycles(20), Cycles(30), filled.sink());  // those between
  fill.read(0, 88, Cycles(40));
  fill.finish(filled.sink());
  EXPECT_EQ(filled.at()[15], 88U);  // what lies between the columns counts with them
  EXPECT_EQ(filled.at()[39], 88U);
  EXPECT_EQ(filled.at()[40], 0U);
}

/// Slots that never overlap, each written, read some times, and written again: the sum is known.
TEST(BufferFill, SlotsAddUp) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    BufferFill fill;
    Filled filled;
    std::array<std::uint64_t, 512> expected{};
    for (std::uint64_t slot = 0; slot < 6; ++slot) {
      const std::uint64_t size = random.between(1, 40);
      for (std::uint64_t t = random.between(0, 20); t < 400;) {
        const std::uint64_t end = t + random.between(1, 10), last = end + random.between(1, 60);
        fill.write(slot * 64, size, Cycles(t), Cycles(end), filled.sink());
        fill.read(slot * 64, size, Cycles((end + last) / 2));
        fill.read(slot * 64, size, Cycles(last));
        for (std::uint64_t c = t; c < last; ++c) expected[c] += size;
        t = last + random.between(0, 20);
      }
    }
    fill.finish(filled.sink());
    ASSERT_EQ(filled.at(), expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace takt
