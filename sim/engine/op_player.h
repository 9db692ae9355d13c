// SPDX-License-Identifier: Apache-2.0
#pragma once
// Books the ops of a program one after the other, by what their units and tokens allow.

#include <optional>

#include "sim/engine/flat_region.h"
#include "sim/engine/play_state.h"
#include "sim/engine/waits.h"

namespace takt {

class OpPlayer {
 public:
  OpPlayer(const Program& program, const RunLimits& limits);

  /// Has the run ended early?
  bool stopped() const { return result_.status != EngineResult::Status::kFinished; }
  RegionResult& begin_region(std::size_t index);
  /// The ops that follow are this core's.
  void set_core(std::size_t core) { state_.core = core; }
  /// Are the credits there that an op needs?
  bool ready(const FlatOp& op, const Token* needs) const;
  /// Stops the run if they are not, or if it is asked to.
  void play(const FlatOp& op, const Token* needs, const Token* gives);
  /// Of the last op that was played.
  const Booking& booked() const { return booked_; }
  /// `least`: before that not all bytes so far can have moved.
  void close_region(std::size_t index, Cycles least);
  EngineResult finish();

  PlayState& state() { return state_; }

 private:
  std::optional<Waits> take_tokens(const FlatOp& op, const Token* needs);
  void touch(ChannelId id);
  Booking book(const FlatOp& op, const Waits& waits);
  void note(const FlatOp& op, const Booking& booking);
  void join_extents();
  void close_windows(Cycles end);

  const Program& program_;
  const RunLimits& limits_;
  PlayState state_;
  RegionResult* region_ = nullptr;  ///< the one under way
  std::uint32_t region_index_ = 0;
  Cycles last_end_{};
  Booking booked_;
  EngineResult result_;
};

}  // namespace takt
