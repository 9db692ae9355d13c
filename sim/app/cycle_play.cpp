// SPDX-License-Identifier: Apache-2.0
#include "sim/app/cycle_play.h"

#include <sstream>

#include "sim/kernel/child_process.h"
#include "sim/kernel/result_codec.h"
#include "sim/reference/reference_executor.h"

namespace takt {
namespace {

/// The graph that the program's regions were made of, at their batch.
Result<Graph> graph_of(const Options& options, const PreparedRun& prepared) {
  const std::int64_t batch = prepared.network.program.graph->batch;
  const bool whole = batch == prepared.inputs.network->batch;
  return read_graph(options, whole ? options.batch : std::optional<std::int64_t>(batch));
}

Diagnostics problems(const Program& program, bool waves) {
  Diagnostics errors = cycle_problems(program);
  if (!errors.empty() || !waves) return errors;
  return wave_problems(program);
}

/// One simulation of a program on given values.
struct Simulation {
  const Options& options;
  const PreparedRun& prepared;
  const RunHooks& hooks;
  Semantics& semantics;
  const ReferenceExecutor& reference;
  const NetworkValues& expected;

  Result<CyclePlay> play() const {
    const Program& program = prepared.network.program;
    FunctionalPlayer player(program, semantics, expected);
    const auto engine =
        make_cycle_engine(*program.machine, prepared.backend->timing(), player, hooks.waves);
    RunLimits limits;
    limits.max_cycles = Cycles(options.max_cycles);
    limits.stop = hooks.stop;
    if (!hooks.in_child) {
      limits.progress = hooks.engine_progress;
      if (hooks.spans) limits.spans = hooks.spans(program);
    }
    Result<EngineResult> result = engine->run(program, limits);
    if (!result) return result.errors();
    CyclePlay played;
    played.result = std::move(*result);
    if (played.result.status != EngineResult::Status::kFinished) return played;
    played.check = reference.compare(
        *program.graph, expected,
        [&](TensorId id) -> const std::vector<std::byte>& { return player.result(id); });
    std::vector<std::string>& findings = played.check->findings;
    findings.insert(findings.begin(), player.findings().begin(), player.findings().end());
    return played;
  }

  /// What was found, then the result's bytes.
  std::string play_to_bytes() const {
    const Result<CyclePlay> played = play();
    CHECK(played.ok()) << to_string(played.errors());
    std::ostringstream out;
    out << std::hexfloat << played->check.has_value() << "\n";
    if (played->check) {
      const ValueCheck& c = *played->check;
      out << c.reference << "\n"
          << c.compared << " " << c.mismatches << " " << c.max_abs_error << " " << c.max_rel_error
          << " " << c.findings.size() << "\n";
      for (const std::string& finding : c.findings) out << finding << "\n";
    }
    return out.str() + encode(played->result);
  }
};

std::string take_line(const std::string& bytes, std::size_t& at) {
  const std::size_t end = bytes.find('\n', at);
  CHECK(end != std::string::npos) << "a child's answer cut short";
  std::string line = bytes.substr(at, end - at);
  at = end + 1;
  return line;
}

CyclePlay from_bytes(const std::string& bytes, const Program& program) {
  CyclePlay played;
  if (bytes.empty()) {  // interrupted before it could answer
    played.result.status = EngineResult::Status::kInterrupted;
    played.result.regions.resize(program.regions.size());
    return played;
  }
  std::size_t at = 0;
  if (take_line(bytes, at) == "1") {
    ValueCheck& c = played.check.emplace();
    c.reference = take_line(bytes, at);
    std::istringstream numbers(take_line(bytes, at));
    std::string abs, rel;
    std::size_t findings = 0;
    numbers >> c.compared >> c.mismatches >> abs >> rel >> findings;
    c.max_abs_error = std::stod(abs);  // streams do not read hexfloat
    c.max_rel_error = std::stod(rel);
    for (std::size_t i = 0; i < findings; ++i) c.findings.push_back(take_line(bytes, at));
  }
  played.result = decode_engine_result(bytes.substr(at));
  return played;
}

}  // namespace

Result<CyclePlay> play_cycle(const Options& options, const PreparedRun& prepared,
                             const RunHooks& hooks) {
  const Program& program = prepared.network.program;
  Diagnostics errors = problems(program, hooks.waves != nullptr);
  if (!errors.empty()) return errors;
  const Result<Graph> graph = graph_of(options, prepared);
  if (!graph) return graph.errors();
  Semantics semantics(*graph, options.dtype.value_or(program.machine->default_dtype));
  ReferenceOptions seeded;
  seeded.seed = options.seed;
  seeded.progress = hooks.check_progress;
  seeded.stop = hooks.stop;
  const auto reference = make_reference(options.check.empty() ? "functional" : options.check);
  const Result<NetworkValues> expected = reference->run(semantics, seeded);
  if (!expected) return expected.errors();
  const Simulation simulation{options, prepared, hooks, semantics, *reference, *expected};
  if (!hooks.in_child) return simulation.play();
  return from_bytes(run_in_child_or_throw([&] { return simulation.play_to_bytes(); }, hooks.stop),
                    program);
}

}  // namespace takt
