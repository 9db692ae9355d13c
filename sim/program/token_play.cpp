// SPDX-License-Identifier: Apache-2.0
#include "sim/program/token_play.h"

#include <algorithm>
#include <deque>
#include <vector>

namespace takt {
namespace {

/// How many ops of a core may wait for tokens while later ones of other units go ahead.
constexpr std::size_t kWindow = 4096;

class Core {
 public:
  Core(const Program& program, std::uint32_t index)
      : stream_(program, index), blocked_(program.units.size(), 0) {}

  /// Takes all ops that can be taken now. True: at least one was.
  bool advance(OpTaker& taker) {
    bool any = take_waiting(taker);
    while (waiting_.empty() && stream_.next(op_)) {
      if (taker.ready(op_)) {
        taker.take(op_);
        any = true;
      } else {
        waiting_.push_back(op_);
      }
    }
    return any;
  }
  /// Looks past an op that waits. True: a later one could be taken, or there is one more to look
  /// at.
  bool look_ahead(OpTaker& taker) {
    if (waiting_.size() >= kWindow || !stream_.next(op_)) return false;
    const bool behind = std::any_of(waiting_.begin(), waiting_.end(),
                                    [&](const TileOp& w) { return w.unit == op_.unit; });
    if (!behind && taker.ready(op_)) {
      taker.take(op_);
    } else {
      waiting_.push_back(op_);
    }
    return true;
  }
  /// The first op that each unit waits with.
  void report(OpTaker& taker) {
    std::fill(blocked_.begin(), blocked_.end(), 0);
    for (const TileOp& op : waiting_) {
      if (blocked_[op.unit.index]++ == 0) taker.blocked(op);
    }
  }

 private:
  bool take_waiting(OpTaker& taker) {
    bool any = false;
    for (bool again = !waiting_.empty(); again;) {
      again = false;
      std::fill(blocked_.begin(), blocked_.end(), 0);
      for (auto op = waiting_.begin(); op != waiting_.end();) {
        if (blocked_[op->unit.index] == 0 && taker.ready(*op)) {
          taker.take(*op);
          op = waiting_.erase(op);
          any = again = true;
        } else {
          blocked_[op->unit.index] = 1;
          ++op;
        }
      }
    }
    return any;
  }

  CoreStream stream_;
  TileOp op_;
  std::deque<TileOp> waiting_;  ///< in program order
  std::vector<char> blocked_;   ///< by unit
};

}  // namespace

void play_by_tokens(const Program& program, OpTaker& taker) {
  std::deque<Core> cores;
  const std::uint32_t count = program.machine == nullptr ? 1 : program.machine->cores;
  for (std::uint32_t i = 0; i < count; ++i) cores.emplace_back(program, i);
  for (bool more = true; more;) {
    more = false;
    for (Core& core : cores) more = core.advance(taker) || more;
    if (more) continue;
    for (Core& core : cores) more = core.look_ahead(taker) || more;
  }
  for (Core& core : cores) core.report(taker);
}

}  // namespace takt
