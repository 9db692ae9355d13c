// SPDX-License-Identifier: Apache-2.0
#pragma once
// `takt convert`: a workload in another form.

#include "sim/app/commands.h"

namespace takt {

int convert_command(const Options& options, const Console& console);

}  // namespace takt
