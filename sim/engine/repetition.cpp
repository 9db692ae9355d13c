// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/repetition.h"

#include <utility>

namespace takt {
namespace {

/// A credit that was there before its taker is done with what it has begun holds nothing up, now or
/// later: neither the next start nor the account of a gap depends on when it came.
bool irrelevant(const PlayState& state, const ChannelState& channel, Cycles credit) {
  if (credit.value() == 0) return true;
  if (channel.consumer == UINT32_MAX) return false;
  const UnitState& unit = state.units[channel.consumer];
  if (!unit.is_matrix) return credit <= unit.pipe.free();
  const auto moments = unit.matrix.state();
  // A stationary operand is waited for by its load, which may begin before the array is free.
  const bool stationary =
      channel.cause == StallCause::kWeights || channel.cause == StallCause::kInputs;
  return credit <= moments[MatrixUnitCore::kIssueEnd] &&
         (!stationary || credit <= moments[MatrixUnitCore::kLoadFree]);
}

}  // namespace

bool worth_a_look(std::uint64_t i) {
  constexpr std::uint64_t kSoon = 16;
  return i < kSoon || (i & (i - 1)) == 0 || ((i - 1) & (i - 2)) == 0;
}

void Repetition::begin(const PlayState& state) {
  start_.pipes.clear();
  start_.matrices.clear();
  start_.may_jump.clear();
  for (const UnitState& unit : state.units) {
    if (unit.is_matrix) {
      start_.matrices.push_back(unit.matrix.ledger().current());
      start_.may_jump.push_back(unit.matrix.ledger().may_jump());
    } else {
      start_.pipes.push_back(unit.pipe.ledger());
    }
  }
}

void Repetition::take(PlayState& state, std::uint64_t since, Snapshot& into) {
  into.clear();
  bool matrix_worked = false;
  const auto add = [&](Cycles& moment, bool may_stand) {
    into.moments.push_back({&moment, moment, may_stand});
  };
  for (std::size_t i = 0; i < state.units.size(); ++i) {
    UnitState& unit = state.units[i];
    if (unit.touched < since) continue;
    into.shape.push_back(i);
    if (!unit.is_matrix) {
      add(unit.pipe.free(), false);
      // Not written by ops that are no transfers, hence not read by them.
      add(unit.pipe.flown(), true);
      add(unit.pipe.issue_free(), true);
      continue;
    }
    matrix_worked = true;
    // A load, unload or sync moment that stands still was not written in the iteration, hence not
    // read: MatrixUnitCore::issue reads what it writes (the sync floor lies behind every issue).
    const auto words = unit.matrix.state();
    const bool may_stand[MatrixUnitCore::kStateWords] = {false, true, true, false, true};
    for (std::size_t w = 0; w < words.size(); ++w) add(*words[w], may_stand[w]);
  }
  for (const std::uint32_t c : state.region_channels) {
    ChannelState& channel = state.channels[c];
    if (channel.touched < since) continue;
    into.shape.push_back((std::uint64_t{1} << 32U) + c);
    std::uint64_t irrelevant_credits = 0;
    for (Credits::Run& run : channel.credits) {
      if (irrelevant(state, channel, run.when)) {
        irrelevant_credits += run.count;
        continue;
      }
      into.shape.push_back(irrelevant_credits);
      into.shape.push_back(run.count);
      irrelevant_credits = 0;
      add(run.when, false);
    }
    into.shape.push_back(irrelevant_credits);
  }
  add(state.extent().end, false);
  add(state.extent().matrix_end, !matrix_worked);
}

/// How far every moment moved on between two snapshots, if all moved alike; else 0.
std::uint64_t Repetition::common_advance(const Snapshot& before, const Snapshot& now) {
  if (before.shape != now.shape || before.moments.size() != now.moments.size()) return 0;
  std::uint64_t advance = 0;
  for (std::size_t i = 0; i < now.moments.size(); ++i) {
    const std::uint64_t d = now.moments[i].when.value() - before.moments[i].when.value();
    if (d == 0 && now.moments[i].may_stand) continue;
    if (advance == 0) advance = d;
    if (d == 0 || d != advance) return 0;
  }
  return advance;
}

bool Repetition::jump(PlayState& state, std::uint64_t since, std::uint64_t times) const {
  const std::uint64_t advance = common_advance(before_, now_);
  if (advance == 0) return false;
  std::size_t pipe = 0, matrix = 0;
  for (const UnitState& unit : state.units) {
    if (!unit.is_matrix) continue;
    const bool may = start_.may_jump[matrix++] && unit.matrix.ledger().may_jump();
    if (unit.touched >= since && !may) return false;
  }
  const Cycles forward(advance * times);
  matrix = 0;
  for (UnitState& unit : state.units) {
    if (unit.is_matrix) {
      MatrixLedger delta = unit.matrix.ledger().current();
      const MatrixLedger& start = start_.matrices[matrix++];
      for (std::size_t a = 0; a < kAccounts; ++a) delta.cycles[a] -= start.cycles[a];
      if (unit.touched >= since) unit.matrix.ledger().jump(delta, times, forward);
    } else {
      UnitLedger& ledger = unit.pipe.ledger();
      const UnitLedger& start = start_.pipes[pipe++];
      for (std::size_t a = 0; a < kUnitAccounts; ++a) {
        ledger.cycles[a] += (ledger.cycles[a] - start.cycles[a]) * times;
      }
    }
  }
  for (std::size_t i = 0; i < now_.moments.size(); ++i) {
    const Snapshot::Moment& moment = now_.moments[i];
    if (moment.when != before_.moments[i].when) *moment.at += forward;
  }
  return true;
}

bool Repetition::end(PlayState& state, std::uint64_t since, std::uint64_t left) {
  take(state, since, now_);
  if (comparable_ && jump(state, since, left)) return true;
  std::swap(before_, now_);
  comparable_ = true;
  return false;
}

}  // namespace takt
