// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/app/commands.h"

namespace takt {

int sweep_command(const Options& options, const Console& console);

}  // namespace takt
