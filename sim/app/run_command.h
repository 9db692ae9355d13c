// SPDX-License-Identifier: Apache-2.0
#pragma once
// `takt run`, and what other commands share with it.

#include <optional>

#include "sim/app/commands.h"
#include "sim/app/run.h"

namespace takt {

int run_command(const Options& options, const Console& console);

/// What is missing of -a and -w, as usage errors; `archs` = how many -a the command takes at most.
Diagnostics missing_inputs(const Options& options, std::size_t archs);

/// Exit code of a finished, stopped or stuck run; the reason and who is blocked go to `err`.
int report_status(const RunOutcome& outcome, const Options& options, const Console& console);

/// What the comparison of values found, if it found anything: exit 1.
int report_check(const RunOutcome& outcome, const Console& console);

/// Writes `text` to standard output unless asked to be quiet.
void say(const std::string& text, const Options& options, const Console& console);

}  // namespace takt
