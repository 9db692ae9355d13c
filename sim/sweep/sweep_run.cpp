// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_run.h"

#include <algorithm>
#include <set>

#include "sim/base/check.h"
#include "sim/report/record_json.h"
#include "sim/sweep/grid.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

Diagnostic about_folder(const SweepFolder& folder, const char* name, std::string message,
                        std::string hint) {
  Diagnostic d;
  d.name = name;
  d.place.file = folder.path();
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Why a run has no result, though nothing threw; empty if it has one.
std::string unfinished(const RunRecord& record, const PointRequest& request) {
  if (!record.partial) return "";
  if (record.partial->reason == "cycle_limit") {
    return "stopped at the limit of " + std::to_string(request.max_cycles) + " cycles (max_cycles)";
  }
  return record.partial->reason + " after " + std::to_string(record.partial->layers_finished) +
         " of " + std::to_string(record.partial->layers) + " layers";
}

std::string first_message(const Diagnostics& errors) {
  const Diagnostic& d = errors.front();
  return (d.path.empty() ? "" : d.path + ": ") + d.message;
}

/// A point's result line, or {"error": why there is none}; in a worker.
Json run_point(const std::string& id, const PointRequest& request, PointModel& model) {
  const Result<RunRecord> record = model.run(request);
  if (!record) {
    const Diagnostics& errors = record.errors();
    const bool infeasible = std::all_of(errors.begin(), errors.end(), [](const Diagnostic& d) {
      return d.kind == ErrorKind::kInfeasible;
    });
    if (!infeasible) return {{"error", first_message(errors)}};
    return {{"id", id}, {"status", "infeasible"}, {"reason", first_message(errors)}};
  }
  const std::string why = unfinished(*record, request);
  if (!why.empty()) return {{"error", why}};
  // Files are read again by every worker: a result must be that of the point as it was checked.
  const RunIdentity& ran = record->identity;
  if (point_id(ran.arch_hash, {ran.workload_hash, ran.batch}, request, ran.takt_version) != id) {
    return {{"error", "the machine or the network has changed since the points were checked"}};
  }
  Json line;
  line["id"] = id;
  line["status"] = "ok";
  line["total"] = to_json(*record)["total"];
  return line;
}

/// What is to be done, once each: two points may be the same run.
std::vector<std::size_t> missing(const std::vector<SweepPoint>& points,
                                 const SweepResults& results) {
  std::vector<std::size_t> todo;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (results.done.count(points[i].id) == 0 && seen.insert(points[i].id).second) {
      todo.push_back(i);
    }
  }
  return todo;
}

/// Puts an outcome where it belongs.
std::optional<Diagnostic> keep(SweepFolder& folder, const Sweep& sweep, const SweepPoint& point,
                               std::size_t index, const TaskOutcome& outcome) {
  Json failure;
  if (outcome.returned) {
    const Json answer = Json::parse(outcome.text);
    if (!answer.contains("error")) {
      folder.remove_failure(point.id);
      return folder.append(outcome.worker, outcome.text);
    }
    failure["error"] = answer["error"];
  } else {
    failure["error"] = outcome.text;
  }
  failure["id"] = point.id;
  failure["point"] = index;
  failure["settings"] = settings_text(sweep, point.point);
  failure["command"] = command_text(request_of(sweep, point.point));
  return folder.write_failure(point.id,
                              failure.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace

SweepState state_of(const std::vector<std::string>& ids, const SweepResults& results) {
  SweepState state;
  state.points = ids.size();
  for (const std::string& id : ids) {
    const auto done = results.done.find(id);
    if (done != results.done.end()) {
      ++state.done;
      if (done->second["status"] == "infeasible") ++state.infeasible;
    } else if (results.failed.count(id) > 0) {
      ++state.failed;
    }
  }
  return state;
}

std::vector<std::string> point_ids(const std::vector<SweepPoint>& points) {
  std::vector<std::string> ids;
  for (const SweepPoint& point : points) ids.push_back(point.id);
  return ids;
}

Result<std::vector<std::string>> point_ids(const SweepFolder& folder) {
  const std::string text = folder.read("points.jsonl").value_or("");
  std::vector<std::string> ids;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const Json json = Json::parse(text.substr(begin, end - begin), nullptr, false);
    if (!json.is_object() || !json.contains("id") || !json["id"].is_string()) {
      Diagnostic d = about_folder(folder, "E-no-sweep", "this line is no point of a sweep",
                                  "the file was changed; begin again in another folder");
      d.place.file += "/points.jsonl";
      d.place.line = static_cast<int>(ids.size()) + 1;
      d.place.column = 1;
      return d;
    }
    ids.push_back(json["id"].get<std::string>());
    begin = end + 1;
  }
  return ids;
}

std::optional<Diagnostic> same_sweep(const SweepFolder& folder, const Sweep& sweep,
                                     const std::vector<SweepPoint>& points) {
  const Result<std::vector<std::string>> ids = point_ids(folder);
  if (!ids) return ids.errors().front();
  if (*ids == point_ids(points)) return std::nullopt;
  const bool same_file = folder.read("sweep.yaml") == sweep.text;
  return about_folder(folder, "E-another-sweep",
                      same_file ? "this folder's files, a machine, a network or takt itself has "
                                  "changed since '" +
                                      sweep.name + "' was begun in this folder"
                                : "holds another sweep than '" + sweep.name + "'",
                      "results of both would mix: choose another folder");
}

std::optional<Diagnostic> begin_sweep(const SweepFolder& folder, const Sweep& sweep,
                                      const std::vector<SweepPoint>& points) {
  if (folder.begun()) {
    if (auto error = same_sweep(folder, sweep, points)) return error;
    const std::vector<std::string> ids = point_ids(points);
    const SweepState state = state_of(ids, folder.results(ids));
    return about_folder(folder, "E-sweep-begun",
                        "holds this sweep already, " + std::to_string(state.done) + " of " +
                            std::to_string(state.points) + " points are done",
                        "`takt sweep resume` with the same arguments runs the rest");
  }
  if (auto error = folder.write("sweep.yaml", sweep.text)) return error;
  if (auto error = folder.write("origin", sweep.origin + "\n")) return error;
  // Last: where the points lie, a sweep is begun.
  return folder.write("points.jsonl", points_text(sweep, points));
}

Result<SweepOutcome> run_sweep(SweepFolder& folder, const Sweep& sweep,
                               const std::vector<SweepPoint>& points, PointModel& model,
                               const PoolOptions& options) {
  const std::vector<std::string> ids = point_ids(points);
  const std::vector<std::size_t> todo = missing(points, folder.results(ids));
  SweepOutcome outcome;
  std::optional<Diagnostic> unwritten;
  const bool whole = run_pool(
      todo.size(),
      [&](std::size_t task) {
        const SweepPoint& point = points[todo[task]];
        return one_line(run_point(point.id, request_of(sweep, point.point), model));
      },
      [&](const TaskOutcome& done) {
        ++outcome.ran;
        unwritten = keep(folder, sweep, points[todo[done.index]], todo[done.index], done);
        return !unwritten;
      },
      options);
  if (unwritten) return *unwritten;
  outcome.interrupted = !whole;
  // From the files, not from memory: a resumed sweep and a whole one then give the same bytes.
  const SweepResults results = folder.results(ids);
  outcome.state = state_of(ids, results);
  outcome.table = results_table(sweep, points, results);
  if (auto error = folder.write("results.csv", to_csv(outcome.table))) return *error;
  if (auto error = write_sqlite(outcome.table, folder.path() + "/results.sqlite")) return *error;
  return outcome;
}

}  // namespace takt
