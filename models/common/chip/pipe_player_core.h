// SPDX-License-Identifier: Apache-2.0
#pragma once
// The stream of a unit that is a pipe: vector unit, and DMA engines and host directions when memory
// is ideal (transfer_player_core.h has them with real memories behind).

#include "models/common/chip/unit_player_core.h"
#include "sim/engine/pipe_unit_core.h"

namespace takt {

class PipePlayer : public UnitPlayer {
 public:
  PipePlayer(PlayerContext& context, UnitId unit) : UnitPlayer(context, unit) {}
  std::optional<Cycles> advance(Cycles now) override;
  Cycles last() const override { return last_; }
  UnitResult finish(Cycles end) override;

 protected:
  /// Plays the head of the queue, all of whose conditions are met.
  void book(PackedOp& head, const Waits& waits);
  /// The op booked last loses `cycles` at the banks.
  void hold_up(Booking& booking, Cycles cycles);

  PipeUnitCore core_;
  Cycles last_{};
};

}  // namespace takt
