// SPDX-License-Identifier: Apache-2.0
// `takt validate`: our numbers against measured ones, suite by suite.
#include "sim/app/validate_command.h"

#include "sim/app/backends.h"
#include "sim/app/interrupt.h"
#include "sim/app/progress.h"
#include "sim/app/run.h"
#include "sim/app/run_command.h"
#include "sim/app/share_paths.h"
#include "sim/report/record_json.h"
#include "sim/validate/validation_report.h"

namespace takt {
namespace {

Options options_of(const RunRequest& request) {
  Options options;
  options.archs = {request.arch};
  options.workload = request.workload;
  options.overrides = request.overrides;
  options.dims = request.dims;
  options.batch = request.batch;
  options.mapping = request.mapping;
  if (!request.objective.empty()) options.objective = request.objective;
  options.zeros = request.zeros;
  return options;
}

Result<Machine> machine_of(const RunRequest& request) {
  Result<MachineConfig> config = read_arch(options_of(request), request.arch);
  if (!config) return config.errors();
  return std::move(config->machine);
}

/// The program of a network that no file holds, on npu_128.
class Compiler {
 public:
  Result<std::shared_ptr<const CompiledNetwork>> operator()(
      std::shared_ptr<const RegionGraph> network) {
    if (!backend_) {
      Result<Machine> machine = machine_of({"npu_128", "", {}, {}, {}, "", "", {}});
      if (!machine) return machine.errors();
      machine_ = std::move(*machine);
      backend_ = make_backend(machine_);
    }
    Result<CompiledNetwork> compiled = compile(std::move(network), *backend_, {});
    if (!compiled) return compiled.errors();
    return std::shared_ptr<const CompiledNetwork>(
        std::make_shared<CompiledNetwork>(std::move(*compiled)));
  }

 private:
  Machine machine_;
  std::unique_ptr<Backend> backend_;
};

/// What a suite asks for, run as `takt run` would run it.
Result<RunRecord> run_as_asked(const RunRequest& request, const std::atomic<bool>* stop) {
  const Options options = options_of(request);
  Result<RunInputs> inputs = read_inputs(options, request.arch);
  if (!inputs) return inputs.errors();
  RunHooks hooks;
  hooks.stop = stop;
  hooks.in_child = true;
  Result<RunOutcome> outcome = run(options, std::move(*inputs), hooks);
  if (!outcome) return outcome.errors();
  check_stop(stop);  // part of a run is no row
  CHECK(outcome->result.status != EngineResult::Status::kDeadlock) << command_line(request);
  return std::move(outcome->record);
}

}  // namespace

int validate_command(const Options& options, const Console& console) {
  ValidateRequest request;
  request.names = options.positionals;
  const Result<std::vector<SuiteSpec>> known = chosen_suites(request.names);
  if (!known) return report_errors(known.errors(), console);
  const Result<DataFolder> data = DataFolder::find(options.data, share_folders());
  if (!data) return report_errors(data.errors(), console);

  const InterruptScope interrupt;
  request.evaluate = [&](const RunRequest& run) { return run_as_asked(run, &interrupt.flag()); };
  request.machine_of = machine_of;
  request.stop = &interrupt.flag();
  Compiler compiler;
  request.compile = [&compiler](std::shared_ptr<const RegionGraph> network) {
    return compiler(std::move(network));
  };
  std::unique_ptr<Progress> bar;
  std::string shown;
  request.progress = [&](const std::string& entry, std::size_t done, std::size_t total) {
    if (entry != shown) bar = std::make_unique<Progress>(options, console, entry);
    shown = entry;
    bar->update(done, total);
  };
  const Result<std::vector<SuiteResult>> suites = validate(request, *data);
  bar.reset();
  if (!suites) return report_errors(suites.errors(), console);
  if (options.json) {
    console.out << to_text(to_json(*suites));
  } else {
    say(validation_text(*suites, data->where(), static_cast<std::size_t>(console.width),
                        console.color),
        options, console);
  }
  const EntriesDone done = entries_done(*suites);
  if (done.finished < done.all) {
    console.out.flush();
    console.err << "interrupted: " << done.finished << " of " << done.all
                << " entries are finished\n";
    return exit_codes::kInterrupted;
  }
  return any_missed(*suites) ? exit_codes::kCheckFailed : exit_codes::kOk;
}

}  // namespace takt
