// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/evaluate.h"

#include <algorithm>

namespace takt {
namespace {

/// In quotes if a shell would take it apart.
std::string word(const std::string& text) {
  const bool plain = text.find_first_of(" '\"$*?[]{}()<>|&;#\\") == std::string::npos;
  return plain ? text : "\"" + text + "\"";
}

/// Millionths as a fraction: 387000 is 0.387.
std::string share(std::uint32_t ppm) {
  constexpr std::uint32_t kMillion = 1'000'000;
  std::string digits = std::to_string(kMillion + ppm % kMillion).substr(1);
  digits.erase(std::max<std::size_t>(1, digits.find_last_not_of('0') + 1));
  return std::to_string(ppm / kMillion) + "." + digits;
}

}  // namespace

std::string command_line(const RunRequest& request) {
  std::string line = "takt run -a " + word(request.arch) + " -w " + word(request.workload);
  if (request.batch) line += " -b " + std::to_string(*request.batch);
  for (const auto& [name, extent] : request.dims) {
    line += " --dim " + name + "=" + std::to_string(extent);
  }
  for (const std::string& set : request.overrides) line += " --set " + word(set);
  for (const auto& [tensor, ppm] : request.zeros)
    line += " --zeros " + word(tensor + "=" + share(ppm));
  if (!request.objective.empty()) line += " --objective " + request.objective;
  if (!request.mapping.empty()) line += " --mapping " + word(request.mapping);
  return line;
}

}  // namespace takt
