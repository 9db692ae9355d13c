// SPDX-License-Identifier: Apache-2.0
#include "models/common/pcie/wire_core.h"

#include "sim/base/clock_domain.h"

namespace takt {

Femtoseconds Wire::time_of(Bytes size) const {
  return Femtoseconds(mul_div_ceil(size.value(), ClockDomain::kFemtosPerSecond, rate_));
}

Femtoseconds Wire::send(Femtoseconds now, Bytes size) {
  if (now > end_) {
    begin_ = now;
    since_begin_ = Bytes(0);
  }
  since_begin_ += size;
  end_ = begin_ + time_of(since_begin_);
  return end_;
}

void Wire::hold(Femtoseconds until) {
  if (!(until > end_)) return;
  begin_ = end_ = until;
  since_begin_ = Bytes(0);
}

}  // namespace takt
