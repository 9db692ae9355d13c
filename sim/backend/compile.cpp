// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/compile.h"

#include <algorithm>

#include "sim/backend/attempt.h"
#include "sim/backend/network_plan.h"
#include "sim/backend/program_builder.h"
#include "sim/backend/residents.h"
#include "sim/backend/shared_residents.h"
#include "sim/mapper/mapping_check.h"

namespace takt {
namespace {

bool cut_over_cores(const GivenMappings& mappings) {
  return std::any_of(mappings.begin(), mappings.end(),
                     [](const auto& given) { return given.second.mapping.parts > 1; });
}

// Every core has buffers of its own: what one core made, another cannot read there. So either all
// cores work and none keeps anything, or one of them does it all.
std::vector<AttemptPlan> plans(const CompileTask& task, const SettledPlan& given) {
  const Machine& machine = task.machine();
  const std::vector<bool> nothing(task.graph.tensors.size(), false);
  std::vector<AttemptPlan> all;
  const auto add = [&](std::vector<bool> resident, std::uint32_t cores) {
    for (std::size_t i = 0; given.shared && i < resident.size(); ++i) {
      if ((*given.shared)[i]) resident[i] = false;  // it has its place
    }
    const auto plan = [&](const std::vector<bool>& shared) {
      all.push_back({resident, shared, cores, given.resident.has_value()});
    };
    if (given.shared) return plan(*given.shared);
    if (machine.shared.present()) {
      plan(shared_residents(task.graph, machine, task.uses, resident));
    }
    plan(nothing);
  };
  if (given.resident && *given.resident != nothing) {
    add(*given.resident, 1);
    return all;
  }
  // Half of them may do better, or a quarter, where memory is all that is waited for.
  for (std::uint32_t cores = machine.cores; cores > 1; cores /= 2) add(nothing, cores);
  if (cut_over_cores(task.options.given)) return all;
  if (given.resident) {
    add(nothing, 1);
    return all;
  }
  for (const std::vector<bool>& choice : residency_choices(task.graph, machine, task.uses))
    add(choice, 1);
  return all;
}

/// The closed form knows nothing of requesters that meet in DRAM: of two attempts that are as good
/// but for a twentieth, with the shared buffer and without it, the one that moves less there.
bool better(const Attempt& a, const Attempt& than, Objective objective) {
  const auto shares = [](const Attempt& x) {
    const std::vector<bool>& shared = x.decisions.shared;
    return std::find(shared.begin(), shared.end(), true) != shared.end();
  };
  const auto dram = [](const Attempt& x) {
    std::uint64_t bytes = 0;
    for (const SearchResult& s : x.searches) bytes += s.best.front().estimate.dram_bytes;
    return bytes;
  };
  constexpr double kAsGood = 1.05;
  const bool near = std::max(a.score, than.score) <= kAsGood * std::min(a.score, than.score);
  if (objective != Objective::kCycles || !near || shares(a) == shares(than)) {
    return a.score < than.score;
  }
  return dram(a) < dram(than);
}

/// The best of a few choices of what stays on chip.
Diagnostics compile_best(const CompileTask& task, const SettledPlan& given, CompiledNetwork& into) {
  RegionSearch search(task);
  std::optional<Attempt> best;
  Diagnostics errors;
  for (const AttemptPlan& plan : plans(task, given)) {
    Attempt a = attempt(task, plan, search);
    if (!a.errors.empty()) {
      errors = a.errors;
      continue;
    }
    if (!best || better(a, *best, task.options.objective)) best = std::move(a);
  }
  if (!best) return errors;
  ProgramBuilder builder(task.graph, task.backend, best->decisions, task.uses);
  CHECK(!builder.build(into.program, task.options.stop))
      << "a program that was built once cannot be built again";
  into.searches = std::move(best->searches);
  into.decisions = std::move(best->decisions);
  into.score = best->score;
  return {};
}

}  // namespace

std::vector<std::pair<std::string, RegionMapping>> CompiledNetwork::mappings() const {
  std::vector<std::pair<std::string, RegionMapping>> all;
  for (std::size_t r = 0; r < graph->regions.size(); ++r) {
    all.emplace_back(graph->regions[r].name, decisions.mappings[r]);
  }
  return all;
}

std::string CompiledNetwork::mapping_file() const {
  return print_mappings(mappings(), plan_of(decisions, *graph, *program.machine));
}

Result<CompiledNetwork> compile(std::shared_ptr<const RegionGraph> graph, const Backend& backend,
                                const CompileOptions& options) {
  const Machine& machine = backend.machine();
  Diagnostics errors;
  Result<GivenMappings> given = settle_mappings(options.given, *graph, machine);
  if (!given) errors = given.errors();
  const std::vector<TensorUse> uses = tensor_uses(*graph);
  const Result<SettledPlan> plan =
      settle_plan(options.plan, *graph, machine, uses, given && cut_over_cores(*given));
  if (!plan) errors.insert(errors.end(), plan.errors().begin(), plan.errors().end());
  for (const Region& region : graph->regions) {
    if (region.kind != Region::Kind::kMatrix || machine.matrix.rate_of(region.dtype).numerator > 0)
      continue;
    Diagnostic d;
    d.kind = ErrorKind::kUnsupported;
    d.name = "E-dtype-not-supported";
    d.path = "layer '" + region.name + "'";
    d.message = "machine '" + machine.name + "' does not compute in " +
                std::string(to_string(region.dtype));
    d.hint = "give core.matrix.macs_per_pe a rate for it, or choose another --dtype";
    errors.push_back(std::move(d));
  }
  std::uint64_t placed = 0;
  for (const TensorPlacement& place : place_in_dram(*graph, machine)) placed += place.dram_span;
  const std::uint64_t capacity = machine.memory.capacity.value();
  if (capacity > 0 && placed > capacity) {
    Diagnostic d;
    d.kind = ErrorKind::kInfeasible;
    d.name = "E-dram-capacity";
    d.path = "network '" + graph->name + "'";
    // In a unit that tells the two apart.
    const bool large = capacity >= 10ULL << 20 && placed >> 20 != capacity >> 20;
    const auto size = [large](std::uint64_t bytes) {
      return large ? std::to_string(bytes >> 20) + " MiB" : std::to_string(bytes) + " B";
    };
    d.message = "its tensors take " + size(placed) + ", the DRAM of machine '" + machine.name +
                "' has " + size(capacity);
    d.hint = "a smaller batch or precision, or a larger memory.capacity";
    errors.push_back(std::move(d));
  }
  if (!errors.empty()) return errors;
  CompiledNetwork network;
  network.graph = graph;
  CompileOptions settled = options;
  settled.given = std::move(*given);
  errors = compile_best({*graph, backend, settled, uses}, *plan, network);
  if (!errors.empty()) return errors;
  return network;
}

namespace {

/// Cycles, energy and bytes grow with the repeats; energy x delay with their square.
double repeated_score(const CompiledNetwork& part, const CompileOptions& options,
                      std::int64_t repeats) {
  const auto n = static_cast<double>(repeats);
  return part.score * (options.objective == Objective::kEdp ? n * n : n);
}

/// The program of a part of the batch, repeated.
void repeat(CompiledNetwork& network, const Backend& backend, const CompileOptions& options,
            std::int64_t repeats) {
  network.decisions.passes = static_cast<std::uint32_t>(repeats);
  network.program = Program{};
  const std::vector<TensorUse> uses = tensor_uses(*network.graph);
  ProgramBuilder builder(*network.graph, backend, network.decisions, uses);
  CHECK(!builder.build(network.program, options.stop)) << "repeating a pass changes no address";
  network.score = repeated_score(network, options, repeats);
}

/// As many parts as the mapping file says.
Result<CompiledNetwork> compile_in_parts(std::int64_t batch, const NetworkAtBatch& at_batch,
                                         const Backend& backend, const CompileOptions& options) {
  const std::int64_t parts = *options.plan.batch_parts;
  const auto cannot = [&](const std::string& why) {
    return Diagnostics{plan_error(options.plan.batch_parts_at, "batch_parts", why)};
  };
  if (batch % parts != 0) {
    return cannot("a batch of " + std::to_string(batch) + " has no " + std::to_string(parts) +
                  " equal parts");
  }
  auto graph = at_batch(batch / parts);
  if (!graph) {
    return parts == 1
               ? graph.errors()
               : cannot("the network does not run at batch " + std::to_string(batch / parts));
  }
  Result<CompiledNetwork> network = compile(*graph, backend, options);
  if (network && parts > 1) repeat(*network, backend, options, parts);
  return network;
}

}  // namespace

Result<CompiledNetwork> compile_batched(std::int64_t batch, const NetworkAtBatch& at_batch,
                                        const Backend& backend, const CompileOptions& options) {
  if (options.plan.batch_parts) return compile_in_parts(batch, at_batch, backend, options);
  auto whole = at_batch(batch);
  if (!whole) return whole.errors();
  Result<CompiledNetwork> best = compile(*whole, backend, options);
  if (batch <= 1) return best;
  // Parts of the batch one after the other: smaller activations may stay on chip.
  std::vector<std::int64_t> parts{1};
  for (std::int64_t part = 2; part < batch; part *= 2) {
    if (batch % part == 0) parts.push_back(part);
  }
  // A network repeated very often is as many steps to plan; large parts are nearly as good then.
  constexpr std::int64_t kStepsMax = 1 << 14;
  for (const std::int64_t part : parts) {
    const std::int64_t repeats = batch / part;
    if (repeats * static_cast<std::int64_t>((*whole)->regions.size()) > kStepsMax) continue;
    auto graph = at_batch(part);
    if (!graph) break;  // a network whose batch is fixed
    Result<CompiledNetwork> candidate = compile(*graph, backend, options);
    if (!candidate) continue;
    if (best.ok() && best->score <= repeated_score(*candidate, options, repeats)) continue;
    repeat(*candidate, backend, options, repeats);
    best = std::move(candidate);
  }
  return best;
}

}  // namespace takt
