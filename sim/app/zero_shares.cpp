// SPDX-License-Identifier: Apache-2.0
#include "sim/app/zero_shares.h"

#include <set>

#include "sim/config/suggest.h"

namespace takt {
namespace {

Diagnostic error(const std::string& name, const std::string& message, std::string hint) {
  Diagnostic d;
  d.name = "E-zeros";
  d.path = "--zeros " + name;
  d.message = message;
  d.hint = std::move(hint);
  return d;
}

}  // namespace

Diagnostics set_zero_shares(const std::vector<std::pair<std::string, std::uint32_t>>& shares,
                            RegionGraph& graph) {
  Diagnostics errors;
  std::set<std::string> given;
  for (const auto& [name, ppm] : shares) {
    if (!given.insert(name).second) {
      errors.push_back(error(name, "given twice", ""));
      continue;
    }
    bool found = false, parameter = false;
    std::vector<std::string> names;
    for (StoredTensor& tensor : graph.tensors) {
      const bool activation = tensor.kind != TensorKind::kParameter;
      if (activation) names.push_back(tensor.name);
      if (tensor.name != name) continue;
      (activation ? found : parameter) = true;
      if (activation) tensor.zero_ppm = ppm;
    }
    if (found) continue;
    if (parameter) {
      errors.push_back(error(name, "is a parameter: weights are stored as they are", ""));
      continue;
    }
    const auto near = suggest(name, names);
    errors.push_back(error(name, "no activation of that name is stored",
                           near ? "did you mean '" + *near + "'?"
                                : "one that is fused away has no share of its own; --dump ir names "
                                  "the others"));
  }
  return errors;
}

}  // namespace takt
