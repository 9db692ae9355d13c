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
  std::vector<std::pair<std::string, std::uint32_t>> zeros;  ///< of a tensor, in millionths
  std::vector<std::string> overrides;                        ///< "path.to.key=value", as given
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

/// A set of options that commands take.
enum class OptionGroup : unsigned {
  kMachine,   ///< -a, --set
  kWorkload,  ///< -w and what shapes it
  kSimulate,  ///< fidelity, limits, seed
  kLayers,    ///< --layer
  kFiles,     ///< -o
  kJson,      ///< --json
  kRunOnly,   ///< --dump, --timeline
  kMap,       ///< --top
  kConvert,   ///< --to, -o FILE
  kMapper,    ///< --mapping, --objective
  kData,      ///< --data
  kCommon,    ///< --help, --quiet, --progress
  kSweep,     ///< --jobs, --backend
};

/// Several of them: those that a command takes, or that a row of the table belongs to.
class OptionGroups {
 public:
  constexpr OptionGroups() = default;        ///< none
  constexpr OptionGroups(OptionGroup group)  // NOLINT(google-explicit-constructor): a set of one
      : bits_(1U << static_cast<unsigned>(group)) {}
  constexpr OptionGroups operator|(OptionGroups other) const {
    other.bits_ |= bits_;
    return other;
  }
  constexpr bool meets(OptionGroups other) const { return (bits_ & other.bits_) != 0; }

 private:
  unsigned bits_ = 0;
};
constexpr OptionGroups operator|(OptionGroup a, OptionGroup b) { return OptionGroups(a) | b; }

/// Reads the arguments behind the verb. All that is wrong with them is reported at once; `kind` is
/// kUsage throughout.
Result<Options> parse_options(const std::vector<std::string>& arguments, OptionGroups groups);

/// The options of these groups, one paragraph each, for --help.
std::string options_help(OptionGroups groups);

std::string_view to_string(Fidelity fidelity);

}  // namespace takt
