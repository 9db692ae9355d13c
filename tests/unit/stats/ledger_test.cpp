// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/ledger.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace takt {
namespace {

TEST(WindowedLedger, SpansMustJoin) {
  WindowedLedger ledger(true);
  ledger.book(Account::kIdle, Cycles(0), Cycles(5));
  EXPECT_THROW(ledger.book(Account::kIdle, Cycles(6), Cycles(7)), InternalError);
  EXPECT_THROW(ledger.book_active(Cycles(4), Cycles(7), Cycles(1)), InternalError);
  EXPECT_THROW(ledger.book_active(Cycles(5), Cycles(7), Cycles(3)), InternalError);
}

TEST(WindowedLedger, AnActiveSpanIsSplitInProportion) {
  for (const bool early : {true, false}) {
    WindowedLedger ledger(early);
    if (early) ledger.close_window(Cycles(4));
    ledger.book_active(Cycles(0), Cycles(10), Cycles(7));
    if (!early) ledger.close_window(Cycles(4));
    ledger.close_window(Cycles(12));
    ledger.finish(Cycles(12));
    ASSERT_EQ(ledger.windows().size(), 2u);
    EXPECT_EQ(ledger.windows()[0][Account::kComputeUseful], 2u);  // floor(7 * 4 / 10)
    EXPECT_EQ(ledger.windows()[0][Account::kComputePadding], 2u);
    EXPECT_EQ(ledger.windows()[1][Account::kComputeUseful], 5u);
    EXPECT_EQ(ledger.windows()[1][Account::kComputePadding], 1u);
    EXPECT_EQ(ledger.windows()[1][Account::kIdle], 2u);
  }
}

TEST(WindowedLedger, ALedgerWithoutLayersIsOneWindow) {
  WindowedLedger ledger(true);
  ledger.book(Account::kFillDrain, Cycles(0), Cycles(3));
  ledger.finish(Cycles(8));
  ASSERT_EQ(ledger.windows().size(), 1u);
  EXPECT_EQ(ledger.windows()[0][Account::kFillDrain], 3u);
  EXPECT_EQ(ledger.windows()[0][Account::kIdle], 5u);
}

TEST(WindowedLedger, AnEmptyWindowHoldsNothing) {
  WindowedLedger ledger(true);
  ledger.book(Account::kFillDrain, Cycles(0), Cycles(3));
  ledger.close_window(Cycles(3));
  ledger.close_window(Cycles(3));
  ledger.finish(Cycles(3));
  ASSERT_EQ(ledger.windows().size(), 2u);
  EXPECT_EQ(ledger.windows()[0].total(), 3u);
  EXPECT_EQ(ledger.windows()[1].total(), 0u);
}

TEST(WindowedLedger, WindowsAreClosedInOrder) {
  WindowedLedger ledger(true);
  ledger.close_window(Cycles(10));
  EXPECT_THROW(ledger.close_window(Cycles(9)), InternalError);
}

TEST(WindowedLedger, AJumpAddsWhatTheRepetitionsWould) {
  WindowedLedger played(true), jumped(true);
  const auto iteration = [](WindowedLedger& ledger) {
    const Cycles at = ledger.cursor();
    ledger.book(Account::kStallInputs, at, at + Cycles(3));
    ledger.book_active(at + Cycles(3), at + Cycles(10), Cycles(5));
  };
  for (int i = 0; i < 9; ++i) iteration(played);
  iteration(jumped);
  ASSERT_TRUE(jumped.may_jump());
  MatrixLedger delta = jumped.current();
  jumped.jump(delta, 8, Cycles(80));
  for (WindowedLedger* ledger : {&played, &jumped}) {
    ledger->close_window(Cycles(95));
    ledger->finish(Cycles(95));
  }
  EXPECT_EQ(played.windows()[0].cycles, jumped.windows()[0].cycles);
  EXPECT_EQ(played.cursor(), jumped.cursor());
}

TEST(WindowedLedger, NoJumpAcrossABoundaryThatLiesAhead) {
  WindowedLedger ledger(true);
  ledger.close_window(Cycles(10));
  ledger.book(Account::kIdle, Cycles(0), Cycles(4));
  EXPECT_FALSE(ledger.may_jump());
  ledger.book(Account::kIdle, Cycles(4), Cycles(10));
  EXPECT_TRUE(ledger.may_jump());
}

/// Spans of some layers, with the moments at which the layers end.
struct Timeline {
  struct Span {
    Account account = Account::kIdle;
    std::uint64_t begin = 0, end = 0, useful = 0;
    bool active = false;
    std::size_t layer = 0;
  };
  std::vector<Span> spans;
  std::vector<std::uint64_t> ends;
};

Timeline random_timeline(Random& random) {
  Timeline t;
  std::uint64_t now = 0;
  const std::uint64_t layers = random.between(1, 6);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const std::uint64_t count = random.between(0, 4);
    for (std::uint64_t i = 0; i < count; ++i) {
      Timeline::Span s;
      s.layer = layer;
      s.begin = now;
      s.end = now += random.between(0, 30);
      s.active = random.between(0, 1) == 1;
      s.useful = s.active ? random.between(0, s.end - s.begin) : 0;
      s.account = static_cast<Account>(random.between(2, kAccounts - 1));
      t.spans.push_back(s);
    }
    // A layer ends when its last result is written: some time after its last span, so that spans
    // of the layers behind it reach into its window.
    const std::uint64_t before = t.ends.empty() ? 0 : t.ends.back();
    t.ends.push_back(std::max(before, now + random.between(0, 40)));
  }
  return t;
}

void book(WindowedLedger& ledger, const Timeline::Span& s) {
  if (s.active) {
    ledger.book_active(Cycles(s.begin), Cycles(s.end), Cycles(s.useful));
  } else {
    ledger.book(s.account, Cycles(s.begin), Cycles(s.end));
  }
}

TEST(WindowedLedger, WindowsClosedEarlyAndLateAreTheSame) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const Timeline t = random_timeline(random);
    WindowedLedger early(true), late(false);
    std::size_t early_closed = 0, late_closed = 0;
    for (const Timeline::Span& s : t.spans) {
      while (early_closed < s.layer) early.close_window(Cycles(t.ends[early_closed++]));
      book(early, s);
      // A layer before this span's may close at any time; here, often long after.
      while (late_closed < s.layer && random.between(0, 2) == 0) {
        late.close_window(Cycles(t.ends[late_closed++]));
      }
      book(late, s);
    }
    const std::uint64_t sum = std::max(t.spans.empty() ? 0 : t.spans.back().end, t.ends.back());
    while (early_closed < t.ends.size()) early.close_window(Cycles(t.ends[early_closed++]));
    while (late_closed < t.ends.size()) late.close_window(Cycles(t.ends[late_closed++]));
    EXPECT_EQ(early.total().cycles, late.total().cycles);
    early.finish(Cycles(sum));
    late.finish(Cycles(sum));
    ASSERT_EQ(early.windows().size(), t.ends.size());
    std::uint64_t begin = 0;
    for (std::size_t w = 0; w < t.ends.size(); ++w) {
      ASSERT_EQ(early.windows()[w].cycles, late.windows()[w].cycles) << "seed " << seed;
      ASSERT_EQ(early.windows()[w].total(), t.ends[w] - begin) << "seed " << seed;
      begin = t.ends[w];
    }
    ASSERT_EQ(early.total().total(), sum);
  }
}

}  // namespace
}  // namespace takt
