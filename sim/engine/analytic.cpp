// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/analytic.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "sim/engine/credits.h"
#include "sim/engine/flat_region.h"
#include "sim/engine/pipe_unit_core.h"
#include "sim/engine/waits.h"

namespace takt {
namespace {

/// A unit's core, whichever kind it is, and when it was last used.
struct UnitState {
  bool is_matrix = false;
  MatrixUnitCore matrix{true};
  PipeUnitCore pipe;
  std::uint64_t touched = 0;
};

struct ChannelState {
  Credits credits;
  StallCause cause = StallCause::kDependency;
  Cycles latency{};
  std::uint32_t consumer = UINT32_MAX;  ///< the unit that takes them, once it did
  std::uint64_t touched = 0;
  std::uint32_t region = 0;  ///< 1 + the region that last touched it
};

/// Every moment that decides the future of what an iteration touched, in a fixed order.
struct Snapshot {
  struct Moment {
    Cycles* at;
    Cycles when;
    bool may_stand;  ///< need not move on for the state to repeat
  };
  std::vector<std::uint64_t> shape;  ///< who was touched, and how many credits each holds
  std::vector<Moment> moments;
  void clear() {
    shape.clear();
    moments.clear();
  }
};

/// Ledgers before an iteration: what it adds is multiplied when its repetitions are skipped.
struct Ledgers {
  std::vector<UnitLedger> pipes;
  std::vector<MatrixLedger> matrices;
  std::vector<bool> may_jump;  ///< of matrices: all that comes goes to the current window
};

/// What a run of iterations keeps; one for each depth of nesting.
struct RunFrame {
  Snapshot before, now;
  Ledgers start;
};

class Player {
 public:
  Player(const Program& program, const TileTiming& timing, const RunLimits& limits, bool jumps);
  EngineResult run();

 private:
  bool stopped() const { return result_.status != EngineResult::Status::kFinished; }
  void play_region(std::size_t index);
  void close_region(std::size_t index);
  bool play_core(std::size_t core);
  void play_steps(std::size_t at, std::size_t end, std::size_t depth);
  void play_run(std::size_t at, std::size_t depth);
  void play(const FlatOp& op, const Token* needs, const Token* gives);
  bool ready(const FlatOp& op) const;
  void play_one_by_one(std::size_t index);

  std::optional<Waits> take_tokens(const FlatOp& op, const Token* needs);
  void touch(ChannelId id);
  Booking book(const FlatOp& op, const Waits& waits);
  void note(const FlatOp& op, const Booking& booking);

  bool irrelevant(const ChannelState& channel, Cycles credit) const;
  void ledgers(Ledgers& into) const;
  void snapshot(std::uint64_t since, Snapshot& into);
  bool jump(const RunFrame& frame, std::uint64_t since, std::uint64_t times);
  void close_open_windows(Cycles end);
  void finish();

  const Program& program_;
  const RunLimits& limits_;
  TransferTiming transfers_;
  OpCosts costs_;
  bool jumps_;
  std::vector<UnitState> units_;
  std::vector<ChannelState> channels_;
  std::vector<std::uint32_t> region_channels_;  ///< touched in this region
  std::uint64_t tick_ = 0;
  FlatRegion flat_;
  std::vector<std::size_t> core_at_, core_end_;  ///< steps of the cores
  std::vector<std::unique_ptr<RunFrame>> frames_;
  RegionResult* region_ = nullptr;
  bool region_started_ = false;
  std::uint32_t region_index_ = 0;
  ActionCounts totals_;
  Cycles last_end_{};
  Booking booked_;  ///< of the last op
  EngineResult result_;
};

Player::Player(const Program& program, const TileTiming& timing, const RunLimits& limits,
               bool jumps)
    : program_(program),
      limits_(limits),
      transfers_(*program.machine),
      costs_{program, timing, transfers_},
      jumps_(jumps && limits.spans == nullptr),
      units_(program.units.size()),
      channels_(program.channels.size()) {
  for (std::size_t i = 0; i < units_.size(); ++i) {
    units_[i].is_matrix = program.units[i].kind == UnitKind::kMatrix;
  }
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    channels_[i].cause = program.channels[i].cause;
    channels_[i].latency = program.channels[i].latency;
    channels_[i].credits.give(program.machine->launch, program.channels[i].initial);
  }
}

EngineResult Player::run() {
  result_.regions.resize(program_.regions.size());
  for (std::size_t i = 0; i < program_.regions.size() && !stopped(); ++i) {
    play_region(i);
    if (limits_.progress && !stopped()) limits_.progress(i + 1, program_.regions.size());
  }
  finish();
  return std::move(result_);
}

void Player::play_region(std::size_t index) {
  region_ = &result_.regions[index];
  region_index_ = static_cast<std::uint32_t>(index);
  region_started_ = false;
  region_channels_.clear();
  if (jumps_) {
    flat_.clear();
    core_at_.clear();
    core_end_.clear();
    for (const auto& nest : program_.regions[index].nests) {
      core_at_.push_back(flat_.steps().size());
      if (nest) flat_.append(*nest, region_index_, costs_, region_->counts);
      core_end_.push_back(flat_.steps().size());
    }
    // A core may wait for another one of the same region (the host link takes what all have
    // stored): then that one goes on first.
    for (bool moved = true; moved && !stopped();) {
      moved = false;
      for (std::size_t core = 0; core < core_at_.size(); ++core) moved |= play_core(core);
    }
    for (std::size_t core = 0; core < core_at_.size() && !stopped(); ++core) {
      if (core_at_[core] == core_end_[core]) continue;
      const FlatOp& op = flat_.op(flat_.steps()[core_at_[core]].op);
      take_tokens(op, flat_.needs(op));  // says what it waits for
    }
  } else {
    play_one_by_one(index);
  }
  if (!stopped()) close_region(index);
}

/// Up to the end or to an op that waits for another core. Did it do anything?
bool Player::play_core(std::size_t core) {
  std::size_t& at = core_at_[core];
  const std::size_t from = at;
  while (at < core_end_[core] && !stopped()) {
    const FlatRegion::Step step = flat_.steps()[at];
    if (step.length > 0) {
      play_run(at, 0);
      at = step.end;
      continue;
    }
    const FlatOp& op = flat_.op(step.op);
    if (!ready(op)) break;
    play(op, flat_.needs(op), flat_.gives(op));
    ++at;
  }
  return at != from;
}

/// Without runs and jumps, every op as the nest emits it: for timelines, and to check the rest by.
void Player::play_one_by_one(std::size_t index) {
  std::vector<std::unique_ptr<NestCursor>> cursors;
  for (const auto& nest : program_.regions[index].nests) {
    cursors.push_back(nest ? std::make_unique<NestCursor>(*nest) : nullptr);
  }
  std::vector<TileOp> waiting(cursors.size());
  std::vector<bool> holds(cursors.size(), false);
  const auto step = [&](std::size_t core, bool must) {
    TileOp& op = waiting[core];
    if (!holds[core] && !(cursors[core] && cursors[core]->next(op))) return false;
    holds[core] = true;
    op.region = region_index_;
    const FlatOp flat = costs_.flat(op);
    for (const Token& token : op.needs) {
      if (!must && channels_[token.channel.index].credits.total() < token.count) return false;
    }
    play(flat, op.needs.begin(), op.gives.begin());
    if (stopped()) return false;
    count(op, region_->counts);
    if (limits_.spans != nullptr) {
      limits_.spans->span(op, booked_.start, std::max(booked_.start, booked_.issued));
    }
    holds[core] = false;
    return true;
  };
  for (bool moved = true; moved && !stopped();) {
    moved = false;
    for (std::size_t core = 0; core < cursors.size(); ++core) {
      while (!stopped() && step(core, false)) moved = true;
    }
  }
  for (std::size_t core = 0; core < cursors.size(); ++core) {
    if (holds[core] && !stopped()) step(core, true);  // says what it waits for
  }
}

void Player::close_region(std::size_t index) {
  // Each requester had the rated bandwidth to itself; together they cannot have moved more than it.
  totals_ += region_->counts;
  region_->end = std::max(region_->end, transfers_.least(totals_));
  last_end_ = std::max(last_end_, region_->end);
  const bool beyond = limits_.max_cycles.value() > 0 && last_end_ > limits_.max_cycles;
  region_->finished = !beyond;
  for (UnitState& unit : units_) {
    if (unit.is_matrix) unit.matrix.ledger().close_window(last_end_);
  }
  if (beyond) {
    result_.status = EngineResult::Status::kCycleLimit;
    result_.blocked.push_back("layer '" + program_.regions[index].name + "' ends at cycle " +
                              std::to_string(last_end_.value()));
  }
}

bool Player::ready(const FlatOp& op) const {
  const Token* needs = flat_.needs(op);
  for (std::size_t i = 0; i < op.needs; ++i) {
    if (channels_[needs[i].channel.index].credits.total() < needs[i].count) return false;
  }
  return true;
}

void Player::play_steps(std::size_t at, std::size_t end, std::size_t depth) {
  while (at < end && !stopped()) {
    const FlatRegion::Step step = flat_.steps()[at];
    if (step.length > 0) {
      play_run(at, depth);
      at = step.end;
    } else {
      const FlatOp& op = flat_.op(step.op);
      play(op, flat_.needs(op), flat_.gives(op));
      ++at;
    }
  }
}

/// Is iteration `i` of a run worth a look? What has not settled soon is looked at ever less often.
bool worth_a_look(std::uint64_t i) {
  constexpr std::uint64_t kSoon = 16;
  return i < kSoon || (i & (i - 1)) == 0 || ((i - 1) & (i - 2)) == 0;
}

void Player::play_run(std::size_t at, std::size_t depth) {
  const FlatRegion::Step run = flat_.steps()[at];
  if (depth == frames_.size()) frames_.push_back(std::make_unique<RunFrame>());
  RunFrame& frame = *frames_[depth];
  bool comparable = false;
  for (std::uint64_t i = 0; i < run.length && !stopped(); ++i) {
    const std::uint64_t left = run.length - i - 1;
    // A snapshot after it pays if the next one can be compared with it or it with the one before.
    const bool look = left > (comparable ? 0 : 1) && worth_a_look(i);
    const std::uint64_t since = ++tick_;
    if (look) ledgers(frame.start);
    play_steps(at + 1, run.end, depth + 1);
    if (!look || stopped()) {
      comparable = false;
      continue;
    }
    snapshot(since, frame.now);
    if (comparable && jump(frame, since, left)) return;
    std::swap(frame.before, frame.now);
    comparable = true;
  }
}

void Player::play(const FlatOp& op, const Token* needs, const Token* gives) {
  if (stop_asked(limits_.stop)) {
    result_.status = EngineResult::Status::kInterrupted;
    return;
  }
  const std::optional<Waits> waits = take_tokens(op, needs);
  if (!waits) return;
  booked_ = book(op, *waits);
  for (std::size_t i = 0; i < op.gives; ++i) {
    touch(gives[i].channel);
    ChannelState& channel = channels_[gives[i].channel.index];
    channel.credits.give(booked_.at(gives[i].phase) + channel.latency, gives[i].count);
  }
  note(op, booked_);
}

std::optional<Waits> Player::take_tokens(const FlatOp& op, const Token* needs) {
  Waits waits;
  for (std::size_t i = 0; i < op.needs; ++i) {
    const Token& token = needs[i];
    ChannelState& channel = channels_[token.channel.index];
    if (channel.credits.total() < token.count) {
      result_.status = EngineResult::Status::kDeadlock;
      TileOp named;
      named.kind = op.kind;
      named.unit = op.unit;
      named.region = region_index_;
      result_.blocked.push_back(blocked_text(program_, named, token, channel.credits.total()));
      return std::nullopt;
    }
    touch(token.channel);
    channel.consumer = op.unit.index;
    waits.add(channel.cause, channel.credits.take(token.count));
  }
  return waits;
}

void Player::touch(ChannelId id) {
  ChannelState& channel = channels_[id.index];
  if (channel.region != region_index_ + 1) {
    channel.region = region_index_ + 1;
    region_channels_.push_back(id.index);
  }
  channel.touched = tick_;
}

Booking Player::book(const FlatOp& op, const Waits& waits) {
  UnitState& unit = units_[op.unit.index];
  unit.touched = tick_;
  if (!unit.is_matrix) {
    CHECK(op.kind != TileOpKind::kMatrix)
        << "a matrix op on unit " << program_.units[op.unit.index].name;
    return unit.pipe.issue(op.busy, op.latency, waits, op.wait, op.flight, op.flight_one);
  }
  return op.kind == TileOpKind::kSync ? unit.matrix.sync(waits)
                                      : unit.matrix.issue(op.matrix, waits);
}

void Player::note(const FlatOp& op, const Booking& b) {
  if (!region_started_ || b.start < region_->start) region_->start = b.start;
  region_->end = std::max(region_->end, b.done);
  if (op.kind == TileOpKind::kMatrix) {
    if (region_->matrix_span_end.value() == 0 || b.start < region_->matrix_span_start) {
      region_->matrix_span_start = b.start;
    }
    region_->matrix_span_end = std::max(region_->matrix_span_end, b.issued);
  }
  region_started_ = true;
}

void Player::ledgers(Ledgers& into) const {
  into.pipes.clear();
  into.matrices.clear();
  into.may_jump.clear();
  for (const UnitState& unit : units_) {
    if (unit.is_matrix) {
      into.matrices.push_back(unit.matrix.ledger().current());
      into.may_jump.push_back(unit.matrix.ledger().may_jump());
    } else {
      into.pipes.push_back(unit.pipe.ledger());
    }
  }
}

/// A credit that was there before its taker is done with what it has begun holds nothing up, now or
/// later: neither the next start nor the account of a gap depends on when it came.
bool Player::irrelevant(const ChannelState& channel, Cycles credit) const {
  if (credit.value() == 0) return true;
  if (channel.consumer == UINT32_MAX) return false;
  const UnitState& unit = units_[channel.consumer];
  if (!unit.is_matrix) return credit <= unit.pipe.free();
  const auto state = unit.matrix.state();
  // A stationary operand is waited for by its load, which may begin before the array is free.
  const bool stationary =
      channel.cause == StallCause::kWeights || channel.cause == StallCause::kInputs;
  return credit <= state[MatrixUnitCore::kIssueEnd] &&
         (!stationary || credit <= state[MatrixUnitCore::kLoadFree]);
}

void Player::snapshot(std::uint64_t since, Snapshot& into) {
  into.clear();
  bool matrix_worked = false;
  const auto add = [&](Cycles& moment, bool may_stand) {
    into.moments.push_back({&moment, moment, may_stand});
  };
  for (std::size_t i = 0; i < units_.size(); ++i) {
    UnitState& unit = units_[i];
    if (unit.touched < since) continue;
    into.shape.push_back(i);
    if (!unit.is_matrix) {
      add(unit.pipe.free(), false);
      // Not written by ops that are no transfers, hence not read by them.
      add(unit.pipe.flown(), true);
      continue;
    }
    matrix_worked = true;
    // A load, unload or sync moment that stands still was not written in the iteration, hence not
    // read: MatrixUnitCore::issue reads what it writes (the sync floor lies behind every issue).
    const auto words = unit.matrix.state();
    const bool may_stand[MatrixUnitCore::kStateWords] = {false, true, true, false, true};
    for (std::size_t w = 0; w < words.size(); ++w) add(*words[w], may_stand[w]);
  }
  for (const std::uint32_t c : region_channels_) {
    ChannelState& channel = channels_[c];
    if (channel.touched < since) continue;
    into.shape.push_back((std::uint64_t{1} << 32U) + c);
    std::uint64_t irrelevant_credits = 0;
    for (Credits::Run& run : channel.credits) {
      if (irrelevant(channel, run.when)) {
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
  add(region_->end, false);
  add(region_->matrix_span_end, !matrix_worked);
}

/// How far every moment moved on between two snapshots, if all moved alike; else 0.
std::uint64_t common_advance(const Snapshot& before, const Snapshot& now) {
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

bool Player::jump(const RunFrame& frame, std::uint64_t since, std::uint64_t times) {
  const std::uint64_t advance = common_advance(frame.before, frame.now);
  if (advance == 0) return false;
  std::size_t pipe = 0, matrix = 0;
  for (const UnitState& unit : units_) {
    if (!unit.is_matrix) continue;
    const bool may = frame.start.may_jump[matrix++] && unit.matrix.ledger().may_jump();
    if (unit.touched >= since && !may) return false;
  }
  const Cycles forward(advance * times);
  matrix = 0;
  for (UnitState& unit : units_) {
    if (unit.is_matrix) {
      MatrixLedger delta = unit.matrix.ledger().current();
      const MatrixLedger& start = frame.start.matrices[matrix++];
      for (std::size_t a = 0; a < kAccounts; ++a) delta.cycles[a] -= start.cycles[a];
      if (unit.touched >= since) unit.matrix.ledger().jump(delta, times, forward);
    } else {
      UnitLedger& ledger = unit.pipe.ledger();
      const UnitLedger& start = frame.start.pipes[pipe++];
      for (std::size_t a = 0; a < kUnitAccounts; ++a) {
        ledger.cycles[a] += (ledger.cycles[a] - start.cycles[a]) * times;
      }
    }
  }
  for (std::size_t i = 0; i < frame.now.moments.size(); ++i) {
    const Snapshot::Moment& moment = frame.now.moments[i];
    if (moment.when != frame.before.moments[i].when) *moment.at += forward;
  }
  return true;
}

void Player::finish() {
  Cycles end = last_end_;
  for (UnitState& unit : units_) {
    // A run that stopped early ends where its last unit does.
    end = std::max(end, unit.is_matrix
                            ? std::max(unit.matrix.ledger().cursor(), unit.matrix.drain_end())
                            : unit.pipe.free());
  }
  if (stopped()) close_open_windows(end);
  result_.end = end;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    UnitState& unit = units_[i];
    UnitResult row;
    row.name = program_.units[i].name;
    row.is_matrix = unit.is_matrix;
    if (unit.is_matrix) {
      unit.matrix.finish(end);
      const auto& windows = unit.matrix.ledger().windows();
      for (std::size_t r = 0; r < windows.size() && r < result_.regions.size(); ++r) {
        result_.regions[r].ledger += windows[r];
      }
      row.matrix = unit.matrix.ledger().total();
    } else {
      unit.pipe.finish(end);
      row.ledger = unit.pipe.ledger();
    }
    result_.units.push_back(std::move(row));
  }
}

void Player::close_open_windows(Cycles end) {
  for (UnitState& unit : units_) {
    if (unit.is_matrix) unit.matrix.ledger().close_window(end);
  }
}

}  // namespace

Result<EngineResult> AnalyticEngine::run(const Program& program, const RunLimits& limits) {
  CHECK(program.machine != nullptr) << "a program without a machine";
  return Player(program, timing_, limits, jumps_ == Jumps::kOn).run();
}

}  // namespace takt
