// SPDX-License-Identifier: Apache-2.0
// `takt schema`: JSON Schema of a kind of file, for editors. The schemas lie in configs/schema.
#include "sim/app/schema_command.h"

#include <algorithm>
#include <filesystem>

#include "sim/app/share_paths.h"
#include "sim/config/parse.h"
#include "sim/config/suggest.h"

namespace takt {
namespace {

constexpr std::size_t kSchemaBytesMax = 4U << 20U;

/// Kinds that have a schema, in alphabetical order.
std::vector<std::string> kinds(const std::vector<std::string>& shares) {
  std::vector<std::string> found;
  std::error_code error;
  for (const std::string& share : shares) {
    for (const auto& file : std::filesystem::directory_iterator(share + "/configs/schema", error)) {
      if (file.path().extension() == ".json") found.push_back(file.path().stem().string());
    }
    if (!found.empty()) break;
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

int schema_command(const Options& options, const Console& console) {
  const std::vector<std::string> shares = share_folders();
  const std::vector<std::string> known = kinds(shares);
  const std::string kind = options.positionals.empty() ? "" : options.positionals[0];
  if (options.positionals.size() != 1 ||
      std::find(known.begin(), known.end(), kind) == known.end()) {
    Diagnostic d;
    d.kind = ErrorKind::kUsage;
    d.name = "E-unknown-schema";
    d.message = options.positionals.size() == 1 ? "there is no schema '" + kind + "'"
                                                : "schema takes one kind of file";
    d.hint = "one of " + join_words(known);
    return report_errors({d}, console);
  }
  Diagnostics errors;
  const std::string path = find_shared("schema/" + kind + ".json", "configs", shares);
  const auto text = read_whole_file(path, kSchemaBytesMax, errors);
  if (!text) return report_errors(errors, console);
  console.out << *text;
  return exit_codes::kOk;
}

}  // namespace takt
