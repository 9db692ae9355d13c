// SPDX-License-Identifier: Apache-2.0
// Tensors as a mapping file names them.
#include <algorithm>
#include <set>

#include "sim/config/suggest.h"
#include "sim/mapper/mapping_check.h"

namespace takt {

std::vector<std::string> tensor_names(const RegionGraph& graph) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const StoredTensor& tensor : graph.tensors) {
    std::string name = tensor.name;
    // A tensor may have several copies, in other orders.
    for (int copy = 2; name.empty() || !taken.insert(name).second; ++copy) {
      name = tensor.name + "#" + std::to_string(copy);
    }
    names.push_back(name);
  }
  return names;
}

Diagnostic plan_error(const GivenWord& at, std::string path, std::string message) {
  Diagnostic d;
  d.name = "E-mapping";
  d.place = at.place;
  d.source_line = at.source_line;
  d.path = std::move(path);
  d.message = std::move(message);
  return d;
}

std::vector<std::optional<std::size_t>> tensors_named(const std::vector<GivenWord>& words,
                                                      const std::string& path,
                                                      const RegionGraph& graph,
                                                      Diagnostics& errors) {
  const std::vector<std::string> names = tensor_names(graph);
  std::vector<std::optional<std::size_t>> tensors;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto wrong = [&](const std::string& what) {
      errors.push_back(plan_error(words[i], path + "[" + std::to_string(i) + "]", what));
    };
    const auto found = std::find(names.begin(), names.end(), words[i].text);
    const auto tensor = static_cast<std::size_t>(found - names.begin());
    tensors.emplace_back();
    if (found == names.end()) {
      wrong("the network stores no tensor '" + words[i].text + "'");
      if (const auto near = suggest(words[i].text, names)) {
        errors.back().hint = "did you mean '" + *near + "'?";
      }
    } else if (std::count(tensors.begin(), tensors.end(), tensor) > 0) {
      wrong("tensor '" + words[i].text + "' is named twice");
    } else {
      tensors.back() = tensor;
    }
  }
  return tensors;
}

}  // namespace takt
