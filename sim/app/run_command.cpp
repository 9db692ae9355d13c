// SPDX-License-Identifier: Apache-2.0
#include "sim/app/run_command.h"

#include <algorithm>

#include "sim/app/cycle_play.h"
#include "sim/app/interrupt.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/relief.h"
#include "sim/ir/print.h"
#include "sim/program/text.h"
#include "sim/report/layers_csv.h"
#include "sim/report/record_json.h"
#include "sim/report/summary.h"
#include "sim/report/timeline.h"

namespace takt {
namespace {

/// `--dump ir`: the network as it was read, before anything of the machine shapes it.
int dump_graph(const Options& options, const Console& console) {
  const Result<Graph> graph = read_graph(options, options.batch);
  if (!graph) return report_errors(graph.errors(), console);
  console.out << to_text(*graph);
  return exit_codes::kOk;
}

/// `--dump`: the stages up to the one asked for, printed. Nothing is simulated.
int dump(const Options& options, RunInputs inputs, const Console& console) {
  if (*options.dump == DumpStage::kMachine) {
    console.out << inputs.machine.resolved_yaml;
    return exit_codes::kOk;
  }
  const InterruptScope interrupt;
  RunHooks hooks;
  hooks.stop = &interrupt.flag();
  const auto prepared = prepare(options, std::move(inputs), hooks);
  if (!prepared) return report_errors(prepared.errors(), console);
  const CompiledNetwork& network = (*prepared)->network;
  if (*options.dump == DumpStage::kMapping) {
    console.out << network.mapping_file();
  } else {
    print(network.program, console.out);
  }
  return exit_codes::kOk;
}

/// The files of `-o`; the first that cannot be written is the error.
std::optional<Diagnostic> write_files(const OutputFolder& folder, const RunOutcome& outcome) {
  const nlohmann::ordered_json record = to_json(outcome.record);
  const std::pair<const char*, std::string> files[] = {
      {"layers.csv", layers_csv(record)},
      {"config.resolved.yaml", outcome.prepared->inputs.machine.resolved_yaml},
      {"host.json", to_text(to_json(outcome.host))},
      {"record.json", to_text(record)},  // last: where it lies, the others do
  };
  for (const auto& [name, text] : files) {
    if (auto error = folder.write(name, text)) return error;
  }
  return std::nullopt;
}

void show(const RunOutcome& outcome, const Options& options, StopFlag stop,
          const Console& console) {
  if (options.json) {
    console.out << to_text(to_json(outcome.record));
    return;
  }
  if (options.quiet) return;
  std::vector<std::string> bottlenecks;
  for (const ReliefReport& relief : measure_relief(*outcome.prepared, Fidelity::kAnalytic, stop)) {
    bottlenecks.push_back(bottleneck_text(relief));
  }
  const TextStyle style{static_cast<std::size_t>(console.width), console.color};
  console.out << run_summary(outcome.record, bottlenecks, outcome.host, style);
}

/// Runs with a bar for each of the two parts that may take long.
Result<RunOutcome> run_with_progress(const Options& options, RunInputs inputs, RunHooks hooks,
                                     const Console& console) {
  Progress mapping(options, console, "mapping");
  Progress checking(options, console, "checking");
  Progress engine(options, console, "simulating");
  hooks.mapping_progress = [&](std::size_t done, std::size_t total) {
    mapping.update(done, total);
  };
  hooks.check_progress = [&](std::size_t done, std::size_t total) { checking.update(done, total); };
  hooks.engine_progress = [&](std::size_t done, std::size_t total) { engine.update(done, total); };
  return run(options, std::move(inputs), hooks);
}

int run_and_report(const Options& options, RunInputs inputs, const OutputFolder* folder,
                   const Console& console) {
  const InterruptScope interrupt;
  RunHooks hooks;
  hooks.stop = &interrupt.flag();
  std::optional<Result<RunOutcome>> outcome;
  std::optional<Diagnostic> unwritten;
  const auto write = [&](const char* name, const std::function<void(std::ostream&)>& produce) {
    if (auto error = folder->write_stream(name, produce)) unwritten = std::move(error);
  };
  // Waves and the timeline are written while the engine runs: they are too large to keep. A run
  // that never started leaves neither behind.
  const auto play = [&] {
    outcome = run_with_progress(options, std::move(inputs), hooks, console);
    return outcome->ok();
  };
  const auto play_with_waves = [&] {
    if (!options.vcd) return play();
    write("waves.vcd", [&](std::ostream& file) {
      const WaveOptions waves{file, folder->scratch("waves")};
      hooks.waves = &waves;
      if (!play()) file.setstate(std::ios::failbit);
    });
    return outcome && outcome->ok();
  };
  if (options.timeline) {
    write("timeline.json", [&](std::ostream& file) {
      std::optional<TimelineWriter> writer;
      hooks.spans = [&](const Program& program) { return &writer.emplace(program, file); };
      const bool ran = play_with_waves();
      if (writer) writer->finish();
      if (!ran) file.setstate(std::ios::failbit);
    });
  } else {
    play_with_waves();
  }
  if (!outcome) return report_errors({*unwritten}, console);
  if (!outcome->ok()) return report_errors(outcome->errors(), console);
  if (folder != nullptr && !unwritten) unwritten = write_files(*folder, **outcome);
  show(**outcome, options, hooks.stop, console);
  int status = report_status(**outcome, options, console);
  const int check = report_check(**outcome, console);
  if (status == exit_codes::kOk) status = check;
  // The run was over, what is shown of it was cut short.
  if (status == exit_codes::kOk && stop_asked(hooks.stop)) status = exit_codes::kInterrupted;
  return unwritten ? report_errors({*unwritten}, console) : status;
}

}  // namespace

Diagnostics missing_inputs(const Options& options, std::size_t archs) {
  Diagnostics errors;
  const auto add = [&errors](const char* name, std::string message, std::string hint) {
    Diagnostic d;
    d.kind = ErrorKind::kUsage;
    d.name = name;
    d.message = std::move(message);
    d.hint = std::move(hint);
    errors.push_back(std::move(d));
  };
  if (options.archs.empty())
    add("E-missing-option", "no machine is given", "-a FILE, e.g. -a npu_128");
  if (options.archs.size() > archs) {
    add("E-option-repeated", "--arch is given " + std::to_string(options.archs.size()) + " times",
        "`takt compare` takes several machines");
  }
  if (options.workload.empty()) {
    add("E-missing-option", "no network is given",
        "-w X, e.g. -w resnet18 or -w gemm:m=512,n=512,k=512");
  }
  for (const std::string& word : options.positionals) {
    add("E-unexpected-argument", "unexpected argument '" + word + "'",
        "machines are given by -a, networks by -w");
  }
  return errors;
}

void say(const std::string& text, const Options& options, const Console& console) {
  if (!options.quiet) console.out << text;
}

int report_status(const RunOutcome& outcome, const Options& options, const Console& console) {
  using Status = EngineResult::Status;
  const Status status = outcome.result.status;
  if (status == Status::kFinished) return exit_codes::kOk;
  console.out.flush();
  if (status == Status::kInterrupted) {
    console.err << "interrupted: " << outcome.record.layers.size() << " of "
                << outcome.result.regions.size() << " layers are finished\n";
    return exit_codes::kInterrupted;
  }
  const bool limit = status == Status::kCycleLimit;
  if (limit) {
    console.err << "stopped at the limit of " << options.max_cycles << " cycles (--max-cycles)\n";
  } else {
    console.err << "takt: internal error: deadlock; nothing can go on:\n";
  }
  for (const std::string& blocked : outcome.result.blocked) console.err << "  " << blocked << "\n";
  if (limit) return exit_codes::kCheckFailed;
  console.err << kReportRequest;
  return exit_codes::kInternal;
}

int report_check(const RunOutcome& outcome, const Console& console) {
  if (!outcome.check || outcome.check->ok()) return exit_codes::kOk;
  constexpr std::size_t kShown = 10;
  const std::vector<std::string>& findings = outcome.check->findings;
  console.out.flush();
  console.err << "check failed: the program does not compute what " << outcome.check->reference
              << " does\n";
  for (std::size_t i = 0; i < std::min(kShown, findings.size()); ++i) {
    console.err << "  " << findings[i] << "\n";
  }
  if (findings.size() > kShown) console.err << "  and " << findings.size() - kShown << " more\n";
  return exit_codes::kCheckFailed;
}

int run_command(const Options& options, const Console& console) {
  Diagnostics errors = missing_inputs(options, 1);
  const auto missing = [&errors](const char* message, const char* hint) {
    Diagnostic d;
    d.kind = ErrorKind::kUsage;
    d.name = "E-missing-option";
    d.message = message;
    d.hint = hint;
    errors.push_back(std::move(d));
  };
  if (options.timeline && options.out.empty()) {
    missing("--timeline writes a file, but there is no folder for it", "-o DIR");
  }
  if (options.vcd && options.out.empty()) {
    missing("--vcd writes a file, but there is no folder for it", "-o DIR");
  }
  if (options.vcd && options.fidelity != Fidelity::kCycle) {
    missing("--vcd shows the registers of PEs, which only fidelity cycle has", "-f cycle");
  }
  if (!errors.empty()) return report_errors(errors, console);
  Result<RunInputs> inputs = read_inputs(options, options.archs.at(0));
  if (!inputs) return report_errors(inputs.errors(), console);
  if (options.dump == DumpStage::kIr) return dump_graph(options, console);
  if (options.dump) return dump(options, std::move(*inputs), console);
  std::optional<OutputFolder> folder;
  if (!options.out.empty()) {
    Result<OutputFolder> opened = OutputFolder::open(options.out);
    if (!opened) return report_errors(opened.errors(), console);
    folder = std::move(*opened);
  }
  return run_and_report(options, std::move(*inputs), folder ? &*folder : nullptr, console);
}

}  // namespace takt
