// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the user asked for: the command line as a checked struct. options.cpp holds the one table of
// options; which of them a command takes stands in commands.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/dtype.h"
#include "sim/base/result.h"
#include "sim/engine/engine.h"

namespace takt {

enum class ProgressMode { kAuto, kJson, kOff };
enum class DumpStage { kIr, kMachine, kMapping, kProgram };

struct Options {
  std::vector<std::string> archs;
  std::string workload;
  Fidelity fidelity = Fidelity::kTransaction;
  std::optional<std::int64_t> batch;
  std::vector<std::pair<std::string, std::int64_t>> dims;
  std::optional<DType> dtype;
  std::vector<std::string> overrides;  ///< "path.to.key=value", as given
  std::vector<std::string> layers;
  std::vector<std::string> inputs;
  std::string objective = "cycles";
  std::uint64_t max_cycles = 0;  ///< 0 = no limit
  std::optional<DumpStage> dump;
  std::string check;    ///< a word of reference_words(); empty = no values are computed
  std::string mapping;  ///< a file; empty = the mapper's own choice
  std::string out;      ///< a folder (convert: a file); empty = write no file
  std::string to;       ///< convert: the form to write
  std::string data;     ///< validate: a folder or one file of measured data; empty = look for it
  std::uint32_t top = 5;
  std::uint64_t seed = 1;
  std::uint32_t jobs = 1;
  ProgressMode progress = ProgressMode::kAuto;
  bool timeline = false;
  bool vcd = false;
  bool json = false;
  bool quiet = false;
  bool help = false;
  std::vector<std::string> positionals;
};

/// Sets of options that commands take; a row of the table belongs to one or more.
namespace option_group {
inline constexpr unsigned kMachine = 1;    ///< -a, --set
inline constexpr unsigned kWorkload = 2;   ///< -w and what shapes it
inline constexpr unsigned kSimulate = 4;   ///< fidelity, limits, seed
inline constexpr unsigned kLayers = 8;     ///< --layer
inline constexpr unsigned kFiles = 16;     ///< -o
inline constexpr unsigned kJson = 32;      ///< --json
inline constexpr unsigned kRunOnly = 64;   ///< --dump, --timeline
inline constexpr unsigned kMap = 128;      ///< --top
inline constexpr unsigned kConvert = 256;  ///< --to, -o FILE
inline constexpr unsigned kMapper = 512;   ///< --mapping, --objective
inline constexpr unsigned kData = 2048;    ///< --data
inline constexpr unsigned kCommon = 1024;  ///< --help, --quiet, --progress
inline constexpr unsigned kSweep = 4096;   ///< --jobs, --backend
}  // namespace option_group

/// Reads the arguments behind the verb. All that is wrong with them is reported at once; `kind` is
/// kUsage throughout.
Result<Options> parse_options(const std::vector<std::string>& arguments, unsigned groups);

/// The options of these groups, one paragraph each, for --help.
std::string options_help(unsigned groups);

std::string_view to_string(Fidelity fidelity);

}  // namespace takt
