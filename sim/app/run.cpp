// SPDX-License-Identifier: Apache-2.0
#include "sim/app/run.h"

#include <chrono>

#include "sim/app/backends.h"
#include "sim/app/cycle_play.h"
#include "sim/app/mapping_fields.h"
#include "sim/app/select_layers.h"
#include "sim/app/share_paths.h"
#include "sim/app/version.h"
#include "sim/app/zero_shares.h"
#include "sim/energy/energy.h"
#include "sim/engine/analytic.h"
#include "sim/ir/fuse.h"
#include "sim/kernel/result_codec.h"
#include "sim/program/verify.h"
#include "sim/reference/functional_check.h"
#include "sim/report/record_builder.h"
#include "sim/workload/workload.h"

namespace takt {
namespace {

using RegionsPtr = std::shared_ptr<const RegionGraph>;

Objective objective_of(const std::string& word) {
  if (word == "energy") return Objective::kEnergy;
  if (word == "edp") return Objective::kEdp;
  if (word == "dram_bytes") return Objective::kDramBytes;
  return Objective::kCycles;
}

/// Why the mapper may not run the network in parts of the batch; never shown.
Diagnostic batch_is_fixed(std::int64_t batch) {
  Diagnostic d;
  d.name = "E-batch-fixed";
  d.path = "--batch";
  d.message = "the network does not run at batch " + std::to_string(batch);
  return d;
}

/// Energy as a score needs the machine's table, which the mapper does not see.
std::function<double(const EngineResult&)> score_of(Objective objective, const Machine& machine) {
  if (objective != Objective::kEnergy && objective != Objective::kEdp) return nullptr;
  return [objective, &machine](const EngineResult& result) {
    ActionCounts counts;
    for (const RegionResult& region : result.regions) counts += region.counts;
    const double energy =
        energy_of(counts, machine, machine.default_dtype, result.end).total().value();
    return objective == Objective::kEnergy ? energy
                                           : energy * static_cast<double>(result.end.value());
  };
}

RunIdentity identity_of(const Options& options, const PreparedRun& prepared) {
  const Machine& machine = prepared.inputs.machine.machine;
  RunIdentity id;
  id.takt_version = kVersion;
  id.takt_git = kGitCommit;
  id.arch_name = machine.name;
  id.arch_hash = machine.hash;
  for (const std::string& text : prepared.inputs.machine.overrides) {
    const std::size_t equal = text.find('=');
    id.overrides.emplace_back(text.substr(0, equal), text.substr(equal + 1));
  }
  id.workload_name = prepared.inputs.network->name;
  id.workload_hash = prepared.inputs.network->hash;
  id.batch = prepared.inputs.network->batch;
  id.zeros = options.zeros;
  id.fidelity = to_string(options.fidelity);
  id.seed = options.seed;
  return id;
}

/// Time with a kernel is counted in femtoseconds, in 64 bits: some five hours. A run that takes a
/// quarter of that by the analytic engine, which is never above, is not begun.
Diagnostics too_long(const PreparedRun& prepared, Fidelity fidelity, StopFlag stop) {
  constexpr std::uint64_t kSecondsMax = UINT64_MAX / ClockDomain::kFemtosPerSecond / 4;
  const Program& program = prepared.network.program;
  AnalyticEngine quick(prepared.backend->timing());
  RunLimits limits;
  limits.stop = stop;
  const Result<EngineResult> least = quick.run(program, limits);
  if (!least || least->end.value() / program.machine->clock.hz() < kSecondsMax) return {};
  Diagnostic d;
  d.name = "E-run-too-long";
  d.path = "network '" + program.graph->name + "'";
  d.message = "takes at least " + std::to_string(least->end.value() / program.machine->clock.hz()) +
              " seconds of machine '" + program.machine->name + "', more than the " +
              std::to_string(kSecondsMax) + " that " + std::string(to_string(fidelity)) +
              " can count in femtoseconds";
  d.hint = "-f analytic counts cycles only; or a faster clock, memory.bandwidth or a smaller batch";
  return {d};
}

/// play(), or at fidelity `cycle` the engine that computes values while it counts.
Result<EngineResult> play_with_values(const Options& options, const PreparedRun& prepared,
                                      const RunHooks& hooks, RunOutcome& outcome) {
  if (options.fidelity != Fidelity::kCycle) return play(options, prepared, hooks);
  const Diagnostics errors = too_long(prepared, options.fidelity, hooks.stop);
  if (!errors.empty()) return errors;
  Result<CyclePlay> played = play_cycle(options, prepared, hooks);
  if (!played) return played.errors();
  outcome.check = std::move(played->check);
  return std::move(played->result);
}

}  // namespace

void check_program(const Program& program, StopFlag stop) {
  const Verification verification = verify(program, stop);
  std::string text;
  for (const std::string& finding : verification.findings) text += "\n  " + finding;
  if (verification.more > 0) text += "\n  and " + std::to_string(verification.more) + " more";
  CHECK(verification.ok()) << "the program is wrong:" << text;
}

Result<Graph> read_graph(const Options& options, std::optional<std::int64_t> batch) {
  const std::vector<std::string> shares = share_folders();
  WorkloadOptions reading;
  reading.batch = batch;
  reading.dims.insert(options.dims.begin(), options.dims.end());
  reading.inputs = options.inputs;
  for (const std::string& share : shares) reading.roots.push_back(share + "/workloads");
  return read_workload(find_shared(options.workload, "workloads", shares), reading);
}

Result<MachineConfig> read_arch(const Options& options, const std::string& arch) {
  MachineOptions machine_options;
  machine_options.overrides = options.overrides;
  const std::vector<std::string> shares = share_folders();
  for (const std::string& share : shares) machine_options.roots.push_back(share + "/configs");
  return read_machine_config(find_shared(arch, "configs", shares), machine_options);
}

Result<RegionsPtr> read_network(const Options& options, const Machine& machine,
                                std::optional<std::int64_t> batch) {
  const Result<Graph> graph = read_graph(options, batch);
  if (!graph) return graph.errors();
  FuseOptions fusing;
  fusing.precision = options.dtype.value_or(machine.default_dtype);
  Result<RegionGraph> regions = fuse(*graph, fusing);
  if (!regions) return regions.errors();
  Diagnostics errors = set_zero_shares(options.zeros, *regions);
  if (!errors.empty()) return errors;
  Result<RegionGraph> selected = select_layers(*regions, options.layers);
  if (!selected) return selected.errors();
  return RegionsPtr(std::make_shared<const RegionGraph>(std::move(*selected)));
}

Result<RunInputs> read_inputs(const Options& options, const std::string& arch) {
  Result<MachineConfig> machine = read_arch(options, arch);
  if (!machine) {
    // The network's mistakes are shown as well: they do not depend on the machine.
    Diagnostics errors = machine.errors();
    const Result<Graph> graph = read_graph(options, options.batch);
    if (!graph) errors.insert(errors.end(), graph.errors().begin(), graph.errors().end());
    return errors;
  }
  Result<RegionsPtr> network = read_network(options, machine->machine, options.batch);
  if (!network) return network.errors();
  return RunInputs{std::move(*machine), std::move(*network)};
}

Result<std::unique_ptr<PreparedRun>> prepare(const Options& options, RunInputs inputs,
                                             const RunHooks& hooks) {
  auto prepared = std::make_unique<PreparedRun>(std::move(inputs));
  const Machine& machine = prepared->inputs.machine.machine;
  const RegionsPtr whole = prepared->inputs.network;
  prepared->backend = make_backend(machine);
  CompileOptions compiling;
  compiling.objective = objective_of(options.objective);
  compiling.score = score_of(compiling.objective, machine);
  compiling.alternatives = hooks.alternatives;
  compiling.progress = hooks.mapping_progress;
  compiling.stop = hooks.stop;
  if (!options.mapping.empty()) {
    const bool in_place = options.mapping.rfind(kMappingInPlace, 0) == 0;
    auto file = in_place ? read_mapping_in_place(options.mapping)
                         : read_mappings(find_shared(options.mapping, "configs", share_folders()));
    if (!file) return file.errors();
    compiling.given = std::move(file->layers);
    compiling.plan = std::move(file->network);
  }
  const auto at_batch = [&](std::int64_t batch) -> Result<RegionsPtr> {
    if (batch == whole->batch) return whole;
    Result<RegionsPtr> part =
        hooks.network ? hooks.network(batch) : read_network(options, machine, batch);
    if (part && (*part)->batch != batch) return batch_is_fixed(batch);
    return part;
  };
  Result<CompiledNetwork> compiled =
      compile_batched(whole->batch, at_batch, *prepared->backend, compiling);
  if (!compiled) return compiled.errors();
  prepared->network = std::move(*compiled);
  check_program(prepared->network.program, hooks.stop);
  return prepared;
}

// The graph is read again: what the program's regions were made of is that of its batch.
Result<ValueCheck> check_values(const Options& options, const PreparedRun& prepared,
                                const RunHooks& hooks) {
  const Program& program = prepared.network.program;
  const std::int64_t batch = program.graph->batch;
  const bool whole = batch == prepared.inputs.network->batch;
  const Result<Graph> graph =
      read_graph(options, whole ? options.batch : std::optional<std::int64_t>(batch));
  if (!graph) return graph.errors();
  ReferenceOptions reference;
  reference.seed = options.seed;
  reference.progress = hooks.check_progress;
  reference.stop = hooks.stop;
  return check_program(program, *graph, options.dtype.value_or(program.machine->default_dtype),
                       *make_reference(options.check), reference);
}

Result<EngineResult> play(const Options& options, const PreparedRun& prepared,
                          const RunHooks& hooks) {
  CHECK(options.fidelity != Fidelity::kCycle) << "fidelity cycle is played with values";
  const Program& program = prepared.network.program;
  if (options.fidelity != Fidelity::kAnalytic) {
    const Diagnostics errors = too_long(prepared, options.fidelity, hooks.stop);
    if (!errors.empty()) return errors;
  }
  const std::unique_ptr<Engine> engine =
      make_engine(options.fidelity, *program.machine, prepared.backend->timing());
  RunLimits limits;
  limits.max_cycles = Cycles(options.max_cycles);
  limits.stop = hooks.stop;
  limits.progress = hooks.engine_progress;
  if (hooks.spans) limits.spans = hooks.spans(program);
  if (hooks.in_child && options.fidelity != Fidelity::kAnalytic) {
    return run_engine_in_child(*engine, program, limits);
  }
  return engine->run(program, limits);
}

RunRecord record_of(const Options& options, const PreparedRun& prepared,
                    const EngineResult& result) {
  const Program& program = prepared.network.program;
  const Machine& machine = *program.machine;
  return build_record({identity_of(options, prepared), *program.graph, program, result,
                       [&machine](const ActionCounts& counts, DType dtype, Cycles window) {
                         return energy_of(counts, machine, dtype, window);
                       },
                       [&prepared, &program](std::size_t region) {
                         const std::uint32_t source = program.regions.at(region).source;
                         return mapping_fields(prepared.network.decisions.mappings.at(source));
                       }});
}

Result<RunOutcome> run(const Options& options, RunInputs inputs, const RunHooks& hooks) {
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t children_before = children_peak_rss_bytes();
  auto prepared = prepare(options, std::move(inputs), hooks);
  if (!prepared) return prepared.errors();
  RunOutcome outcome;
  // At fidelity cycle the values are made on the way.
  if (!options.check.empty() && options.fidelity != Fidelity::kCycle) {
    Result<ValueCheck> check = check_values(options, **prepared, hooks);
    if (!check) return check.errors();
    outcome.check = std::move(*check);
  }
  const auto engine_begin = std::chrono::steady_clock::now();
  Result<EngineResult> result = play_with_values(options, **prepared, hooks, outcome);
  if (!result) return result.errors();
  outcome.host.engine_seconds = seconds_since(engine_begin);
  outcome.record = record_of(options, **prepared, *result);
  if (outcome.check) {
    const ValueCheck& check = *outcome.check;
    outcome.record.check = CheckRecord{check.reference, check.compared, check.mismatches,
                                       check.max_abs_error, check.max_rel_error};
  }
  outcome.host.simulated = outcome.record.cycles;
  outcome.host.kernel_activations = result->kernel_activations;
  outcome.host.peak_rss_bytes = peak_rss_bytes(children_before);
  outcome.host.wall_seconds = seconds_since(begin);
  outcome.prepared = std::move(*prepared);
  outcome.result = std::move(*result);
  return outcome;
}

}  // namespace takt
