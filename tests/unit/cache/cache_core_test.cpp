// SPDX-License-Identifier: Apache-2.0
#include "models/common/cache/cache_core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "sim/base/random.h"

namespace takt {
namespace {

/// `sets` sets of `ways` lines of 64 B; 64 B take 4 ns, a hit 10 ns more.
Cache cache_of(std::uint64_t sets, std::uint32_t ways) {
  Cache c;
  c.line = Bytes(64);
  c.ways = ways;
  c.size = Bytes(sets * ways * 64);
  c.latency = Femtoseconds(10'000'000);
  c.bandwidth_bytes_per_s = 16'000'000'000;
  return c;
}

constexpr Femtoseconds ns(std::uint64_t n) { return Femtoseconds(n * 1'000'000); }

TEST(CacheCore, ALineIsThereFromTheSecondTimeOn) {
  CacheCore cache(cache_of(4, 2));
  auto o = cache.access(ns(0), {128, Bytes(64), false});
  EXPECT_EQ(o.fetch_begin, 128u);
  EXPECT_EQ(o.fetch_end, 192u);
  o = cache.access(ns(100), {140, Bytes(20), false});
  EXPECT_EQ(o.fetch_begin, o.fetch_end);
  EXPECT_EQ(o.done, ns(100) + ns(4) + ns(10)) << "the port moves the whole line";
  EXPECT_EQ(cache.stats().hits, 1u);
  EXPECT_EQ(cache.stats().misses, 1u);
}

TEST(CacheCore, HitsRunAtThePortsBandwidth) {
  CacheCore cache(cache_of(64, 2));
  cache.access(ns(0), {0, Bytes(4096), false});
  CacheCore::Outcome last;
  for (int i = 0; i < 64; ++i) {
    last = cache.access(ns(1000), {static_cast<std::uint64_t>(i) * 64, Bytes(64), false});
  }
  EXPECT_EQ(last.done, ns(1000) + ns(256) + ns(10));
  EXPECT_EQ(cache.stats().hits, 64u);
}

// Lines of 128 B for requests of 64: 4 ns a request, 2 ns a look-up, and with one port for both 8
// ns and another look-up for what is fetched.
TEST(CacheCore, LookUpsAndFillsTakeThePort) {
  Cache c = cache_of(64, 2);
  c.line = Bytes(128);
  c.piece = Bytes(64);
  c.lookup = ns(2);
  for (const bool one_port : {false, true}) {
    c.fill_on_port = one_port;
    CacheCore cache(c);
    EXPECT_EQ(cache.access(ns(0), {0, Bytes(64), false}).done, one_port ? ns(22) : ns(16));
    const auto second = cache.access(ns(0), {64, Bytes(64), false});
    EXPECT_EQ(second.fetch_begin, second.fetch_end) << "the other half of the line";
    EXPECT_EQ(second.done, one_port ? ns(28) : ns(22));
    EXPECT_EQ(cache.stats().fetched, 1u);
  }
}

TEST(CacheCore, HoldsWhatARunBeforeHasLeft) {
  CacheCore cache(cache_of(4, 2));
  cache.hold(0, 200, false);  // four lines
  cache.hold(256, 320, true);
  EXPECT_EQ(cache.stats().misses, 0u);
  const auto hit = [&](std::uint64_t address) {
    const auto o = cache.access(ns(0), {address, Bytes(64), false});
    return o.fetch_begin == o.fetch_end;
  };
  for (const std::uint64_t line : {0, 1, 2, 3, 4}) EXPECT_TRUE(hit(line * 64)) << line;
  EXPECT_FALSE(hit(5 * 64));
  // Both ways of the first set are taken, by line 0 and by line 4, which was changed.
  std::uint64_t written_back = 0;
  for (std::uint64_t line = 8; line < 8 + 4 * 64; line += 4) {
    cache.access(ns(0), {line * 64, Bytes(64), false});
    for (const std::uint64_t address : cache.written_back()) {
      EXPECT_EQ(address, 256u);
      ++written_back;
    }
  }
  EXPECT_EQ(written_back, 1u);
}

TEST(CacheCore, HoldsNoMoreThanItHasRoomFor) {
  CacheCore cache(cache_of(16, 4));
  cache.hold(0, 64 * 64 * 4, true);  // four times as much
  std::uint64_t hits = 0;
  for (std::uint64_t line = 0; line < 256; ++line) {
    const auto o = cache.access(ns(0), {line * 64, Bytes(64), false});
    hits += o.fetch_begin == o.fetch_end;
  }
  EXPECT_GT(hits, 0u);
  EXPECT_LE(hits, 64u);
}

TEST(CacheCore, AWriteOfAPartFetchesTheLineAndOneOfTheWholeDoesNot) {
  CacheCore cache(cache_of(4, 2));
  auto o = cache.access(ns(0), {0, Bytes(16), true});
  EXPECT_EQ(o.fetch_end - o.fetch_begin, 64u);
  o = cache.access(ns(0), {64, Bytes(64), true});
  EXPECT_EQ(o.fetch_begin, o.fetch_end);
  // The end of a line that is there, one whole, and the begin of another.
  o = cache.access(ns(0), {120, Bytes(80), true});
  EXPECT_EQ(o.fetch_begin, 192u);
  EXPECT_EQ(cache.stats().fetched, 2u);
}

// The same cache, kept as lists of ways, with the shift register that chooses among them.
TEST(CacheCore, LikeWaysThatGoByAShiftRegister) {
  struct Line {
    std::uint64_t number;
    bool changed;
  };
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const std::uint64_t sets = random.between(1, 8);
    const auto ways = static_cast<std::uint32_t>(random.between(1, 4));
    CacheCore cache(cache_of(sets, ways));
    std::map<std::uint64_t, std::vector<Line>> lines;
    std::uint32_t shift = 1;
    std::uint64_t hits = 0;
    for (int i = 0; i < 2000; ++i) {
      const std::uint64_t line = random.between(0, 3 * sets * ways);
      const bool write = random.between(0, 2) == 0;
      auto& set = lines[line % sets];
      std::vector<std::uint64_t> expected;
      const auto at =
          std::find_if(set.begin(), set.end(), [&](const Line& l) { return l.number == line; });
      if (at != set.end()) {
        ++hits;
        at->changed = at->changed || write;
      } else if (set.size() < ways) {
        set.push_back({line, write});
      } else {
        const std::uint32_t last = shift & 1;
        shift = (shift >> 1) ^ (last * 0xB400U);
        Line& victim = set[shift % ways];
        if (victim.changed) expected.push_back(victim.number * 64);
        victim = {line, write};
      }
      cache.access(ns(0), {line * 64, Bytes(64), write});
      ASSERT_EQ(cache.written_back(), expected) << "access " << i;
    }
    EXPECT_EQ(cache.stats().hits, hits);
    EXPECT_EQ(cache.stats().hits + cache.stats().misses, 2000u);
  }
}

// One line more than a set has, over and over: the least recently used one would always be the
// next; of those that go at random, each stays with (ways - 1) / ways at every miss.
TEST(CacheCore, ALineTooManyDoesNotDriveAllOut) {
  constexpr std::uint64_t kLines = 9, kRounds = 2000;
  CacheCore cache(cache_of(1, kLines - 1));
  for (std::uint64_t i = 0; i < kLines * kRounds; ++i) {
    cache.access(ns(0), {i % kLines * 64, Bytes(64), false});
  }
  EXPECT_GT(cache.stats().hits, kLines * kRounds / 2);
  EXPECT_LT(cache.stats().hits, kLines * kRounds * 19 / 20);
}

}  // namespace
}  // namespace takt
