// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/analytic.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "sim/engine/pipe_unit_core.h"
#include "sim/engine/transfer_timing.h"
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
  std::deque<Cycles> credits;  ///< the moments at which they became available, oldest first
  std::uint64_t touched = 0;
  std::uint32_t region = 0;  ///< 1 + the region that last touched it
};

/// Every moment that decides the future of what an iteration touched, in a fixed order.
struct Snapshot {
  std::vector<std::uint64_t> shape;  ///< who was touched, and how many credits each holds
  std::vector<std::uint64_t> times;
  std::vector<bool> may_stand;  ///< this moment need not move on for the state to repeat
};

/// What an iteration adds up, to be multiplied when its repetitions are skipped.
struct Sums {
  ActionCounts counts;
  std::vector<UnitLedger> pipes;
  std::vector<MatrixLedger> matrices;
  bool jumpable = true;
};

class Player {
 public:
  Player(const Program& program, const TileTiming& timing, const RunLimits& limits, bool jumps)
      : program_(program),
        timing_(timing),
        limits_(limits),
        transfers_(*program.machine),
        jumps_(jumps && limits.spans == nullptr),
        units_(program.units.size()),
        channels_(program.channels.size()) {
    for (std::size_t i = 0; i < units_.size(); ++i) {
      units_[i].is_matrix = program.units[i].kind == UnitKind::kMatrix;
    }
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      channels_[i].credits.assign(program.channels[i].initial, Cycles(0));
    }
  }

  EngineResult run();

 private:
  bool stopped() const { return result_.status != EngineResult::Status::kFinished; }
  void play_region(std::size_t index);
  bool play_nest(const Nest& nest, std::size_t& at);
  bool emit(const Nest& nest, const NestNode& node);
  bool ready(const TileOp& op) const;
  void play_body(const Nest& nest, const std::vector<NestNode>& nodes);
  void play_loop(const Nest& nest, const NestNode& node);
  void play(TileOp& op);
  std::optional<Waits> take_tokens(const TileOp& op);
  void touch(ChannelId id);
  void give_tokens(const TileOp& op, const Booking& booking);
  Booking book(const TileOp& op, const Waits& waits);
  void note(const TileOp& op, const Booking& booking);

  void sums(Sums& into) const;
  template <class Visit>
  void for_each_moment(std::uint64_t since, const Visit& visit);
  void snapshot(std::uint64_t since, Snapshot& into);
  bool jump(const Snapshot& before, const Snapshot& now, const Sums& start, std::uint64_t since,
            std::uint64_t times);
  void close_region(std::size_t index);
  void close_open_windows(Cycles end);
  void finish();

  const Program& program_;
  const TileTiming& timing_;
  const RunLimits& limits_;
  TransferTiming transfers_;
  bool jumps_;
  std::vector<UnitState> units_;
  std::vector<ChannelState> channels_;
  std::vector<std::uint32_t> region_channels_;  ///< touched in this region
  std::uint64_t tick_ = 0;
  NestIndex index_;
  TileOp op_;
  RegionResult* region_ = nullptr;
  bool region_started_ = false;
  std::uint32_t region_index_ = 0;
  ActionCounts totals_;
  Cycles last_end_{};
  EngineResult result_;
};

EngineResult Player::run() {
  result_.regions.resize(program_.regions.size());
  for (std::size_t i = 0; i < program_.regions.size() && !stopped(); ++i) {
    if (limits_.stop != nullptr && limits_.stop->load()) {
      result_.status = EngineResult::Status::kInterrupted;
      break;
    }
    play_region(i);
    if (limits_.progress) limits_.progress(i + 1, program_.regions.size());
  }
  finish();
  return std::move(result_);
}

void Player::play_region(std::size_t index) {
  region_ = &result_.regions[index];
  region_index_ = static_cast<std::uint32_t>(index);
  region_started_ = false;
  region_channels_.clear();
  // A core may wait for another one of the same region (the host link takes what all have stored):
  // then that one goes on first.
  const auto& nests = program_.regions[index].nests;
  std::vector<std::size_t> at(nests.size(), 0);
  for (bool moved = true, left = true; left && !stopped();) {
    left = moved = false;
    for (std::size_t core = 0; core < nests.size() && !stopped(); ++core) {
      if (!nests[core]) continue;
      moved = play_nest(*nests[core], at[core]) || moved;
      left = left || at[core] < nests[core]->body().size();
    }
    if (!left || moved || stopped()) continue;
    for (std::size_t core = 0; core < nests.size(); ++core) {
      if (!nests[core] || at[core] == nests[core]->body().size()) continue;
      if (emit(*nests[core], nests[core]->body()[at[core]])) take_tokens(op_);  // says for what
    }
  }
  if (stopped()) return;
  close_region(index);
}

void Player::close_region(std::size_t index) {
  // Each requester had the rated bandwidth to itself; together they cannot have moved more than it.
  totals_ += region_->counts;
  if (!program_.machine->memory.ideal) {
    const Bytes moved(totals_.dram_read_bytes + totals_.dram_write_bytes);
    const Cycles bound = program_.machine->clock.cycles_to_move(
        moved, program_.machine->memory.bandwidth_bytes_per_s);
    region_->end = std::max(region_->end, bound);
  }
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

bool Player::emit(const Nest& nest, const NestNode& node) {
  op_ = TileOp{};
  if (!nest.emit(node.action, index_, op_)) return false;
  op_.region = region_index_;
  return true;
}

bool Player::ready(const TileOp& op) const {
  for (const Token& token : op.needs) {
    if (channels_[token.channel.index].credits.size() < token.count) return false;
  }
  return true;
}

/// From node `at` of the nest's body on, to an op that must wait for another core or to the end.
/// Did anything?
bool Player::play_nest(const Nest& nest, std::size_t& at) {
  bool moved = false;
  for (; at < nest.body().size() && !stopped(); ++at, moved = true) {
    index_.assign(nest.loops().size(), 0);
    const NestNode& node = nest.body()[at];
    if (node.loop >= 0) {
      play_loop(nest, node);
    } else if (emit(nest, node)) {
      if (!ready(op_)) break;
      play(op_);
    }
  }
  return moved;
}

void Player::play_body(const Nest& nest, const std::vector<NestNode>& nodes) {
  for (const NestNode& node : nodes) {
    if (node.loop >= 0) {
      play_loop(nest, node);
    } else {
      if (emit(nest, node)) play(op_);
    }
    if (stopped()) return;
  }
}

void Player::play_loop(const Nest& nest, const NestNode& node) {
  const std::size_t loop = static_cast<std::size_t>(node.loop);
  const NestRuns runs = nest.runs(node.loop, index_);
  std::uint64_t done = 0;
  Snapshot before, now;
  Sums start;
  for (const std::uint64_t length : runs) {
    bool comparable = false;
    for (std::uint64_t i = 0; i < length && !stopped(); ++i) {
      const std::uint64_t left = length - i - 1;
      const bool try_jump = jumps_ && length > 2 && (left > 0 || comparable);
      const std::uint64_t since = ++tick_;
      if (try_jump) sums(start);
      index_[loop] = done++;
      play_body(nest, node.children);
      if (!try_jump || left == 0 || stopped()) continue;
      snapshot(since, now);
      if (comparable && jump(before, now, start, since, left)) {
        done += left;
        break;
      }
      std::swap(before, now);
      comparable = true;
    }
    if (stopped()) break;
  }
  index_[loop] = 0;
}

void Player::play(TileOp& op) {
  const std::optional<Waits> waits = take_tokens(op);
  if (!waits) return;
  const Booking booking = book(op, *waits);
  give_tokens(op, booking);
  note(op, booking);
}

std::optional<Waits> Player::take_tokens(const TileOp& op) {
  Waits waits;
  for (const Token& token : op.needs) {
    ChannelState& channel = channels_[token.channel.index];
    if (channel.credits.size() < token.count) {
      result_.status = EngineResult::Status::kDeadlock;
      result_.blocked.push_back(blocked_text(program_, op, token, channel.credits.size()));
      return std::nullopt;
    }
    touch(token.channel);
    for (std::uint32_t i = 0; i < token.count; ++i) {
      waits.add(program_.channels[token.channel.index].cause, channel.credits.front());
      channel.credits.pop_front();
    }
  }
  return waits;
}

void Player::give_tokens(const TileOp& op, const Booking& booking) {
  for (const Token& token : op.gives) {
    touch(token.channel);
    ChannelState& channel = channels_[token.channel.index];
    channel.credits.insert(channel.credits.end(), token.count, booking.at(token.phase));
  }
}

void Player::touch(ChannelId id) {
  ChannelState& channel = channels_[id.index];
  if (channel.region != region_index_ + 1) {
    channel.region = region_index_ + 1;
    region_channels_.push_back(id.index);
  }
  channel.touched = tick_;
}

Booking Player::book(const TileOp& op, const Waits& waits) {
  UnitState& unit = units_[op.unit.index];
  unit.touched = tick_;
  if (unit.is_matrix) {
    if (op.kind == TileOpKind::kSync) return unit.matrix.sync(waits);
    return unit.matrix.issue(timing_.matrix(op), waits);
  }
  const UnitAccount wait = wait_account(program_, op);
  switch (op.kind) {
    case TileOpKind::kLoad:
    case TileOpKind::kStore: {
      const TransferCost cost = transfers_.cost(op.transfer);
      return unit.pipe.issue(cost.occupancy, cost.latency, waits, wait);
    }
    case TileOpKind::kVector:
      return unit.pipe.issue(timing_.vector_busy(op), timing_.vector_latency(), waits, wait);
    case TileOpKind::kSync: return unit.pipe.issue(Cycles(0), Cycles(0), waits, wait);
    case TileOpKind::kMatrix: break;
  }
  CHECK(false) << "a matrix op on unit " << program_.units[op.unit.index].name;
  return {};
}

void Player::note(const TileOp& op, const Booking& b) {
  count(op, region_->counts);
  if (!region_started_ || b.start < region_->start) region_->start = b.start;
  region_->end = std::max(region_->end, b.done);
  if (op.kind == TileOpKind::kMatrix) {
    if (region_->matrix_span_end.value() == 0 || b.start < region_->matrix_span_start) {
      region_->matrix_span_start = b.start;
    }
    region_->matrix_span_end = std::max(region_->matrix_span_end, b.issued);
  }
  region_started_ = true;
  if (limits_.spans != nullptr) limits_.spans->span(op, b.start, std::max(b.start, b.issued));
}

void Player::sums(Sums& into) const {
  into.counts = region_->counts;
  into.pipes.clear();
  into.matrices.clear();
  into.jumpable = true;
  for (const UnitState& unit : units_) {
    if (unit.is_matrix) {
      into.matrices.push_back(unit.matrix.ledger().current());
      into.jumpable = into.jumpable && unit.matrix.ledger().may_jump();
    } else {
      into.pipes.push_back(unit.pipe.ledger());
    }
  }
}

template <class Visit>
void Player::for_each_moment(std::uint64_t since, const Visit& visit) {
  bool matrix_worked = false;
  for (UnitState& unit : units_) {
    if (unit.touched < since) continue;
    if (!unit.is_matrix) {
      visit(unit.pipe.free(), false);
      continue;
    }
    matrix_worked = true;
    // A load, unload or sync moment that stands still was not written in the iteration, hence not
    // read: MatrixUnitCore::issue reads what it writes (the sync floor lies behind every issue).
    const auto words = unit.matrix.state();
    const bool may_stand[MatrixUnitCore::kStateWords] = {false, true, true, false, true};
    for (std::size_t w = 0; w < words.size(); ++w) visit(*words[w], may_stand[w]);
  }
  for (std::uint32_t c : region_channels_) {
    ChannelState& channel = channels_[c];
    if (channel.touched < since) continue;
    for (Cycles& credit : channel.credits) visit(credit, false);
  }
  visit(region_->end, false);
  visit(region_->matrix_span_end, !matrix_worked);
}

void Player::snapshot(std::uint64_t since, Snapshot& into) {
  into.shape.clear();
  into.times.clear();
  into.may_stand.clear();
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (units_[i].touched >= since) into.shape.push_back(i);
  }
  for (std::uint32_t c : region_channels_) {
    if (channels_[c].touched < since) continue;
    into.shape.push_back((static_cast<std::uint64_t>(channels_[c].credits.size()) << 32) + c);
  }
  for_each_moment(since, [&](Cycles& moment, bool may_stand) {
    into.times.push_back(moment.value());
    into.may_stand.push_back(may_stand);
  });
}

/// How far every moment moved on between two snapshots, if all moved alike; else 0.
std::uint64_t common_advance(const Snapshot& before, const Snapshot& now) {
  if (before.shape != now.shape || before.times.size() != now.times.size()) return 0;
  std::uint64_t advance = 0;
  for (std::size_t i = 0; i < now.times.size(); ++i) {
    const std::uint64_t d = now.times[i] - before.times[i];
    if (d == 0 && now.may_stand[i]) continue;
    if (advance == 0) advance = d;
    if (d == 0 || d != advance) return 0;
  }
  return advance;
}

bool Player::jump(const Snapshot& before, const Snapshot& now, const Sums& start,
                  std::uint64_t since, std::uint64_t times) {
  const std::uint64_t advance = start.jumpable ? common_advance(before, now) : 0;
  if (advance == 0) return false;
  for (const UnitState& unit : units_) {
    if (unit.is_matrix && !unit.matrix.ledger().may_jump()) return false;
  }
  std::size_t pipe = 0, matrix = 0;
  for (UnitState& unit : units_) {
    if (unit.is_matrix) {
      MatrixLedger delta = unit.matrix.ledger().current();
      for (std::size_t a = 0; a < kAccounts; ++a)
        delta.cycles[a] -= start.matrices[matrix].cycles[a];
      ++matrix;
      if (unit.touched >= since) unit.matrix.ledger().jump(delta, times, Cycles(advance * times));
    } else {
      UnitLedger& ledger = unit.pipe.ledger();
      for (std::size_t a = 0; a < kUnitAccounts; ++a) {
        ledger.cycles[a] += (ledger.cycles[a] - start.pipes[pipe].cycles[a]) * times;
      }
      ++pipe;
    }
  }
  region_->counts.repeat_since(start.counts, times);
  std::size_t i = 0;
  for_each_moment(since, [&](Cycles& moment, bool) {
    if (now.times[i] != before.times[i]) moment += Cycles(advance * times);
    ++i;
  });
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
