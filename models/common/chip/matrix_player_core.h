// SPDX-License-Identifier: Apache-2.0
#pragma once
// A matrix unit's stream: MatrixUnitCore's rule, and the shadow load that runs ahead of the tiles.

#include "models/common/chip/unit_player_core.h"

namespace takt {

class MatrixPlayer : public UnitPlayer {
 public:
  MatrixPlayer(PlayerContext& context, UnitId unit);
  std::optional<Cycles> advance(Cycles now) override;
  Cycles last() const override;
  UnitResult finish(Cycles end) override;
  MatrixUnitCore& core() { return core_; }

 private:
  void load_ahead();
  void hold_up_load(Waits& weights);
  void book(Cycles now, const Waits& waits, const Booking& booking);
  /// Passes up to `op` are queued for their values.
  void queue_values(PackedOp& op);
  /// When all conditions but the array's own are met.
  Cycles ready(const Waits& waits) const;

  MatrixUnitCore core_{/*ledger_closes_early=*/false};
  PackedOp* ahead_ = nullptr;   ///< the op whose stationary load is looked at next; null = the head
  PackedOp* queued_ = nullptr;  ///< the last pass queued for its values; null = none in the queue
};

}  // namespace takt
