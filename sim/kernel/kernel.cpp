// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/kernel.h"

#include <systemc>

#include "sim/kernel/report_handler.h"

// libsystemc calls this symbol from a main() of its own, which programs with their own main() never
// reach. It stands here because every program that simulates links this file.
int sc_main(int, char*[]) { return 0; }

namespace takt {

bool kernel_is_fresh() { return sc_core::sc_get_status() == sc_core::SC_ELABORATION; }

void prepare_kernel() {
  CHECK(kernel_is_fresh()) << "a second simulation in one process";
  sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
  install_report_handler();
}

KernelStop run_kernel(Femtoseconds limit) {
  try {
    if (limit.value() == 0) {
      sc_core::sc_start();
    } else {
      sc_core::sc_start(sc_core::sc_time::from_value(limit.value()), sc_core::SC_RUN_TO_TIME);
    }
  } catch (const sc_core::sc_report& report) {
    throw internal_error(report);
  }
  if (sc_core::sc_pending_activity()) {
    return limit.value() > 0 && sc_core::sc_time_stamp().value() >= limit.value()
               ? KernelStop::kLimit
               : KernelStop::kPaused;
  }
  return KernelStop::kStarved;
}

void pause_kernel() { sc_core::sc_pause(); }

}  // namespace takt
