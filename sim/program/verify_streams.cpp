// SPDX-License-Identifier: Apache-2.0
// The streams of all cores, merged into one order that tokens allow.
#include <algorithm>
#include <deque>

#include "sim/program/verify.h"

namespace takt {
namespace {

/// How many ops of a core may wait for tokens while later ones of other units go ahead.
constexpr std::size_t kWindow = 4096;

class Core {
 public:
  Core(const Program& program, std::uint32_t index)
      : stream_(program, index), blocked_(program.units.size(), 0) {}

  /// Takes all ops that can be taken now. True: at least one was.
  bool advance(Verifier& verifier) {
    bool any = take_waiting(verifier);
    while (waiting_.empty() && stream_.next(op_)) {
      if (verifier.missing(op_) == nullptr) {
        verifier.take(op_);
        any = true;
      } else {
        waiting_.push_back(op_);
      }
    }
    return any;
  }
  /// Looks past an op that waits. True: a later one could be taken, or there is one more to look
  /// at.
  bool look_ahead(Verifier& verifier) {
    if (waiting_.size() >= kWindow || !stream_.next(op_)) return false;
    const bool behind = std::any_of(waiting_.begin(), waiting_.end(),
                                    [&](const TileOp& w) { return w.unit == op_.unit; });
    if (!behind && verifier.missing(op_) == nullptr) {
      verifier.take(op_);
    } else {
      waiting_.push_back(op_);
    }
    return true;
  }
  /// The first op that each unit waits with.
  void report(Verifier& verifier) {
    std::fill(blocked_.begin(), blocked_.end(), 0);
    for (const TileOp& op : waiting_) {
      if (blocked_[op.unit.index]++ == 0) verifier.blocked(op);
    }
  }

 private:
  bool take_waiting(Verifier& verifier) {
    bool any = false;
    for (bool again = !waiting_.empty(); again;) {
      again = false;
      std::fill(blocked_.begin(), blocked_.end(), 0);
      for (auto op = waiting_.begin(); op != waiting_.end();) {
        if (blocked_[op->unit.index] == 0 && verifier.missing(*op) == nullptr) {
          verifier.take(*op);
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

Verification verify(const Program& program) {
  Verifier verifier(program);
  std::deque<Core> cores;
  const std::uint32_t count = program.machine == nullptr ? 1 : program.machine->cores;
  for (std::uint32_t i = 0; i < count; ++i) cores.emplace_back(program, i);
  for (bool more = true; more;) {
    more = false;
    for (Core& core : cores) more = core.advance(verifier) || more;
    if (more) continue;
    for (Core& core : cores) more = core.look_ahead(verifier) || more;
  }
  for (Core& core : cores) core.report(verifier);
  return verifier.finish();
}

}  // namespace takt
