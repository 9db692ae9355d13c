// SPDX-License-Identifier: Apache-2.0
// `takt sweep`: many machines and networks, in worker processes, resumable.
#include "sim/app/sweep_command.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "sim/app/interrupt.h"
#include "sim/app/point_runner.h"
#include "sim/app/progress.h"
#include "sim/app/run_command.h"
#include "sim/app/share_paths.h"
#include "sim/app/sweep_report.h"
#include "sim/app/version.h"
#include "sim/config/suggest.h"
#include "sim/sweep/sweep_run.h"
#include "sim/sweep/sweep_spec.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

/// Without -o nothing is kept: the sweep's folder is one of the system's for temporary files.
class PassingFolder {
 public:
  PassingFolder() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "takt-sweep-XXXXXX").string();
    if (!error && ::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~PassingFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  /// Empty if none could be made.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Diagnostic no_temporary_folder() {
  Diagnostic d;
  d.name = "E-unwritable";
  d.message = "no folder for temporary files can be made";
  d.hint = "set TMPDIR to a folder that can be written, or keep the sweep in one with -o DIR";
  return d;
}

Diagnostic usage(const char* name, std::string message, std::string hint) {
  Diagnostic d;
  d.kind = ErrorKind::kUsage;
  d.name = name;
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

/// `origin`: where the file lay when its folder was begun; empty: where it lies.
Result<Sweep> sweep_of(const std::string& path, const std::string& origin = "") {
  const std::vector<std::string> shares = share_folders();
  const std::string found = find_shared(path, "configs/sweeps", shares);
  SweepReading reading;
  reading.origin = origin.empty() ? found : origin;
  reading.find_arch = [&shares](const std::string& name) {
    return find_shared(name, "configs", shares);
  };
  reading.find_workload = [&shares](const std::string& name) {
    return find_shared(name, "workloads", shares);
  };
  return read_sweep(found, reading);
}

/// The file that was named, or the folder's own.
Result<Sweep> sweep_for(const SweepFolder& folder, const std::string& file) {
  if (!file.empty()) return sweep_of(file);
  const std::string origin = folder.read("origin").value_or("");
  return sweep_of(folder.path() + "/sweep.yaml", origin.substr(0, origin.find('\n')));
}

/// `run` and `resume`, from a checked command line on.
class SweepSession {
 public:
  SweepSession(const Options& options, const Console& console)
      : options_(options), console_(console), model_(make_point_runner()) {}

  int run(const std::string& file) {
    const Result<Sweep> sweep = sweep_of(file);
    if (!sweep) return report_errors(sweep.errors(), console_);
    const Result<CheckedSweep> checked = check(*sweep);
    if (!checked) return report_errors(checked.errors(), console_);
    if (checked->stopped) return stopped_early();
    std::optional<PassingFolder> passing;
    if (options_.out.empty()) passing.emplace();
    if (passing && passing->path().empty()) return report_errors({no_temporary_folder()}, console_);
    Result<SweepFolder> folder = SweepFolder::open(passing ? passing->path() : options_.out);
    if (!folder) return report_errors(folder.errors(), console_);
    if (const auto error = begin_sweep(*folder, *sweep, checked->points)) {
      return report_errors({*error}, console_);
    }
    return play(*folder, *sweep, *checked);
  }

  int resume(const std::string& file) {
    const Result<SweepFolder> there = SweepFolder::look(options_.out);
    if (!there) return report_errors(there.errors(), console_);
    Result<SweepFolder> folder = SweepFolder::open(options_.out);
    if (!folder) return report_errors(folder.errors(), console_);
    const Result<Sweep> sweep = sweep_for(*folder, file);
    if (!sweep) return report_errors(sweep.errors(), console_);
    const Result<CheckedSweep> checked = check(*sweep);
    if (!checked) return report_errors(checked.errors(), console_);
    if (checked->stopped) return stopped_early();
    if (const auto error = same_sweep(*folder, *sweep, checked->points)) {
      return report_errors({*error}, console_);
    }
    return play(*folder, *sweep, *checked);
  }

 private:
  PoolOptions pool(Progress& progress) const {
    PoolOptions pool;
    pool.workers = options_.jobs;
    pool.stop = &interrupt_.flag();
    pool.progress = [&progress](std::size_t done, std::size_t total) {
      progress.update(done, total);
    };
    return pool;
  }

  Result<CheckedSweep> check(const Sweep& sweep) {
    Progress progress(options_, console_, "checking");
    return check_sweep(sweep, *model_, std::string(kVersion), pool(progress));
  }

  int stopped_early() const {
    console_.err << "interrupted while points were checked: none was run\n";
    return exit_codes::kInterrupted;
  }

  int play(SweepFolder& folder, const Sweep& sweep, const CheckedSweep& checked) {
    Result<SweepOutcome> outcome = [&] {
      Progress progress(options_, console_, "sweeping");
      return run_sweep(folder, sweep, checked.points, *model_, pool(progress));
    }();
    if (!outcome) return report_errors(outcome.errors(), console_);
    const SweepReport report{sweep, checked, *outcome};
    if (options_.json) {
      console_.out << sweep_json(report);
    } else {
      const TextStyle style{static_cast<std::size_t>(console_.width), console_.color};
      say(sweep_summary(report, style), options_, console_);
    }
    console_.out.flush();
    if (outcome->interrupted) {
      console_.err << "interrupted: " << outcome->state.done << " of " << outcome->state.points
                   << " points are done"
                   << (options_.out.empty() ? "\n" : "; `takt sweep resume` runs the rest\n");
      return exit_codes::kInterrupted;
    }
    if (outcome->state.failed == 0) return exit_codes::kOk;
    console_.err << failures_text(report, options_.out);
    return exit_codes::kPointsFailed;
  }

  const Options& options_;
  const Console& console_;
  InterruptScope interrupt_;
  std::unique_ptr<PointModel> model_;
};

int status(const Options& options, const std::string& file, const Console& console) {
  const Result<SweepFolder> folder = SweepFolder::look(options.out);
  if (!folder) return report_errors(folder.errors(), console);
  const Result<Sweep> sweep = sweep_for(*folder, file);
  if (!sweep) return report_errors(sweep.errors(), console);
  if (folder->read("sweep.yaml") != sweep->text) {
    Diagnostic d;
    d.name = "E-another-sweep";
    d.place.file = options.out;
    d.message = "the sweep here was begun with another file than " + file;
    d.hint = "without a file, `takt sweep status -o DIR` tells of the one that is here";
    return report_errors({d}, console);
  }
  const Result<std::vector<std::string>> ids = point_ids(*folder);
  if (!ids) return report_errors(ids.errors(), console);
  const SweepState state = state_of(*ids, folder->results(*ids));
  if (options.json) {
    console.out << state_json(sweep->name, state);
  } else {
    say(state_text(sweep->name, state) + "\n", options, console);
  }
  return exit_codes::kOk;
}

}  // namespace

int sweep_command(const Options& options, const Console& console) {
  const std::vector<std::string> verbs{"run", "status", "resume"};
  const std::vector<std::string>& words = options.positionals;
  Diagnostics errors;
  const std::string verb = words.empty() ? "" : words[0];
  if (std::find(verbs.begin(), verbs.end(), verb) == verbs.end()) {
    const auto near = suggest(verb, verbs);
    errors.push_back(usage(
        "E-unknown-command",
        verb.empty() ? "sweep needs one of run, status, resume"
                     : "sweep has no command '" + verb + "'",
        near ? "did you mean '" + *near + "'?" : "takt sweep run|status|resume SWEEP.yaml -o DIR"));
    return report_errors(errors, console);
  }
  if (verb == "run" && words.size() < 2) {
    errors.push_back(
        usage("E-missing-option", "no sweep is given", "takt sweep run SWEEP.yaml -o DIR"));
  }
  if (verb != "run" && options.out.empty()) {
    errors.push_back(usage("E-missing-option", "the folder of the sweep is not given", "-o DIR"));
  }
  for (std::size_t i = 2; i < words.size(); ++i) {
    errors.push_back(usage("E-unexpected-argument", "unexpected argument '" + words[i] + "'",
                           "a sweep is one file; its folder is given by -o"));
  }
  if (!errors.empty()) return report_errors(errors, console);
  const std::string file = words.size() > 1 ? words[1] : "";
  if (verb == "status") return status(options, file, console);
  SweepSession session(options, console);
  return verb == "run" ? session.run(file) : session.resume(file);
}

}  // namespace takt
