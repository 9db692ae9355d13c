// SPDX-License-Identifier: Apache-2.0
#pragma once
// Cycles <-> time, exact, with one rounding rule: a moment inside a cycle belongs to the next edge.

#include "sim/base/math.h"
#include "sim/base/quantity.h"

namespace takt {

/// A clock of an integer number of hertz. Cycle n happens at n / hz seconds.
class ClockDomain {
 public:
  explicit ClockDomain(std::uint64_t hz) : hz_(hz) { CHECK(hz > 0) << "a clock needs a frequency"; }
  std::uint64_t hz() const { return hz_; }
  /// The time of edge `cycle`, rounded up to a femtosecond.
  Femtoseconds time_of(Cycles cycle) const {
    return Femtoseconds(mul_div_ceil(cycle.value(), kFemtosPerSecond, hz_));
  }
  /// The first edge at or after `time`: exact inverse of time_of.
  Cycles cycle_at(Femtoseconds time) const {
    const uint128 product = static_cast<uint128>(time.value()) * hz_;
    // time_of rounds up by less than one femtosecond; take that back before rounding up again.
    const uint128 slack = hz_ < kFemtosPerSecond ? hz_ - 1 : 0;
    const uint128 lowered = product > slack ? product - slack : 0;
    return Cycles(static_cast<std::uint64_t>((lowered + kFemtosPerSecond - 1) / kFemtosPerSecond));
  }
  /// Cycles to move `size` at `bytes_per_second`, rounded up.
  Cycles cycles_to_move(Bytes size, std::uint64_t bytes_per_second) const {
    return Cycles(mul_div_ceil(size.value(), hz_, bytes_per_second));
  }

  static constexpr std::uint64_t kFemtosPerSecond = 1'000'000'000'000'000ULL;

 private:
  std::uint64_t hz_;
};

}  // namespace takt
