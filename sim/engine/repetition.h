// SPDX-License-Identifier: Apache-2.0
#pragma once
// Iterations that leave the same state as the one before, shifted in time: the rest of a run of
// equal ones need not be played.

#include "sim/engine/play_state.h"

namespace takt {

/// Is iteration `i` of a run worth a look? What has not settled soon is looked at ever less often.
bool worth_a_look(std::uint64_t i);

/// The iterations of one run.
class Repetition {
 public:
  /// The next iteration has none before it to be compared with.
  void forget() { comparable_ = false; }
  bool comparable() const { return comparable_; }
  /// Before an iteration that is looked at.
  void begin(const PlayState& state);
  /// Behind it: where it repeated the one before, the `left` that follow are skipped (true).
  /// `since` is its first tick.
  bool end(PlayState& state, std::uint64_t since, std::uint64_t left);

 private:
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

  static void take(PlayState& state, std::uint64_t since, Snapshot& into);
  static std::uint64_t common_advance(const Snapshot& before, const Snapshot& now);
  bool jump(PlayState& state, std::uint64_t since, std::uint64_t times) const;

  Snapshot before_, now_;
  Ledgers start_;
  bool comparable_ = false;
};

}  // namespace takt
