// SPDX-License-Identifier: Apache-2.0
// `takt compare`: the same network on several machines, side by side.
#include "sim/app/compare_command.h"

#include <algorithm>
#include <map>

#include "sim/app/interrupt.h"
#include "sim/app/output_folder.h"
#include "sim/app/progress.h"
#include "sim/app/run_command.h"
#include "sim/report/derived.h"
#include "sim/report/format.h"
#include "sim/report/layers_csv.h"
#include "sim/report/record_json.h"
#include "sim/report/scaling.h"
#include "sim/report/summary.h"
#include "sim/report/table.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

/// A row of the comparison: the layers of that name on each machine (a machine that runs the batch
/// in parts has several).
struct Row {
  std::string name, op;
  std::vector<double> seconds;       ///< by machine
  std::vector<double> busy, needed;  ///< cycles of the busy span, and of peak work, by machine
};

std::vector<Row> rows_of(const std::vector<RunRecord>& records) {
  std::vector<Row> rows;
  std::map<std::string, std::size_t> index;
  for (std::size_t m = 0; m < records.size(); ++m) {
    for (const LayerRecord& layer : records[m].layers) {
      const auto [at, fresh] = index.emplace(layer.name, rows.size());
      if (fresh) {
        const std::vector<double> none(records.size(), 0.0);
        rows.push_back({layer.name, layer.op, none, none, none});
      }
      Row& row = rows[at->second];
      row.seconds[m] += seconds(layer.cycles, records[m].machine);
      if (utilization(layer, records[m].machine)) {
        row.busy[m] += static_cast<double>(layer.matrix_busy.value());
        row.needed[m] += peak_cycles(layer.macs, layer.dtype, records[m].machine);
      }
    }
  }
  return rows;
}

std::string comparison_table(const std::vector<RunRecord>& records, const TextStyle& style) {
  std::vector<TableColumn> columns{{"layer", false, true}, {"op", false}};
  for (const RunRecord& r : records) {
    columns.push_back({r.identity.arch_name});
    columns.push_back({"util"});
  }
  Table table(columns);
  for (const Row& row : rows_of(records)) {
    std::vector<std::string> cells{row.name, row.op};
    for (std::size_t m = 0; m < records.size(); ++m) {
      cells.push_back(format_seconds(row.seconds[m]));
      cells.push_back(row.busy[m] > 0 ? format_percent(row.needed[m] / row.busy[m]) : "-");
    }
    table.add(std::move(cells));
  }
  table.rule();
  std::vector<std::string> total{"total", ""};
  for (const RunRecord& r : records) {
    total.push_back(format_seconds(seconds(r.cycles, r.machine)));
    total.push_back(format_percent(utilization(r)));
  }
  table.add(std::move(total));
  return table.text(style.width, style.color);
}

/// Where the column DRAM is not the DRAM's.
std::string cached_note(const RunRecord& r) {
  return "DRAM of " + printable(r.identity.arch_name) +
         " is what was asked of the caches before it: " + r.identity.fidelity +
         " looks up no line\n";
}

std::string totals_table(const std::vector<RunRecord>& records, const TextStyle& style) {
  Table table({{"machine", false},
               {"cycles"},
               {"clock"},
               {"time"},
               {"factor"},
               {"util"},
               {"DRAM"},
               {"bandwidth"},
               {"energy"},
               {"area"},
               {"bound", false}});
  const double first = seconds(records[0].cycles, records[0].machine);
  std::string notes;
  for (const RunRecord& r : records) {
    const double time = seconds(r.cycles, r.machine);
    const auto roof = roofline(r);
    const auto moved = dram_moved(r);
    const std::uint64_t asked = r.counts.dram_read_bytes + r.counts.dram_write_bytes;
    if (r.machine.cached && !moved) notes += cached_note(r);
    table.add({r.identity.arch_name, format_count(r.cycles.value()),
               format_si(static_cast<double>(r.machine.clock_hz), "Hz"), format_seconds(time),
               time > 0 ? format_factor(first / time) : "-", format_percent(utilization(r)),
               format_bytes(moved ? moved->read_bytes + moved->write_bytes : asked),
               format_si(moved ? moved->bytes_per_s : dram_bandwidth(r), "B/s"),
               format_picojoules(r.energy.total().value()),
               r.machine.area ? format_area(r.machine.area->total()) : "-",
               roof ? std::string(roof->bound) : "-"});
  }
  return table.text(style.width, style.color) + notes;
}

/// Machines that have more of the first one's cores: how much faster they are, and what stops them.
std::string scaling_table(const std::vector<RunRecord>& records, const TextStyle& style) {
  constexpr std::size_t kCausesShown = 3;
  Table table({{"machine", false},
               {"cores"},
               {"speed-up"},
               {"of linear"},
               {"what stops it (share of the array cycles lost)", false}});
  bool any = false;
  for (const RunRecord& r : records) {
    const auto s = scaling(records[0], r);
    if (!s) continue;
    any = true;
    double lost = 0;
    for (const ScalingLoss& loss : s->losses) lost += static_cast<double>(loss.cycles);
    std::string causes;
    for (std::size_t i = 0; i < std::min(kCausesShown, s->losses.size()); ++i) {
      const ScalingLoss& loss = s->losses[i];
      causes += (causes.empty() ? "" : ", ") + std::string(loss.cause) + " " +
                format_percent(static_cast<double>(loss.cycles) / lost);
    }
    table.add({r.identity.arch_name, std::to_string(s->cores), format_factor(s->speed_up),
               format_percent(s->speed_up / s->linear), causes.empty() ? "nothing" : causes});
  }
  return any ? "\n" + table.text(style.width, style.color) : "";
}

Json scaling_json(const std::vector<RunRecord>& records) {
  Json all = Json::array();
  for (const RunRecord& r : records) {
    const auto s = scaling(records[0], r);
    if (!s) continue;
    Json json;
    json["arch"] = r.identity.arch_name;
    json["cores"] = s->cores;
    json["speed_up"] = s->speed_up;
    json["linear"] = s->linear;
    json["lost_cycles"] = Json::object();
    for (const ScalingLoss& loss : s->losses) {
      json["lost_cycles"][std::string(loss.cause)] = loss.cycles;
    }
    all.push_back(std::move(json));
  }
  return all;
}

Json comparison_json(const std::vector<RunRecord>& records) {
  Json json;
  json["schema_version"] = kRecordSchemaVersion;
  json["records"] = Json::array();
  for (const RunRecord& r : records) json["records"].push_back(to_json(r));
  Json scaled = scaling_json(records);
  if (!scaled.empty()) json["scaling"] = std::move(scaled);
  return json;
}

std::string comparison_csv(const std::vector<RunRecord>& records) {
  std::string text = "layer,op";
  for (const RunRecord& r : records) text += "," + csv_cell(r.identity.arch_name + ".seconds");
  text += "\n";
  for (const Row& row : rows_of(records)) {
    text += csv_cell(row.name) + "," + csv_cell(row.op);
    for (const double s : row.seconds) text += "," + Json(s).dump();
    text += "\n";
  }
  return text;
}

/// Runs one machine, unless somebody does not want to wait for it.
std::optional<Result<RunOutcome>> run_one(const Options& options, RunInputs inputs,
                                          const RunHooks& hooks) {
  try {
    Result<RunOutcome> outcome = run(options, std::move(inputs), hooks);
    if (outcome && outcome->result.status == EngineResult::Status::kInterrupted) return {};
    return outcome;
  } catch (const Stopped&) {
    return {};
  }
}

/// One record a machine; stops at the first that cannot be had.
int run_all(const Options& options, std::vector<RunInputs> inputs, std::vector<RunRecord>& records,
            const Console& console) {
  const InterruptScope interrupt;
  Progress progress(options, console, "comparing");
  const std::size_t count = inputs.size();
  for (std::size_t m = 0; m < count; ++m) {
    RunHooks hooks;
    hooks.stop = &interrupt.flag();
    hooks.in_child = true;
    std::optional<Result<RunOutcome>> outcome = run_one(options, std::move(inputs[m]), hooks);
    if (!outcome) {
      console.err << "interrupted: " << m << " of " << count << " machines are finished\n";
      return exit_codes::kInterrupted;
    }
    if (!outcome->ok()) return report_errors(outcome->errors(), console);
    int code = report_status(**outcome, options, console);
    if (code == exit_codes::kOk) code = report_check(**outcome, console);
    if (code != exit_codes::kOk) return code;
    records.push_back(std::move((*outcome)->record));
    progress.update(m + 1, count);
  }
  return exit_codes::kOk;
}

}  // namespace

int compare_command(const Options& options, const Console& console) {
  constexpr std::size_t kMachinesMax = 64;
  const Diagnostics missing = missing_inputs(options, kMachinesMax);
  if (!missing.empty()) return report_errors(missing, console);
  // Everything is read before anything runs: a mistake in the last machine shows at once.
  Diagnostics errors;
  std::vector<RunInputs> inputs;
  for (const std::string& arch : options.archs) {
    Result<RunInputs> read = read_inputs(options, arch);
    if (read) {
      inputs.push_back(std::move(*read));
    } else {
      errors.insert(errors.end(), read.errors().begin(), read.errors().end());
    }
  }
  if (!errors.empty()) return report_errors(errors, console);
  std::optional<OutputFolder> folder;
  if (!options.out.empty()) {
    Result<OutputFolder> opened = OutputFolder::open(options.out);
    if (!opened) return report_errors(opened.errors(), console);
    folder = std::move(*opened);
  }
  std::vector<RunRecord> records;
  const int code = run_all(options, std::move(inputs), records, console);
  // What was finished before an interrupt is shown.
  if (records.empty() || (code != exit_codes::kOk && code != exit_codes::kInterrupted)) return code;
  if (folder) {
    for (const auto& [name, text] :
         {std::pair<const char*, std::string>{"compare.csv", comparison_csv(records)},
          {"compare.json", to_text(comparison_json(records))}}) {
      if (const auto error = folder->write(name, text)) return report_errors({*error}, console);
    }
  }
  const TextStyle style{static_cast<std::size_t>(console.width), console.color};
  if (options.json) {
    console.out << to_text(comparison_json(records));
  } else {
    say(printable(records[0].identity.workload_name) + ", " + records[0].identity.fidelity +
            "\n\n" + comparison_table(records, style) + "\n" + totals_table(records, style) +
            scaling_table(records, style),
        options, console);
  }
  return code;
}

}  // namespace takt
