// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/analytic.h"

#include <algorithm>
#include <memory>
#include <set>

#include "sim/engine/op_player.h"
#include "sim/engine/repetition.h"

namespace takt {
namespace {

/// No more than what others than the host have moved: which memory it used is not in the counts.
ActionCounts without_host(ActionCounts moved) {
  const auto less = [](std::uint64_t& bytes, std::uint64_t by) { bytes -= std::min(bytes, by); };
  less(moved.dram_write_bytes, moved.host_read_bytes);
  less(moved.dram_read_bytes, moved.host_write_bytes);
  less(moved.shared_write_bytes, moved.host_read_bytes);
  less(moved.shared_read_bytes, moved.host_write_bytes);
  return moved;
}

class Player {
 public:
  Player(const Program& program, const TileTiming& timing, const RunLimits& limits, bool jumps)
      : program_(program),
        limits_(limits),
        transfers_(*program.machine),
        costs_{program, timing, transfers_},
        jumps_(jumps && limits.spans == nullptr),
        ops_(program, limits) {}
  EngineResult run();

 private:
  void play_region(std::size_t index);
  std::uint64_t weights_read_first(std::size_t index);
  Cycles moved_at() const;
  void play_runs(std::size_t index);
  bool play_core(std::size_t core);
  void play_steps(std::size_t at, std::size_t end, std::size_t depth);
  void play_run(std::size_t at, std::size_t depth);
  void play_one_by_one(std::size_t index);

  const Program& program_;
  const RunLimits& limits_;
  TransferTiming transfers_;
  OpCosts costs_;
  bool jumps_;
  OpPlayer ops_;
  RegionResult* region_ = nullptr;
  ActionCounts totals_;           ///< of the regions so far
  std::uint64_t read_first_ = 0;  ///< bytes of weights so far, each once
  std::set<std::pair<std::uint32_t, std::int64_t>> weights_read_;  ///< tensors, and where in them
  FlatRegion flat_;
  std::vector<std::size_t> core_at_, core_end_;       ///< steps of the cores
  std::vector<std::unique_ptr<Repetition>> repeats_;  ///< by depth of nesting
};

EngineResult Player::run() {
  for (std::size_t i = 0; i < program_.regions.size() && !ops_.stopped(); ++i) {
    play_region(i);
    if (limits_.progress && !ops_.stopped()) limits_.progress(i + 1, program_.regions.size());
  }
  return ops_.finish();
}

void Player::play_region(std::size_t index) {
  region_ = &ops_.begin_region(index);
  if (jumps_) {
    play_runs(index);
  } else {
    play_one_by_one(index);
  }
  if (ops_.stopped()) return;
  totals_ += region_->counts;
  read_first_ += weights_read_first(index);
  ops_.close_region(index, moved_at());
}

/// Bytes of parameters that this region is the first to read. Whatever the order of its tiles, it
/// reads all of its weights at least once.
std::uint64_t Player::weights_read_first(std::size_t index) {
  // A program that was not compiled has no network behind it.
  if (program_.graph == nullptr || index >= program_.graph->regions.size()) return 0;
  const Region& region = program_.graph->regions[index];
  const MatrixWork& work = region.matrix;
  if (region.kind != Region::Kind::kMatrix || !work.weight.packed) return 0;
  if (!weights_read_.emplace(work.weight.tensor.index, work.weight.offset).second) return 0;
  const auto elements = static_cast<std::uint64_t>(work.g * work.o * work.c * work.r * work.s);
  return std::min(elements * bytes_of(region.dtype), region_->counts.dram_read_bytes);
}

/// Each requester had the rated bandwidth to itself; together they cannot have moved more than it.
/// What the host moves may come before the device is launched, all else comes after it.
Cycles Player::moved_at() const {
  const Cycles device = std::max(transfers_.least(without_host(totals_)),
                                 transfers_.least_of_misses(Bytes(read_first_)));
  const Cycles launched = device.value() > 0 ? program_.machine->launch + device : Cycles(0);
  return std::max(transfers_.least(totals_), launched);
}

void Player::play_runs(std::size_t index) {
  flat_.clear();
  core_at_.clear();
  core_end_.clear();
  for (const auto& nest : program_.regions[index].nests) {
    core_at_.push_back(flat_.steps().size());
    if (nest) {
      flat_.append(*nest, static_cast<std::uint32_t>(index), costs_, region_->counts);
    }
    core_end_.push_back(flat_.steps().size());
  }
  // A core may wait for another one of the same region (the host link takes what all have
  // stored): then that one goes on first.
  for (bool moved = true; moved && !ops_.stopped();) {
    moved = false;
    for (std::size_t core = 0; core < core_at_.size(); ++core) moved |= play_core(core);
  }
  for (std::size_t core = 0; core < core_at_.size() && !ops_.stopped(); ++core) {
    if (core_at_[core] == core_end_[core]) continue;
    const FlatOp& op = flat_.op(flat_.steps()[core_at_[core]].op);
    ops_.play(op, flat_.needs(op), flat_.gives(op));  // says what it waits for
  }
}

/// Up to the end or to an op that waits for another core. Did it do anything?
bool Player::play_core(std::size_t core) {
  ops_.set_core(core);
  std::size_t& at = core_at_[core];
  const std::size_t from = at;
  while (at < core_end_[core] && !ops_.stopped()) {
    const FlatRegion::Step step = flat_.steps()[at];
    if (step.length > 0) {
      play_run(at, 0);
      at = step.end;
      continue;
    }
    const FlatOp& op = flat_.op(step.op);
    if (!ops_.ready(op, flat_.needs(op))) break;
    ops_.play(op, flat_.needs(op), flat_.gives(op));
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
    op.region = static_cast<std::uint32_t>(index);
    const FlatOp flat = costs_.flat(op);
    if (!must && !ops_.ready(flat, op.needs.begin())) return false;
    ops_.play(flat, op.needs.begin(), op.gives.begin());
    if (ops_.stopped()) return false;
    count(op, region_->counts);
    if (limits_.spans != nullptr) {
      const Booking& booked = ops_.booked();
      limits_.spans->span(op, booked.start, std::max(booked.start, booked.issued));
    }
    holds[core] = false;
    return true;
  };
  for (bool moved = true; moved && !ops_.stopped();) {
    moved = false;
    for (std::size_t core = 0; core < cursors.size(); ++core) {
      while (!ops_.stopped() && step(core, false)) moved = true;
    }
  }
  for (std::size_t core = 0; core < cursors.size(); ++core) {
    if (holds[core] && !ops_.stopped()) step(core, true);  // says what it waits for
  }
}

void Player::play_steps(std::size_t at, std::size_t end, std::size_t depth) {
  while (at < end && !ops_.stopped()) {
    const FlatRegion::Step step = flat_.steps()[at];
    if (step.length > 0) {
      play_run(at, depth);
      at = step.end;
    } else {
      const FlatOp& op = flat_.op(step.op);
      ops_.play(op, flat_.needs(op), flat_.gives(op));
      ++at;
    }
  }
}

void Player::play_run(std::size_t at, std::size_t depth) {
  const FlatRegion::Step run = flat_.steps()[at];
  if (depth == repeats_.size()) repeats_.push_back(std::make_unique<Repetition>());
  Repetition& repeats = *repeats_[depth];
  repeats.forget();
  PlayState& state = ops_.state();
  for (std::uint64_t i = 0; i < run.length && !ops_.stopped(); ++i) {
    const std::uint64_t left = run.length - i - 1;
    // A look after it pays if the next one can be compared with it or it with the one before.
    const bool look = left > (repeats.comparable() ? 0 : 1) && worth_a_look(i);
    const std::uint64_t since = ++state.tick;
    if (look) repeats.begin(state);
    play_steps(at + 1, run.end, depth + 1);
    if (!look || ops_.stopped()) {
      repeats.forget();
    } else if (repeats.end(state, since, left)) {
      return;
    }
  }
}

}  // namespace

Result<EngineResult> AnalyticEngine::run(const Program& program, const RunLimits& limits) {
  CHECK(program.machine != nullptr) << "a program without a machine";
  return Player(program, timing_, limits, jumps_ == Jumps::kOn).run();
}

}  // namespace takt
