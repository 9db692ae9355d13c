// SPDX-License-Identifier: Apache-2.0
// Who used which bytes last: as a look at every step before says, at a cost that does not grow with
// their number.
#include "sim/backend/last_users.h"

#include <gtest/gtest.h>

#include <map>

#include "sim/backend/allocate.h"
#include "sim/base/random.h"

namespace takt {
namespace {

struct Use {
  std::uint64_t begin, end;
  Role user;
  std::size_t step;
  std::uint32_t cores;
};

using Latest = std::map<std::pair<Role, std::uint32_t>, std::size_t>;

Latest by_hand(const std::vector<Use>& uses, std::uint64_t begin, std::uint64_t end,
               std::uint32_t cores) {
  Latest latest;
  for (const Use& use : uses) {
    if (use.begin >= end || use.end <= begin) continue;
    for (std::uint32_t core = 0; core < std::min(cores, use.cores); ++core) {
      std::size_t& known = latest.emplace(std::pair(use.user, core), use.step).first->second;
      known = std::max(known, use.step);
    }
  }
  return latest;
}

Latest asked(const LastUsers& users, std::uint64_t begin, std::uint64_t end, std::uint32_t cores,
             std::size_t* visits = nullptr) {
  Latest latest;
  users.visit(begin, end, cores, [&](Role user, std::uint32_t core, std::size_t step) {
    std::size_t& known = latest.emplace(std::pair(user, core), step).first->second;
    known = std::max(known, step);
    if (visits != nullptr) ++*visits;
  });
  return latest;
}

TEST(LastUsers, AgreesWithALookAtEveryStep) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random.between(0, n - 1)); };
    LastUsers users;
    std::vector<Use> uses;
    for (std::size_t step = 0; step < 120; ++step) {
      for (unsigned i = below(4); i > 0; --i) {
        const std::uint64_t begin = 64 * below(20);
        const Use use{begin, begin + 64 * (1 + below(8)), static_cast<Role>(below(kRoles)), step,
                      1 + static_cast<std::uint32_t>(below(4))};
        users.record(use.begin, use.end, use.user, use.step, use.cores);
        uses.push_back(use);
      }
      const std::uint64_t begin = 64 * below(25);
      const std::uint64_t end = begin + 64 * (1 + below(10));
      const auto cores = 1 + static_cast<std::uint32_t>(below(4));
      EXPECT_EQ(asked(users, begin, end, cores), by_hand(uses, begin, end, cores));
    }
  }
}

TEST(LastUsers, NothingIsUsedAtFirst) {
  LastUsers users;
  EXPECT_TRUE(asked(users, 0, UINT64_MAX, 8).empty());
  users.record(64, 64, Role::kMatrix, 3, 1);
  EXPECT_TRUE(asked(users, 0, UINT64_MAX, 8).empty());
}

/// Answers given over a chain of layers that use two halves of a buffer in turn.
std::size_t visits_of_a_chain(std::size_t steps) {
  LastUsers users;
  std::size_t visits = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::uint64_t begin = step % 2 * 4096, size = 1024 + 64 * (step % 40);
    asked(users, begin, begin + size, 1, &visits);
    for (const Role user : {Role::kMatrix, Role::kVector, Role::kStore}) {
      users.record(begin, begin + size, user, step, 1);
    }
  }
  return visits;
}

TEST(LastUsers, TwiceTheStepsAreTwiceTheWork) {
  const std::size_t some = visits_of_a_chain(5000), twice = visits_of_a_chain(10000);
  EXPECT_GT(some, 0U);
  EXPECT_LT(twice, some * 21 / 10);
}

TEST(BufferAllocator, AreasOfOneTimeNeverOverlap) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    BufferAllocator allocator(1 << 14);
    std::vector<Area> taken;
    std::size_t refused = 0;
    for (std::size_t i = 0; i < 1500; ++i) {
      const std::size_t first = i / 3 + random.between(0, 2);
      const auto area =
          allocator.take(64 * (1 + random.between(0, 39)), first, first + random.between(0, 5));
      if (!area) {
        ++refused;
        continue;
      }
      EXPECT_LE(area->address + area->bytes, std::uint64_t{1} << 14);
      for (const Area& other : taken) {
        const bool together = other.first <= area->last && area->first <= other.last;
        EXPECT_FALSE(together && other.overlaps(*area));
      }
      taken.push_back(*area);
    }
    EXPECT_GT(taken.size(), 500U);
    EXPECT_GT(refused, 0U);
  }
}

}  // namespace
}  // namespace takt
