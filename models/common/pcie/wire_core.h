// SPDX-License-Identifier: Apache-2.0
#pragma once
// One direction of a serial link: bytes one after the other at a fixed rate.

#include "sim/base/math.h"
#include "sim/base/quantity.h"

namespace takt {

/// While it is busy without a gap, byte n is over at begin + ceil(n / rate): sending a stretch in
/// one piece or in many gives the same times to the femtosecond.
class Wire {
 public:
  explicit Wire(std::uint64_t bytes_per_s) : rate_(bytes_per_s) {
    CHECK(rate_ > 0) << "a wire without a rate";
  }
  /// From when on it is free.
  Femtoseconds free() const { return end_; }
  Femtoseconds time_of(Bytes size) const;
  /// Sends `size` bytes from `now` on or as soon as it is free; when the last is over.
  Femtoseconds send(Femtoseconds now, Bytes size);
  /// Keeps the wire taken until `until`: what was sent came in with gaps.
  void hold(Femtoseconds until);

 private:
  std::uint64_t rate_;
  Femtoseconds begin_{}, end_{};
  Bytes since_begin_{};
};

}  // namespace takt
