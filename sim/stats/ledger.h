// SPDX-License-Identifier: Apache-2.0
#pragma once
// The cycle ledger: every cycle of a unit is booked to exactly one account, so "why is it slow?" is
// a table and not an opinion. docs/metrics.md defines the accounts.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/quantity.h"

namespace takt {

/// Of a matrix unit, in the order in which ties are decided.
enum class Account : std::uint8_t {
  kComputeUseful,
  kComputePadding,
  kFillDrain,
  kWeightLoad,
  kStallWeights,
  kStallInputs,
  kStallOutputs,
  kStallDependency,
  kStallHost,
  kVectorOnly,
  kIdle,
};
inline constexpr std::size_t kAccounts = 11;
inline constexpr std::array<std::string_view, kAccounts> kAccountNames{
    "compute_useful", "compute_padding", "fill_drain",    "weight_load",
    "stall_weights",  "stall_inputs",    "stall_outputs", "stall_dependency",
    "stall_host",     "vector_only",     "idle"};

/// Of every other unit.
enum class UnitAccount : std::uint8_t {
  kBusy,
  kWaitInput,
  kWaitOutput,
  kWaitBank,
  kWaitToken,
  kIdle
};
inline constexpr std::size_t kUnitAccounts = 6;
inline constexpr std::array<std::string_view, kUnitAccounts> kUnitAccountNames{
    "busy", "wait_input", "wait_output", "wait_bank", "wait_token", "idle"};

/// Cycles by account. Records add.
template <class AccountEnum, std::size_t N>
struct LedgerOf {
  std::array<std::uint64_t, N> cycles{};
  void book(AccountEnum account, Cycles amount) {
    cycles[static_cast<std::size_t>(account)] += amount.value();
  }
  std::uint64_t operator[](AccountEnum account) const {
    return cycles[static_cast<std::size_t>(account)];
  }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (std::uint64_t c : cycles) sum += c;
    return sum;
  }
  LedgerOf& operator+=(const LedgerOf& other) {
    for (std::size_t i = 0; i < N; ++i) cycles[i] += other.cycles[i];
    return *this;
  }
};
using MatrixLedger = LedgerOf<Account, kAccounts>;
using UnitLedger = LedgerOf<UnitAccount, kUnitAccounts>;

/// A matrix unit's ledger by window: window w covers (end[w-1], end[w]], where end[w] is the
/// largest end of layers 0..w. Spans arrive in time order; windows are closed in order, some time
/// later.
class WindowedLedger {
 public:
  /// Books [begin, end) to `account`; begins where the last span ended.
  void book(Account account, Cycles begin, Cycles end);
  /// Books an active stretch of which `useful` cycles count as useful and the rest as padding. A
  /// window boundary inside splits it in proportion, useful first rounded down.
  void book_active(Cycles begin, Cycles end, Cycles useful);
  /// Ends the current window at `end` (>= the one before). Spans beyond stay for later windows.
  void close_window(Cycles end);
  /// All spans still open become the last windows' (called once, after the last close_window, with
  /// the run's end): the rest is booked as idle.
  void finish(Cycles end);

  /// For analytic's jumps: adds `times` repetitions of `delta`, moving the cursor by `advance`.
  /// Legal only when no closed boundary lies ahead of the cursor (may_jump()).
  bool may_jump() const { return open_.empty() && closed_ == ends_.size(); }
  const MatrixLedger& current() const { return current_; }
  void jump(const MatrixLedger& delta, std::uint64_t times, Cycles advance);

  Cycles cursor() const { return cursor_; }
  const std::vector<MatrixLedger>& windows() const { return windows_; }
  MatrixLedger total() const;

  /// true (analytic): windows are closed before later spans arrive, so spans past the last boundary
  /// go straight to the current window. false (transaction): they are kept until it is closed.
  explicit WindowedLedger(bool closes_early) : closes_early_(closes_early) {}

 private:
  struct Span {
    Account account;
    std::uint64_t begin, end;
    std::uint64_t useful;  ///< of an active span
    bool active;
  };
  void add(const Span& span);
  void settle(const Span& span, MatrixLedger& into);
  bool closes_early_;
  Cycles cursor_{};
  std::vector<std::uint64_t> ends_;    ///< of windows closed so far
  std::size_t closed_ = 0;             ///< ends_[0..closed_) lie at or before the cursor
  std::vector<MatrixLedger> windows_;  ///< of ends_
  MatrixLedger current_;               ///< of the window after the last closed one
  std::vector<Span> open_;             ///< spans beyond the last closed end (transaction)
};

}  // namespace takt
