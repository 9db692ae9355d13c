// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_check.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "sim/base/check.h"
#include "sim/config/resolved.h"
#include "sim/sweep/diagnostic_json.h"
#include "sim/sweep/grid.h"
#include "sim/sweep/parameter_spec.h"
#include "sim/sweep/point_errors.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAreaKey = "area_mm2";

/// The numbers of a machine, for constraints.
class MachineNumbers {
 public:
  /// `area` as text of mm2; empty if it is not known.
  MachineNumbers(const std::vector<SourcedValue>& values, const PointRequest& request,
                 std::string area)
      : values_(values), request_(request), area_(std::move(area)) {}

  KeyValues lookup() const {
    return {[this](const std::string& key) { return find(key); }, [this] { return names(); }};
  }

 private:
  std::optional<Measure> find(const std::string& key) const {
    if (key == "batch" && request_.batch) {
      return Measure{nullptr, static_cast<std::uint64_t>(*request_.batch), 0};
    }
    if (key == kAreaKey && !area_.empty()) return measure_from(area_);
    for (const SourcedValue& value : values_) {
      if (value.path == key) return measure_from(value.value);
    }
    return std::nullopt;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    if (request_.batch) all.emplace_back("batch");
    if (!area_.empty()) all.emplace_back(kAreaKey);
    for (const SourcedValue& value : values_) {
      if (measure_from(value.value)) all.push_back(value.path);
    }
    return all;
  }

  const std::vector<SourcedValue>& values_;
  const PointRequest& request_;
  std::string area_;
};

/// The area of a machine that could be built.
std::string area_text(const Result<MachineConfig>& machine) {
  if (!machine || !machine->machine.area) return "";
  std::ostringstream text;
  text << std::fixed << std::setprecision(6) << machine->machine.area->total();
  return text.str();
}

/// Looks at one point, in a worker.
class PointCheck {
 public:
  PointCheck(const Sweep& sweep, PointModel& model, const std::string& version)
      : sweep_(sweep), model_(model), version_(version) {}

  Json look(const Point& point) {
    const PointRequest request = request_of(sweep_, point);
    const Result<MachineConfig> machine = model_.machine(request);
    Diagnostics errors;
    const std::optional<bool> kept = keep(point, request, machine, errors);
    if (kept && !*kept && errors.empty()) return {{"excluded", true}};
    if (!machine) errors.insert(errors.end(), machine.errors().begin(), machine.errors().end());
    if (!machine || !errors.empty()) return errors_json(errors);
    const Result<NetworkFacts> network = model_.network(request, machine->machine);
    if (!network) return errors_json(network.errors());
    return {{"id", point_id(machine->machine.hash, *network, request, version_)},
            {"batch", network->batch}};
  }

 private:
  static Json errors_json(const Diagnostics& errors) { return {{"errors", to_json(errors)}}; }

  /// Do all constraints hold? Nothing if that cannot be said.
  std::optional<bool> keep(const Point& point, const PointRequest& request,
                           const Result<MachineConfig>& machine, Diagnostics& errors) {
    if (sweep_.constraints.empty()) return true;
    std::vector<SourcedValue> values;
    if (machine) {
      values = machine->values;
    } else if (const auto* base = base_values(point.arch)) {
      // The very reason for a constraint may be that the machine cannot be built otherwise.
      values = *base;
      for (std::size_t p = 0; p < sweep_.parameters.size(); ++p) {
        const Parameter& parameter = sweep_.parameters[p];
        const auto at = std::find_if(values.begin(), values.end(), [&](const SourcedValue& v) {
          return v.path == parameter.key;
        });
        if (at != values.end()) at->value = parameter.values[point.values[p]].text;
      }
    } else {
      return std::nullopt;
    }
    const MachineNumbers numbers(values, request, area_text(machine));
    bool all = true;
    for (const Constraint& constraint : sweep_.constraints) {
      // What cannot be built has no area; its own errors say why.
      if (!machine && constraint.text().find(kAreaKey) != std::string::npos) continue;
      const std::optional<bool> holds = constraint.holds(numbers.lookup(), errors);
      all = all && holds.value_or(true);
    }
    return all;
  }

  /// The numbers of a machine as its file has them; null if it cannot be read so.
  const std::vector<SourcedValue>* base_values(std::size_t arch) {
    const auto [at, fresh] = base_.try_emplace(arch);
    if (fresh) {
      PointRequest request;
      request.arch = sweep_.archs[arch].path;
      if (const Result<MachineConfig> machine = model_.machine(request)) {
        at->second = machine->values;
      }
    }
    return at->second ? &*at->second : nullptr;
  }

  const Sweep& sweep_;
  PointModel& model_;
  const std::string& version_;
  std::map<std::size_t, std::optional<std::vector<SourcedValue>>> base_;
};

Diagnostic nothing_left(const Sweep& sweep, std::size_t excluded) {
  Diagnostic d;
  d.name = "E-empty-sweep";
  d.path = "constraints";
  d.message = "no point of '" + sweep.name + "' is left: the constraints exclude all " +
              std::to_string(excluded);
  return d;
}

Diagnostic worker_killed(const std::string& how) {
  Diagnostic d;
  d.name = "E-worker-killed";
  d.message = "cannot be checked: " + how;
  return d;
}

}  // namespace

std::string point_id(const std::string& machine_hash, const NetworkFacts& network,
                     const PointRequest& request, const std::string& version) {
  std::uint64_t hash = fnv1a("");
  const std::string dtype(request.dtype ? to_string(*request.dtype) : "");
  // A zero byte after each part: "a" + "bc" and "ab" + "c" must differ.
  for (const std::string& part :
       {machine_hash, network.hash, "batch=" + std::to_string(network.batch), "dtype=" + dtype,
        "fidelity=" + fidelity_choice().format(request.fidelity),
        "max_cycles=" + std::to_string(request.max_cycles),
        "schema=" + std::to_string(kRecordSchemaVersion), "version=" + version}) {
    hash = fnv1a(part + '\0', hash);
  }
  return hex64(hash);
}

Result<CheckedSweep> check_sweep(const Sweep& sweep, PointModel& model, const std::string& version,
                                 const PoolOptions& options) {
  const Result<std::vector<Point>> grid = grid_points(sweep);
  if (!grid) return grid.errors();
  PointCheck check(sweep, model, version);
  std::vector<std::optional<SweepPoint>> points(grid->size());
  CheckedSweep checked;
  PointErrors errors(sweep, *grid);
  const bool all = run_pool(
      grid->size(),
      [&](std::size_t index) {
        return check.look((*grid)[index]).dump(-1, ' ', false, Json::error_handler_t::replace);
      },
      [&](const TaskOutcome& outcome) {
        const Point& point = (*grid)[outcome.index];
        if (outcome.killed) {
          errors.add({worker_killed(outcome.text)}, outcome.index);
          return true;
        }
        CHECK(outcome.returned) << "point " << settings_text(sweep, point)
                                << " cannot be checked: " << outcome.text;
        const Json json = Json::parse(outcome.text);
        if (json.contains("errors")) {
          errors.add(diagnostics_from(json["errors"]), outcome.index);
        } else if (json.contains("excluded")) {
          ++checked.excluded;
        } else {
          points[outcome.index] =
              SweepPoint{point, json["id"].get<std::string>(), json["batch"].get<std::int64_t>()};
        }
        return true;
      },
      options);
  if (!all) {
    checked.stopped = true;
    return checked;
  }
  if (!errors.empty()) return errors.all();
  for (auto& point : points) {
    if (point) checked.points.push_back(std::move(*point));
  }
  if (checked.points.empty()) return nothing_left(sweep, checked.excluded);
  return checked;
}

std::string points_text(const Sweep& sweep, const std::vector<SweepPoint>& points) {
  std::string text;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const PointRequest request = request_of(sweep, points[i].point);
    Json json;
    json["point"] = i;
    json["id"] = points[i].id;
    json["arch"] = sweep.archs[points[i].point.arch].name;
    json["workload"] = sweep.workloads[points[i].point.workload].name;
    json["batch"] = points[i].batch;
    if (request.dtype) json["dtype"] = to_string(*request.dtype);
    json["fidelity"] = fidelity_choice().format(request.fidelity);
    json["set"] = Json::object();
    for (std::size_t p = 0; p < sweep.parameters.size(); ++p) {
      const Parameter& parameter = sweep.parameters[p];
      if (parameter.kind != ParameterKind::kMachineKey) continue;
      json["set"][parameter.key] = parameter.values[points[i].point.values[p]].text;
    }
    text += json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  return text;
}

}  // namespace takt
