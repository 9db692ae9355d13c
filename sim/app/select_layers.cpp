// SPDX-License-Identifier: Apache-2.0
#include "sim/app/select_layers.h"

#include <algorithm>

#include "sim/config/suggest.h"

namespace takt {
namespace {

void note_reads(const Region& region, std::vector<bool>& read) {
  const auto mark = [&read](TensorId id) {
    if (id.valid()) read.at(id.index) = true;
  };
  if (region.kind == Region::Kind::kMatrix) {
    mark(region.matrix.input.tensor);
    mark(region.matrix.weight.tensor);
  }
  for (const VectorOperand& operand : region.operands) mark(operand.tensor);
}

}  // namespace

Diagnostic unknown_layer(const RegionGraph& graph, const std::string& name) {
  Diagnostic d;
  d.name = "E-unknown-layer";
  d.path = "--layer";
  d.message = "the network has no layer '" + name + "'";
  std::vector<std::string> names;
  for (const Region& region : graph.regions) {
    if (std::find(region.fused.begin(), region.fused.end(), name) != region.fused.end()) {
      d.hint = "'" + name + "' is part of layer '" + region.name + "'";
      return d;
    }
    names.push_back(region.name);
  }
  constexpr std::size_t kListed = 20;
  if (const auto near = suggest(name, names)) {
    d.hint = "did you mean '" + *near + "'?";
  } else if (names.size() <= kListed) {
    d.hint = "its layers: " + join_words(names);
  }
  return d;
}

Result<RegionGraph> select_layers(const RegionGraph& graph, const std::vector<std::string>& names) {
  if (names.empty()) return graph;
  Diagnostics errors;
  for (const std::string& name : names) {
    const bool known = std::any_of(graph.regions.begin(), graph.regions.end(),
                                   [&name](const Region& r) { return r.name == name; });
    if (!known) errors.push_back(unknown_layer(graph, name));
  }
  if (!errors.empty()) return errors;
  RegionGraph part = graph;
  part.regions.clear();
  std::vector<bool> made(graph.tensors.size()), read(graph.tensors.size()),
      missed(graph.tensors.size());
  for (const Region& region : graph.regions) {
    const bool kept = std::find(names.begin(), names.end(), region.name) != names.end();
    note_reads(region, kept ? read : missed);
    if (!kept) continue;
    made.at(region.output.tensor.index) = true;
    part.regions.push_back(region);
  }
  for (std::size_t i = 0; i < part.tensors.size(); ++i) {
    StoredTensor& tensor = part.tensors[i];
    if (tensor.kind == TensorKind::kActivation && read[i] && !made[i]) {
      tensor.kind = TensorKind::kInput;
    }
    tensor.is_output = made[i] && (tensor.is_output || missed[i]);
  }
  return part;
}

}  // namespace takt
