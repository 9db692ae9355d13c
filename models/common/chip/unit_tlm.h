// SPDX-License-Identifier: Apache-2.0
#pragma once
// The SystemC shell of a unit: one SC_METHOD that tells its player the time. No rules live here.

#include <systemc>

#include "models/common/chip/unit_player_core.h"
#include "sim/kernel/clock_bridge.h"
#include "sim/kernel/watchdog.h"

namespace takt {

class UnitTlm : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(UnitTlm);
  UnitTlm(const sc_core::sc_module_name& name, UnitPlayer& player, ClockBridge& clock,
          Watchdog& watchdog)
      : sc_module(name), player_(player), clock_(clock), watchdog_(watchdog) {
    SC_METHOD(step);
    sensitive << wake_;
  }

  /// Runs the player at the edge `when`, or as soon as possible if that has passed.
  void wake(Cycles when) { wake_.notify(clock_.delay_until(when)); }

 private:
  void step() {
    watchdog_.tick();
    // An event keeps the earlier of two notifications, so a later wish is never lost: whoever woke
    // the player early hears from it again when it wants to go on.
    const std::optional<Cycles> next = player_.advance(clock_.now());
    if (next) wake(*next);
  }

  UnitPlayer& player_;
  ClockBridge& clock_;
  Watchdog& watchdog_;
  sc_core::sc_event wake_{"wake"};
};

}  // namespace takt
