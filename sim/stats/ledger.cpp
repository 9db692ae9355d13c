// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/ledger.h"

#include <algorithm>

namespace takt {

void WindowedLedger::settle(const Span& span, MatrixLedger& into) {
  const std::uint64_t length = span.end - span.begin;
  if (!span.active) {
    into.book(span.account, Cycles(length));
    return;
  }
  into.book(Account::kComputeUseful, Cycles(span.useful));
  into.book(Account::kComputePadding, Cycles(length - span.useful));
}

void WindowedLedger::add(const Span& whole) {
  Span rest = whole;
  // Parts that lie before boundaries already known belong to those windows.
  while (rest.begin < rest.end && closed_ < ends_.size()) {
    const std::uint64_t boundary = ends_[closed_];
    if (boundary <= rest.begin) {
      ++closed_;
      continue;
    }
    Span part = rest;
    part.end = std::min(rest.end, boundary);
    if (rest.active) {
      const unsigned __int128 scaled =
          static_cast<unsigned __int128>(rest.useful) * (part.end - part.begin);
      // Of u <= L useful cycles floor(u p / L) go to the first p, so that ceil(u (L - p) / L) <=
      // L - p are left: the rest never holds more useful cycles than it is long.
      part.useful = static_cast<std::uint64_t>(scaled / (rest.end - rest.begin));
      rest.useful -= part.useful;
    }
    settle(part, windows_[closed_]);
    rest.begin = part.end;
  }
  while (closed_ < ends_.size() && ends_[closed_] <= rest.begin) ++closed_;
  if (rest.begin >= rest.end) return;
  if (closes_early_) {
    settle(rest, current_);
  } else {
    open_.push_back(rest);
  }
}

void WindowedLedger::book(Account account, Cycles begin, Cycles end) {
  CHECK(begin == cursor_ && begin <= end)
      << "ledger spans must join: " << cursor_ << " then " << begin;
  add({account, begin.value(), end.value(), 0, false});
  cursor_ = end;
}

void WindowedLedger::book_active(Cycles begin, Cycles end, Cycles useful) {
  CHECK(begin == cursor_ && begin <= end)
      << "ledger spans must join: " << cursor_ << " then " << begin;
  CHECK(useful <= end - begin) << "more useful cycles than cycles";
  add({Account::kComputeUseful, begin.value(), end.value(), useful.value(), true});
  cursor_ = end;
}

void WindowedLedger::close_window(Cycles end) {
  CHECK(ends_.empty() || ends_.back() <= end.value()) << "windows are closed in order";
  ends_.push_back(end.value());
  windows_.push_back(current_);
  current_ = {};
  std::vector<Span> open;
  open.swap(open_);
  for (const Span& span : open) add(span);
}

void WindowedLedger::jump(const MatrixLedger& delta, std::uint64_t times, Cycles advance) {
  CHECK(may_jump()) << "a jump across a window boundary";
  for (std::size_t i = 0; i < kAccounts; ++i) current_.cycles[i] += delta.cycles[i] * times;
  cursor_ += advance;
}

void WindowedLedger::finish(Cycles end) {
  CHECK(end >= cursor_) << "the run ends before its last span";
  book(Account::kIdle, cursor_, end);
  // With no layer at all there is still one ledger: the run's.
  if (windows_.empty()) {
    close_window(end);
    return;
  }
  CHECK(open_.empty() && current_.total() == 0) << "spans after the last layer's end";
}

MatrixLedger WindowedLedger::total() const {
  MatrixLedger sum = current_;
  for (const MatrixLedger& w : windows_) sum += w;
  for (const Span& span : open_) {
    sum.book(span.active ? Account::kComputePadding : span.account,
             Cycles(span.end - span.begin - span.useful));
    sum.book(Account::kComputeUseful, Cycles(span.useful));
  }
  return sum;
}

}  // namespace takt
