// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/network_plan.h"

#include <functional>

#include "sim/backend/allocate.h"
#include "sim/backend/residents.h"
#include "sim/backend/shared_residents.h"
#include "sim/mapper/mapping_check.h"

namespace takt {
namespace {

/// The tensors of a list; `fault` says why one cannot stay there, if so.
std::vector<bool> chosen(const std::vector<GivenWord>& words, const std::string& path,
                         const RegionGraph& graph,
                         const std::function<std::string(std::size_t tensor)>& fault,
                         Diagnostics& errors) {
  std::vector<bool> chosen(graph.tensors.size(), false);
  const auto tensors = tensors_named(words, path, graph, errors);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!tensors[i]) continue;
    chosen[*tensors[i]] = true;
    const std::string why = fault(*tensors[i]);
    if (why.empty()) continue;
    errors.push_back(plan_error(words[i], path + "[" + std::to_string(i) + "]",
                                "tensor '" + words[i].text + "' cannot stay there: " + why));
  }
  return chosen;
}

/// The first tensor that finds no room in the shared buffer beside the others.
std::optional<std::size_t> without_room(const std::vector<bool>& shared, const RegionGraph& graph,
                                        const Machine& machine,
                                        const std::vector<TensorUse>& uses) {
  BufferAllocator allocator(machine.shared.memory.size.value());
  for (const std::size_t t : order_of_use(graph)) {
    if (!shared[t]) continue;
    const std::uint64_t bytes = shared_bytes(graph.tensors[t]);
    if (!allocator.take(bytes, uses[t].first(), uses[t].last())) return t;
  }
  return std::nullopt;
}

}  // namespace

Result<SettledPlan> settle_plan(const NetworkPlan& plan, const RegionGraph& graph,
                                const Machine& machine, const std::vector<TensorUse>& uses,
                                bool cut) {
  SettledPlan settled;
  Diagnostics errors;
  if (plan.resident) {
    const auto fault = [&](std::size_t t) {
      return cut ? "a layer is cut over the cores, which cannot read each other's buffers"
                 : resident_fault(graph, machine, uses, t);
    };
    settled.resident = chosen(*plan.resident, "on_chip.unified", graph, fault, errors);
  }
  if (plan.shared) {
    const auto fault = [&](std::size_t t) {
      const bool resident = settled.resident && (*settled.resident)[t];
      return resident ? "it stays in the unified buffer" : shared_fault(graph, machine, uses, t);
    };
    settled.shared = chosen(*plan.shared, "on_chip.shared", graph, fault, errors);
  }
  if (!errors.empty()) return errors;
  if (!settled.shared) return settled;
  if (const auto t = without_room(*settled.shared, graph, machine, uses)) {
    return Diagnostics{plan_error(
        plan.on_chip_at, "on_chip.shared",
        "there is no room for tensor '" + tensor_names(graph)[*t] + "' beside the others")};
  }
  return settled;
}

NetworkPlan plan_of(const Decisions& decisions, const RegionGraph& graph, const Machine& machine) {
  const std::vector<std::string> names = tensor_names(graph);
  const auto words = [&](const std::vector<bool>& chosen) {
    std::vector<GivenWord> list;
    for (std::size_t t = 0; t < chosen.size(); ++t) {
      if (chosen[t]) list.push_back({names[t], {}, ""});
    }
    return list;
  };
  NetworkPlan plan;
  plan.resident = words(decisions.resident);
  if (machine.shared.present()) plan.shared = words(decisions.shared);
  plan.packed = decisions.packed;
  if (graph.batch * decisions.passes > 1) plan.batch_parts = decisions.passes;
  return plan;
}

}  // namespace takt
