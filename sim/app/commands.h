// SPDX-License-Identifier: Apache-2.0
#pragma once
// The verbs of the command line, one row each, and the way from arguments to an exit code.

#include <functional>
#include <string>
#include <vector>

#include "sim/app/console.h"
#include "sim/app/options.h"

namespace takt {

/// What a process ends with (CONTRACT 2); 1, 2, 3, 4 and 7 also come from exit_code(Diagnostics).
namespace exit_codes {
inline constexpr int kOk = 0;
inline constexpr int kCheckFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kInvalidInput = 3;
inline constexpr int kUnsupported = 4;
inline constexpr int kPointsFailed = 5;
inline constexpr int kInternal = 6;
inline constexpr int kInfeasible = 7;
inline constexpr int kInterrupted = 130;
}  // namespace exit_codes

struct Command {
  const char* name;
  const char* synopsis;
  const char* summary;
  OptionGroups groups;  ///< of options that it takes
  int (*run)(const Options& options, const Console& console);
};

/// What a message about our own mistake ends with.
inline constexpr const char* kReportRequest =
    "This is a mistake in takt, not in your input. Please report it, with the command line and the "
    "output of `takt --version`.\n";

/// Every command this build has.
const std::vector<Command>& commands();

/// What `work` ends with; of its exceptions (our mistakes, no memory, an interrupt before there was
/// anything to keep) a message and the code that CONTRACT gives them.
int guarded(const std::function<int()>& work, const Console& console);

/// The whole program: `arguments` without the program's own name.
int run_takt(const std::vector<std::string>& arguments, const Console& console);

/// Prints diagnostics to `err`; the answer is their exit code.
int report_errors(const Diagnostics& errors, const Console& console);

}  // namespace takt
