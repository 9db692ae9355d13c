// SPDX-License-Identifier: Apache-2.0
// `takt explain`: where every cycle of one layer goes, and what would relieve it.
#include "sim/app/explain_command.h"

#include "sim/app/explanation.h"
#include "sim/app/interrupt.h"
#include "sim/app/progress.h"
#include "sim/app/run_command.h"
#include "sim/app/select_layers.h"
#include "sim/report/record_json.h"

namespace takt {
namespace {

/// The layer of that name; an error if there is none.
Result<std::size_t> find_layer(const PreparedRun& prepared, const std::string& name) {
  const Program& program = prepared.network.program;
  for (std::size_t i = 0; i < program.regions.size(); ++i) {
    if (program.regions[i].name == name) return i;
  }
  return unknown_layer(*program.graph, name);
}

/// `options` are those of the whole network's run: none selects layers, at whatever batch prepare()
/// reads the network again.
int explain(const Options& options, const std::string& name, RunInputs inputs,
            const Console& console) {
  const InterruptScope interrupt;
  RunHooks hooks;
  hooks.stop = &interrupt.flag();
  Progress mapping(options, console, "mapping");
  hooks.mapping_progress = [&](std::size_t done, std::size_t total) {
    mapping.update(done, total);
  };
  Progress engine(options, console, "simulating");
  hooks.engine_progress = [&](std::size_t done, std::size_t total) { engine.update(done, total); };
  auto prepared = prepare(options, std::move(inputs), hooks);
  if (!prepared) return report_errors(prepared.errors(), console);
  const Result<std::size_t> index = find_layer(**prepared, name);
  if (!index) return report_errors(index.errors(), console);
  const Program& program = (*prepared)->network.program;
  // Before this process plays itself: relief is measured in children.
  const std::vector<ReliefReport> relief = measure_relief(**prepared, options.fidelity, hooks.stop);
  check_stop(hooks.stop);
  LayerWork work(program, static_cast<std::uint32_t>(*index));
  hooks.spans = [&work](const Program&) { return &work; };
  Result<EngineResult> result = play(options, **prepared, hooks);
  if (!result) return report_errors(result.errors(), console);
  RunOutcome outcome;
  outcome.record = record_of(options, **prepared, *result);
  outcome.result = std::move(*result);
  // A layer that was finished before an interrupt can be explained.
  const EngineResult::Status status = outcome.result.status;
  const bool shown =
      status == EngineResult::Status::kFinished || status == EngineResult::Status::kInterrupted;
  if (shown && *index < outcome.record.layers.size()) {
    const Explanation explanation{outcome.record,   outcome.record.layers[*index],
                                  program,          work.busy(),
                                  work.array_use(), relief.at(*index)};
    if (options.json) {
      console.out << to_text(explanation_json(explanation));
    } else {
      say(explanation_text(explanation), options, console);
    }
  }
  return report_status(outcome, options, console);
}

}  // namespace

int explain_command(const Options& options, const Console& console) {
  Diagnostics errors = missing_inputs(options, 1);
  if (options.layers.size() != 1) {
    Diagnostic d;
    d.kind = ErrorKind::kUsage;
    d.name = "E-missing-option";
    d.message = "explain takes one layer, " + std::to_string(options.layers.size()) + " are given";
    d.hint = "--layer NAME; `takt run` lists the names";
    errors.push_back(d);
  }
  if (options.fidelity == Fidelity::kCycle) {
    Diagnostic d;
    d.kind = ErrorKind::kUsage;
    d.name = "E-bad-value";
    d.path = "--fidelity";
    d.message = "explain counts cycles, and cycle counts those of transaction";
    d.hint = "-f transaction";
    errors.push_back(d);
  }
  if (!errors.empty()) return report_errors(errors, console);
  // The layer is explained where it stands, among its neighbours: --layer selects what to print.
  Options whole = options;
  whole.layers.clear();
  Result<RunInputs> inputs = read_inputs(whole, options.archs.at(0));
  if (!inputs) return report_errors(inputs.errors(), console);
  return explain(whole, options.layers.at(0), std::move(*inputs), console);
}

}  // namespace takt
