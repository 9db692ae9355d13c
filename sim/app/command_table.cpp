// SPDX-License-Identifier: Apache-2.0
// The explicit list of commands: a command whose code is not there is absent.
#include "sim/app/commands.h"
#include "sim/app/compare_command.h"
#include "sim/app/convert_command.h"
#include "sim/app/explain_command.h"
#include "sim/app/map_command.h"
#include "sim/app/run_command.h"
#include "sim/app/schema_command.h"
#include "sim/app/sweep_command.h"
#include "sim/app/validate_command.h"

namespace takt {

const std::vector<Command>& commands() {
  using og = OptionGroup;
  constexpr OptionGroups kInputs = og::kMachine | og::kWorkload;
  static const std::vector<Command> kCommands{
      {"run", "-a ARCH -w WORKLOAD [options]",
       "one machine, one network: a table on the terminal, files in -o DIR",
       kInputs | og::kSimulate | og::kMapper | og::kLayers | og::kFiles | og::kJson | og::kRunOnly,
       run_command},
      {"compare", "-a ARCH -a ARCH ... -w WORKLOAD [options]",
       "the same network on several machines, side by side, by layer and in total",
       kInputs | og::kSimulate | og::kMapper | og::kLayers | og::kFiles | og::kJson,
       compare_command},
      {"explain", "-a ARCH -w WORKLOAD --layer NAME [options]",
       "where every cycle of one layer goes, and what would relieve it",
       kInputs | og::kSimulate | og::kMapper | og::kLayers | og::kJson, explain_command},
      {"map", "-a ARCH -w WORKLOAD [--objective cycles|energy|edp|dram_bytes] [--top K]",
       "mappings found for every layer, with the reason each lost",
       kInputs | og::kMapper | og::kLayers | og::kJson | og::kMap, map_command},
      {"validate", "[SUITE...] [--data DIR_OR_FILE] [--json]",
       "our numbers against measured hardware: every suite, or those named", og::kData | og::kJson,
       validate_command},
      {"sweep", "run|status|resume SWEEP.yaml [-o DIR] [-j N]",
       "every combination of many machines and networks; stops and goes on where it was",
       og::kFiles | og::kJson | og::kSweep, sweep_command},
      {"convert", "WORKLOAD --to yaml|scalesim|layers [-o FILE] [options]",
       "a network in another form, on standard output or in FILE", og::kWorkload | og::kConvert,
       convert_command},
      {"schema",
       "arch|workload|mapping|sweep|energy",
       "JSON Schema of a kind of file, for editors",
       {},
       schema_command},
  };
  return kCommands;
}

}  // namespace takt
