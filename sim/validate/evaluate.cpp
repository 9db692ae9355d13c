// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/evaluate.h"

namespace takt {
namespace {

/// In quotes if a shell would take it apart.
std::string word(const std::string& text) {
  const bool plain = text.find_first_of(" '\"$*?[]{}()<>|&;#\\") == std::string::npos;
  return plain ? text : "\"" + text + "\"";
}

}  // namespace

std::string command_line(const RunRequest& request) {
  std::string line = "takt run -a " + word(request.arch) + " -w " + word(request.workload);
  if (request.batch) line += " -b " + std::to_string(*request.batch);
  for (const auto& [name, extent] : request.dims) {
    line += " --dim " + name + "=" + std::to_string(extent);
  }
  for (const std::string& set : request.overrides) line += " --set " + word(set);
  if (!request.mapping.empty()) line += " --mapping " + word(request.mapping);
  return line;
}

}  // namespace takt
