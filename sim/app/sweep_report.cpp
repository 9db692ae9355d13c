// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sweep_report.h"

#include <cstdlib>
#include <filesystem>

#include "sim/report/format.h"
#include "sim/report/record_json.h"
#include "sim/report/table.h"
#include "sim/sweep/grid.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

std::string shown(const ObjectiveInfo& objective, const Cell& cell) {
  constexpr double kPico = 1e-12;
  const double value = std::strtod(cell.text.c_str(), nullptr);
  if (objective.name == "seconds") return format_seconds(value);
  if (objective.name == "area_mm2") return format_area(value);
  if (objective.name == "energy_pj") return format_picojoules(value);
  if (objective.name == "edp_pj_s") return format_si(value * kPico, "Js");
  if (objective.name == "utilization") return format_percent(value);
  const std::uint64_t whole = std::strtoull(cell.text.c_str(), nullptr, 10);
  return objective.name == "dram_bytes" ? format_bytes(whole) : format_count(whole);
}

Json state_fields(const std::string& name, const SweepState& state) {
  Json json;
  json["name"] = name;
  json["points"] = state.points;
  json["done"] = state.done;
  json["infeasible"] = state.infeasible;
  json["failed"] = state.failed;
  json["left"] = state.left();
  return json;
}

/// "resnet18" of workloads/resnet18.yaml; a layer in place as it is.
std::string network_name(const std::string& workload) {
  if (workload.find(':') != std::string::npos) return workload;
  return std::filesystem::path(workload).stem().string();
}

/// The point of a row of the results.
std::size_t point_of(const ResultsTable& table, std::size_t row) {
  return std::strtoull(table.rows[row][table.column("point")].text.c_str(), nullptr, 10);
}

}  // namespace

std::string state_text(const std::string& name, const SweepState& state) {
  std::string text = printable(name) + ": " + format_count(state.points) +
                     " points: " + format_count(state.done) + " done";
  if (state.infeasible > 0) text += " (" + format_count(state.infeasible) + " of them do not fit)";
  return text + ", " + format_count(state.failed) + " failed, " + format_count(state.left()) +
         " left";
}

std::string state_json(const std::string& name, const SweepState& state) {
  return to_text(state_fields(name, state));
}

std::string sweep_summary(const SweepReport& report, const TextStyle& style) {
  const ResultsTable& table = report.outcome.table;
  std::string text = state_text(report.sweep.name, report.outcome.state);
  if (report.checked.excluded > 0) {
    text += "; " + format_count(report.checked.excluded) + " left out by constraints";
  }
  text += "\n";
  const std::vector<BestPoint> best = best_points(report.sweep, table);
  if (best.empty()) return text;
  Table shown_table(
      {{"network", false, true}, {"best", false}, {"value"}, {"point"}, {"with", false}});
  for (const BestPoint& b : best) {
    const std::vector<Cell>& row = table.rows[b.row];
    const std::size_t point = point_of(table, b.row);
    shown_table.add(
        {network_name(row[table.column("workload")].text), std::string(b.objective.name),
         shown(b.objective, row[table.column(std::string(b.objective.name))]),
         std::to_string(point), parameters_text(report.sweep, report.checked.points[point].point)});
  }
  return text + "\n" + shown_table.text(style.width, style.color);
}

std::string sweep_json(const SweepReport& report) {
  const ResultsTable& table = report.outcome.table;
  Json json = state_fields(report.sweep.name, report.outcome.state);
  json["ran"] = report.outcome.ran;
  json["excluded"] = report.checked.excluded;
  json["best"] = Json::array();
  for (const BestPoint& b : best_points(report.sweep, table)) {
    const std::vector<Cell>& row = table.rows[b.row];
    const std::string name(b.objective.name);
    const std::size_t point = point_of(table, b.row);
    json["best"].push_back({{"workload", row[table.column("workload")].text},
                            {"objective", name},
                            {"value", Json::parse(row[table.column(name)].text)},
                            {"point", point},
                            {"id", row[table.column("id")].text}});
  }
  return to_text(json);
}

std::string failures_text(const SweepReport& report, const std::string& folder) {
  constexpr std::size_t kShown = 5;
  const ResultsTable& table = report.outcome.table;
  const std::size_t status = table.column("status"), reason = table.column("reason");
  std::string text;
  std::size_t count = 0;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    if (table.rows[r][status].text != "failed" || ++count > kShown) continue;
    const std::size_t point = point_of(table, r);
    text += "failed: point " + std::to_string(point) + " (" +
            settings_text(report.sweep, report.checked.points[point].point) +
            "): " + printable(table.rows[r][reason].text) + "\n";
  }
  if (count > kShown) text += "and " + std::to_string(count - kShown) + " more\n";
  if (!folder.empty()) {
    text += "each has a file in " + folder + "/failures; `takt sweep resume` tries them again\n";
  }
  return text;
}

}  // namespace takt
