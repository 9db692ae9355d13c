// SPDX-License-Identifier: Apache-2.0
#pragma once
// The SystemC kernel from outside: set up, run, stop. What it reports becomes an InternalError
// here, so that nobody above sees an sc_report. No SystemC types: callers need none.

#include "sim/base/quantity.h"

namespace takt {

/// Sets 1 fs resolution and our handling of reports. To be called once, before the first sc_module
/// or sc_time is made (even asking for the resolution makes one). CHECKs that no simulation ran in
/// this process: SystemC elaborates once a process (run_in_child, child_process.h).
void prepare_kernel();

/// True before any simulation was started in this process.
bool kernel_is_fresh();

enum class KernelStop {
  kStarved,  ///< nothing is left to do: the end, or a deadlock
  kLimit,    ///< the time limit
  kPaused,   ///< pause_kernel()
};

/// Elaborates and runs until nothing is left to do, or to `limit` (0 = none). Whatever a process
/// throws comes out as InternalError with the process's name and the simulated time.
KernelStop run_kernel(Femtoseconds limit);

/// Makes run_kernel return after the present moment's work.
void pause_kernel();

}  // namespace takt
