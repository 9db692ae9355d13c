// SPDX-License-Identifier: Apache-2.0
#pragma once
// Cycles of a clock <-> sc_time, exact. Cycles are the truth; sc_time follows at 1 fs resolution.

#include <systemc>

#include "sim/base/clock_domain.h"

namespace takt {

/// The moment as SystemC counts it. kernel.h sets the resolution to 1 fs, so a value is a
/// femtosecond.
inline sc_core::sc_time to_sc_time(Femtoseconds time) {
  return sc_core::sc_time::from_value(time.value());
}
inline Femtoseconds to_femtoseconds(const sc_core::sc_time& time) {
  return Femtoseconds(time.value());
}

/// One clock's view of the kernel's time. Remembers the last moment it was asked for: many
/// processes run at the same one, and the exact way back from time to cycles costs a 128-bit
/// division.
class ClockBridge {
 public:
  explicit ClockBridge(const ClockDomain& clock)
      : clock_(clock),
        period_fs_(ClockDomain::kFemtosPerSecond % clock.hz() == 0
                       ? ClockDomain::kFemtosPerSecond / clock.hz()
                       : 0),
        fast_max_(period_fs_ > 0 ? UINT64_MAX / period_fs_ : 0) {}

  const ClockDomain& clock() const { return clock_; }

  sc_core::sc_time time_of(Cycles cycle) const {
    return sc_core::sc_time::from_value(value_of(cycle));
  }

  /// The first edge at or after `time`.
  Cycles cycle_at(const sc_core::sc_time& time) const {
    if (period_fs_ > 0) {
      return Cycles(time.value() / period_fs_ + (time.value() % period_fs_ != 0));
    }
    return clock_.cycle_at(to_femtoseconds(time));
  }

  /// The first edge at or after the present moment.
  Cycles now() {
    const sc_core::sc_time& time = sc_core::sc_time_stamp();
    if (time.value() != last_time_) {
      last_time_ = time.value();
      last_cycle_ = cycle_at(time);
    }
    return last_cycle_;
  }

  /// From the present moment to the edge `cycle`; zero if that has passed.
  sc_core::sc_time delay_until(Cycles cycle) const {
    // Plain numbers: sc_time's functions are calls into the library.
    const std::uint64_t target = value_of(cycle), time = sc_core::sc_time_stamp().value();
    return target > time ? sc_core::sc_time::from_value(target - time) : sc_core::SC_ZERO_TIME;
  }

 private:
  std::uint64_t value_of(Cycles cycle) const {
    if (cycle.value() <= fast_max_) {
      return cycle.value() * period_fs_;
    }
    return clock_.time_of(cycle).value();
  }

  ClockDomain clock_;
  std::uint64_t period_fs_;  ///< 0: a cycle is no whole number of femtoseconds
  std::uint64_t fast_max_;   ///< cycles beyond it overflow
  std::uint64_t last_time_ = 0;
  Cycles last_cycle_{};
};

}  // namespace takt
