// SPDX-License-Identifier: Apache-2.0
#pragma once
// sc_report is a boundary, not our error system: what the library reports is our bug, because user
// input was checked before elaboration.

#include <systemc>

#include "sim/base/check.h"

namespace takt {

/// From now on errors and fatal reports of the library throw, its notes are silent, and warnings
/// are one line on stderr.
void install_report_handler();

/// "SystemC: <message type>: <message> (in process top.core0.matrix at 12 ns)".
InternalError internal_error(const sc_core::sc_report& report);

}  // namespace takt
