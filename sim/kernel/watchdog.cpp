// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/watchdog.h"

#include <systemc>

#include "sim/base/check.h"
#include "sim/kernel/kernel.h"

namespace takt {

void Watchdog::look() {
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed) && !interrupted_) {
    interrupted_ = true;
    pause_kernel();
  }
  const std::uint64_t time = sc_core::sc_time_stamp().value();
  if (time != last_time_) {
    last_time_ = time;
    moved_at_ = activations_;
  }
  CHECK(activations_ - moved_at_ < kStuck) << "time stands still at " << time << " fs";
}

}  // namespace takt
