// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/results_table.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "sim/base/check.h"
#include "sim/report/layers_csv.h"
#include "sim/stats/ledger.h"
#include "sim/sweep/grid.h"
#include "sim/sweep/parameter_spec.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;
using Totals = std::map<std::string, Json>;

/// The record's totals, always the same ones: a key that does not apply is an empty cell.
std::vector<std::string> total_columns() {
  std::vector<std::string> all{"cycles",        "clock_hz",    "seconds",    "macs",
                               "macs_executed", "vector_macs", "utilization"};
  for (const std::string_view account : kAccountNames) {
    all.push_back("ledger." + std::string(account));
  }
  for (const char* name :
       {"dram_read_bytes", "dram_write_bytes", "dram_bytes", "shared_read_bytes",
        "shared_write_bytes", "host_read_bytes", "host_write_bytes", "energy_pj"}) {
    all.emplace_back(name);
  }
  for (const char* name : {"matrix", "vector", "sram", "dram", "host_link", "noc", "static"}) {
    all.push_back(std::string("energy_pj.") + name);
  }
  all.emplace_back("energy_estimated_pj");
  all.emplace_back("edp_pj_s");
  all.emplace_back("area_mm2");
  for (const char* name : {"matrix", "vector", "sram", "dram", "host_link", "other"}) {
    all.push_back(std::string("area_mm2.") + name);
  }
  for (const char* name :
       {"bound", "attainable_ops_per_s", "achieved_ops_per_s", "intensity_ops_per_byte"}) {
    all.push_back(std::string("roofline.") + name);
  }
  return all;
}

/// {"a": {"b": 1}} as a.b = 1; what a map calls `total` has the map's own name.
void flatten(const Json& json, const std::string& prefix, Totals& into) {
  for (const auto& [key, value] : json.items()) {
    const std::string path = key == "total" ? prefix : prefix.empty() ? key : prefix + "." + key;
    if (value.is_object()) {
      flatten(value, path, into);
    } else {
      into[path] = value;
    }
  }
}

Totals totals_of(const Json& total) {
  Totals totals;
  flatten(total, "", totals);
  const auto number = [&totals](const char* name) {
    const auto at = totals.find(name);
    return at == totals.end() ? Json(0) : at->second;
  };
  totals["dram_bytes"] = number("dram_read_bytes").get<std::uint64_t>() +
                         number("dram_write_bytes").get<std::uint64_t>();
  totals["edp_pj_s"] = number("energy_pj").get<double>() * number("seconds").get<double>();
  return totals;
}

Cell cell_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_number_integer()) return {Cell::Kind::kInteger, value.dump()};
  if (value.is_number()) return {Cell::Kind::kReal, value.dump()};
  return {Cell::Kind::kText, value.is_string() ? value.get<std::string>() : value.dump()};
}

Cell cell_of(const ParameterValue& value) {
  if (!value.measure) return {Cell::Kind::kText, value.text};
  return {value.measure->places == 0 ? Cell::Kind::kInteger : Cell::Kind::kReal,
          base_digits(*value.measure)};
}

Cell text_cell(std::string text) {
  return text.empty() ? Cell{} : Cell{Cell::Kind::kText, std::move(text)};
}

}  // namespace

std::size_t ResultsTable::column(const std::string& name) const {
  const auto at = std::find(columns.begin(), columns.end(), name);
  CHECK(at != columns.end()) << "results have no column " << name;
  return static_cast<std::size_t>(at - columns.begin());
}

ResultsTable results_table(const Sweep& sweep, const std::vector<SweepPoint>& points,
                           const SweepResults& results) {
  ResultsTable table;
  table.columns = {"point", "id", "status", "arch", "workload", "batch", "dtype", "fidelity"};
  for (const Parameter& parameter : sweep.parameters) {
    if (parameter.kind == ParameterKind::kMachineKey) table.columns.push_back(parameter.key);
  }
  const std::vector<std::string> totals = total_columns();
  table.columns.insert(table.columns.end(), totals.begin(), totals.end());
  table.columns.emplace_back("reason");
  for (std::size_t i = 0; i < points.size(); ++i) {
    const SweepPoint& point = points[i];
    const auto done = results.done.find(point.id);
    const auto failed = results.failed.find(point.id);
    if (done == results.done.end() && failed == results.failed.end()) continue;
    const PointRequest request = request_of(sweep, point.point);
    std::vector<Cell> row{{Cell::Kind::kInteger, std::to_string(i)},
                          text_cell(point.id),
                          text_cell(done == results.done.end() ? "failed" : done->second["status"]),
                          text_cell(sweep.archs[point.point.arch].name),
                          text_cell(sweep.workloads[point.point.workload].name),
                          {Cell::Kind::kInteger, std::to_string(point.batch)},
                          text_cell(request.dtype ? std::string(to_string(*request.dtype)) : ""),
                          text_cell(fidelity_choice().format(request.fidelity))};
    for (std::size_t p = 0; p < sweep.parameters.size(); ++p) {
      if (sweep.parameters[p].kind != ParameterKind::kMachineKey) continue;
      row.push_back(cell_of(sweep.parameters[p].values[point.point.values[p]]));
    }
    const bool ok = done != results.done.end() && done->second["status"] == "ok";
    const Totals values = ok ? totals_of(done->second["total"]) : Totals{};
    for (const std::string& name : totals) {
      const auto at = values.find(name);
      row.push_back(at == values.end() ? Cell{} : cell_of(at->second));
    }
    row.push_back(ok ? Cell{}
                     : text_cell(done == results.done.end()
                                     ? failed->second
                                     : done->second["reason"].get<std::string>()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string to_csv(const ResultsTable& table) {
  std::string text;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    text += (c > 0 ? "," : "") + csv_cell(table.columns[c]);
  }
  text += "\n";
  for (const std::vector<Cell>& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) text += (c > 0 ? "," : "") + csv_cell(row[c].text);
    text += "\n";
  }
  return text;
}

std::vector<BestPoint> best_points(const Sweep& sweep, const ResultsTable& table) {
  std::vector<BestPoint> best;
  const std::size_t workload = table.column("workload");
  for (const NamedFile& network : sweep.workloads) {
    for (const ObjectiveInfo& objective : sweep.objectives) {
      const std::size_t column = table.column(std::string(objective.name));
      std::optional<std::size_t> at;
      double least = 0;
      for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const std::vector<Cell>& row = table.rows[r];
        if (row[workload].text != network.name || row[column].kind == Cell::Kind::kNone) continue;
        double value = std::strtod(row[column].text.c_str(), nullptr);
        if (objective.more_is_better) value = -value;
        if (at && value >= least) continue;
        at = r;
        least = value;
      }
      if (at) best.push_back({objective, *at});
    }
  }
  return best;
}

}  // namespace takt
