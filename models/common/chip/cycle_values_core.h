// SPDX-License-Identifier: Apache-2.0
#pragma once
// All that happens to values at fidelity `cycle`, in the order of time: loads, stores and vector
// work at the moments that the chip's units book, passes clock by clock in the arrays.

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "models/common/chip/cycle_array_core.h"
#include "models/common/chip/unit_player_core.h"

namespace takt {

class CycleValues : public ValueListener {
 public:
  /// `wake` asks for run_to() at the present moment, once all that is booked at it is known.
  CycleValues(const Program& program, FunctionalPlayer& values, PassObserver* observer);
  void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }

  void performed(const TileOp& op, Cycles when) override;
  void queued(const TileOp& op) override { array(op).push(op); }
  void operand_ready(const TileOp& op, Cycles ready) override {
    array(op).operand_ready(op.sequence, ready);
  }
  void planned(const TileOp& op, Cycles ready, const Booking& plan) override {
    array(op).plan(op.sequence, ready, plan);
    wake_();
  }

  /// Everything up to `now`: cycles that begin before it, ops of that moment.
  void run_to(Cycles now);
  /// Nothing is left to do.
  bool idle() const;

 private:
  CycleArray& array(const TileOp& op) { return *arrays_[op.unit.index]; }

  FunctionalPlayer& values_;
  std::vector<std::unique_ptr<CycleArray>> arrays_;  ///< by UnitId; null = not an array
  /// Ops whose moment has not come. Those of one moment stay in the order in which they became
  /// known: who waits for another is booked after it.
  std::multimap<Cycles, TileOp> coming_;
  std::function<void()> wake_ = [] {};
};

/// What of a program cannot be played with values in the PEs, by name (exit code 4); empty = all
/// can.
Diagnostics cycle_problems(const Program& program);
/// Likewise why the registers of its array cannot be shown (`--vcd`).
Diagnostics wave_problems(const Program& program);

}  // namespace takt
