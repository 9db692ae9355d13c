// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/residents.h"

#include <algorithm>

#include "sim/base/math.h"

namespace takt {
namespace {

std::vector<std::size_t> resident_candidates(const RegionGraph& graph, const Machine& machine,
                                             const std::vector<TensorUse>& uses) {
  std::vector<std::size_t> from;
  for (const std::size_t t : order_of_use(graph)) {
    if (resident_fault(graph, machine, uses, t).empty()) from.push_back(t);
  }
  return from;
}

std::vector<bool> greedy_residents(const RegionGraph& graph, const Machine& machine,
                                   const std::vector<TensorUse>& uses,
                                   const std::vector<std::size_t>& from) {
  const std::uint64_t size = machine.buffers[machine.unified.index].size.value();
  // A quarter stays free for tiles of what is fetched.
  const std::uint64_t budget = size - size / 4;
  std::vector<bool> resident(graph.tensors.size(), false);
  std::vector<std::uint64_t> live(graph.regions.size(), 0);
  for (const std::size_t t : from) {
    const std::uint64_t bytes = round_up(graph.tensors[t].bytes(), 64);
    bool fits = true;
    for (std::size_t r = uses[t].first(); r <= uses[t].last(); ++r)
      fits &= live[r] + bytes <= budget;
    if (!fits) continue;
    resident[t] = true;
    for (std::size_t r = uses[t].first(); r <= uses[t].last(); ++r) live[r] += bytes;
  }
  return resident;
}

}  // namespace

std::string resident_fault(const RegionGraph& graph, const Machine& machine,
                           const std::vector<TensorUse>& uses, std::size_t t) {
  const StoredTensor& tensor = graph.tensors[t];
  const TensorUse& use = uses[t];
  if (tensor.kind == TensorKind::kParameter) return "it is a parameter";
  if (!use.used()) return "no layer uses it";
  // A copy goes from DRAM to DRAM, unless DRAM is for weights only.
  if (use.copied && !machine.dma.weight_engine) return "it is copied from DRAM to DRAM";
  // An op says of a resident tensor that it touches all of it: it could not read one part while
  // another is made.
  if (use.grows()) return "a layer reads one part of it and makes another";
  const bool crosses = tensor.kind == TensorKind::kInput || tensor.is_output;
  if (crosses && !machine.host.enabled) return "without a host link it lies in DRAM";
  if (tensor.kind == TensorKind::kActivation && use.makers.empty()) return "no layer makes it";
  const std::uint64_t size = machine.buffers[machine.unified.index].size.value();
  if (tensor.bytes() <= size) return "";
  return "it takes " + std::to_string(tensor.bytes()) + " B, the buffer has " +
         std::to_string(size) + " B";
}

std::vector<std::vector<bool>> residency_choices(const RegionGraph& graph, const Machine& machine,
                                                 const std::vector<TensorUse>& uses) {
  const std::vector<std::size_t> from = resident_candidates(graph, machine, uses);
  const std::vector<bool> none(graph.tensors.size(), false);
  std::vector<std::vector<bool>> choices;
  constexpr std::size_t kAllSubsetsUpTo = 3;
  if (from.size() <= kAllSubsetsUpTo) {
    for (std::size_t bits = (std::size_t{1} << from.size()); bits-- > 0;) {
      std::vector<bool> choice = none;
      for (std::size_t i = 0; i < from.size(); ++i) choice[from[i]] = (bits >> i & 1) != 0;
      choices.push_back(std::move(choice));
    }
    return choices;
  }
  choices.push_back(greedy_residents(graph, machine, uses, from));
  choices.push_back(none);
  return choices;
}

Residents::Residents(const RegionGraph& graph, const std::vector<TensorUse>& uses,
                     std::vector<bool> resident)
    : graph_(graph), uses_(uses), resident_(std::move(resident)) {
  live_.assign(graph_.regions.size() + 1, 0);
  for (std::size_t t = 0; t < resident_.size(); ++t) {
    if (!resident_[t] || !uses_[t].used()) continue;
    // Sums of unsigned numbers may wrap on the way: what ends is taken off again.
    live_[uses_[t].first()] += bytes_of_tensor(t);
    live_[uses_[t].last() + 1] -= bytes_of_tensor(t);
  }
  for (std::size_t r = 1; r < live_.size(); ++r) live_[r] += live_[r - 1];
}

std::uint64_t Residents::bytes_of_tensor(std::size_t tensor) const {
  return round_up(std::max<std::uint64_t>(1, graph_.tensors[tensor].bytes()), 64);
}

std::optional<std::size_t> Residents::drop_at(std::size_t region) {
  // The largest goes first: it frees the most for one tensor's traffic.
  std::size_t largest = resident_.size();
  for (std::size_t t = 0; t < resident_.size(); ++t) {
    if (!resident_[t] || !uses_[t].used()) continue;
    if (uses_[t].first() > region || region > uses_[t].last()) continue;
    if (largest == resident_.size() || graph_.tensors[t].bytes() > graph_.tensors[largest].bytes())
      largest = t;
  }
  if (largest == resident_.size()) return std::nullopt;
  resident_[largest] = false;
  const TensorUse& use = uses_[largest];
  for (std::size_t r = use.first(); r <= use.last(); ++r) live_[r] -= bytes_of_tensor(largest);
  return use.first();
}

}  // namespace takt
