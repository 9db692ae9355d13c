// SPDX-License-Identifier: Apache-2.0
// `takt explain`: where every cycle of one layer goes, and what would relieve it.
#include "sim/app/explain_command.h"

#include <algorithm>

#include "sim/app/interrupt.h"
#include "sim/app/progress.h"
#include "sim/app/relief.h"
#include "sim/app/run_command.h"
#include "sim/app/select_layers.h"
#include "sim/report/derived.h"
#include "sim/report/format.h"
#include "sim/report/record_json.h"
#include "sim/report/summary.h"
#include "sim/report/table.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

/// Busy cycles of every unit for one layer's own ops.
class BusyByUnit : public SpanSink {
 public:
  BusyByUnit(std::size_t units, std::uint32_t region) : busy_(units), region_(region) {}
  void span(const TileOp& op, Cycles start, Cycles end) override {
    if (op.region == region_) busy_.at(op.unit.index) += end - start;
  }
  void counter(const std::string&, Cycles, std::uint64_t) override {}
  const std::vector<Cycles>& busy() const { return busy_; }

 private:
  std::vector<Cycles> busy_;
  std::uint32_t region_;
};

struct Explanation {
  const RunRecord& record;
  const LayerRecord& layer;
  const Program& program;
  std::vector<Cycles> busy;  ///< by unit
  ReliefReport relief;
};

double share(Cycles part, Cycles whole) {
  return whole.value() == 0
             ? 0
             : static_cast<double>(part.value()) / static_cast<double>(whole.value());
}

/// How much of the layer's cycles go, as a share; negative if it takes more, as a layer may that
/// overlaps with its neighbours in another way.
double gain(const Relief& relief, const ReliefReport& report) {
  return relief.layer > report.layer ? -share(relief.layer - report.layer, report.layer)
                                     : share(report.layer - relief.layer, report.layer);
}

/// The account that holds most of what is no computation; empty if all is.
std::string waits_for(const LayerRecord& layer) {
  const std::size_t first = static_cast<std::size_t>(Account::kComputePadding) + 1;
  std::size_t most = first;
  for (std::size_t i = first; i < kAccounts; ++i) {
    if (layer.ledger.cycles[i] > layer.ledger.cycles[most]) most = i;
  }
  return layer.ledger.cycles[most] > 0 ? std::string(kAccountNames[most]) : "";
}

Json explanation_json(const Explanation& e) {
  Json json;
  const Json record = to_json(e.record);
  for (const char* key :
       {"schema_version", "takt", "arch", "workload", "fidelity", "seed", "partial"}) {
    if (record.contains(key)) json[key] = record.at(key);
  }
  json["total"] = {{"cycles", e.record.cycles.value()}};
  json["layer"] = record.at("layers").at(e.layer.index);
  json["window"] = {{"begin_cycle", (e.layer.end - std::min(e.layer.end, e.layer.cycles)).value()},
                    {"cycles", e.layer.cycles.value()}};
  json["units"] = Json::object();
  for (std::size_t i = 0; i < e.busy.size(); ++i) {
    json["units"][e.program.units[i].name] = {{"busy_cycles", e.busy[i].value()}};
  }
  json["relief"] = {{"engine", e.record.identity.fidelity},
                    {"cycles", e.relief.layer.value()},
                    {"total_cycles", e.relief.total.value()}};
  json["relief"]["doubled"] = Json::object();
  for (const Relief& r : e.relief.reliefs) {
    json["relief"]["doubled"][std::string(r.resource.name)] = {{"cycles", r.layer.value()},
                                                               {"total_cycles", r.total.value()},
                                                               {"gain", gain(r, e.relief)}};
  }
  json["bottleneck"] = e.relief.bottlenecks();
  if (e.relief.bottlenecks().empty()) json["waits_for"] = waits_for(e.layer);
  return json;
}

std::string ledger_table(const LayerRecord& layer) {
  const Cycles whole(layer.ledger.total());
  Table table({{"account", false}, {"cycles"}, {"%"}, {"", false}});
  for (std::size_t i = 0; i < kAccounts; ++i) {
    if (layer.ledger.cycles[i] == 0) continue;
    const double part = share(Cycles(layer.ledger.cycles[i]), whole);
    table.add({std::string(kAccountNames[i]), format_count(layer.ledger.cycles[i]),
               format_percent(part), std::string(static_cast<std::size_t>(part * 40 + 0.5), '#')});
  }
  table.rule();
  table.add({"sum", format_count(whole.value()), format_percent(whole.value() > 0 ? 1 : 0), ""});
  return table.text(100, false);
}

std::string units_table(const Explanation& e) {
  const Cycles span = e.layer.end - e.layer.start;
  Table table({{"unit", false}, {"busy for it"}, {"% of its time"}});
  for (std::size_t i = 0; i < e.busy.size(); ++i) {
    if (e.busy[i].value() == 0) continue;
    table.add({e.program.units[i].name, format_count(e.busy[i].value()),
               format_percent(share(e.busy[i], span))});
  }
  return table.text(100, false);
}

std::string bytes_text(const Explanation& e) {
  const ActionCounts& c = e.layer.counts;
  std::string text = "DRAM: " + format_bytes(c.dram_read_bytes) + " read, " +
                     format_bytes(c.dram_write_bytes) + " written";
  if (const auto bandwidth = dram_bandwidth(e.layer, e.record.machine)) {
    text += "; " + format_si(*bandwidth, "B/s") + " achieved of " +
            format_si(static_cast<double>(e.record.machine.dram_bytes_per_s), "B/s") + " rated";
  }
  text += "\n";
  if (e.record.machine.host_bytes_per_s) {
    text += "host: " + format_bytes(c.host_read_bytes) + " in, " +
            format_bytes(c.host_write_bytes) + " out; " +
            format_si(static_cast<double>(*e.record.machine.host_bytes_per_s), "B/s") +
            " rated each way\n";
  }
  if (const auto roof = roofline(e.layer, e.record.machine)) {
    text += "roofline: " + std::string(roof->bound) + "-bound, " +
            format_si(roof->achieved_ops_per_s, "op/s") + " of " +
            format_si(roof->attainable_ops_per_s, "op/s") + " attainable\n";
  }
  return text;
}

std::string relief_text(const Explanation& e) {
  const ReliefReport& report = e.relief;
  Table table({{"with", false}, {"cycles of the layer"}, {"less"}, {"cycles of the run"}});
  table.add({"the machine as it is", format_count(report.layer.value()), "",
             format_count(report.total.value())});
  for (const Relief& r : report.reliefs) {
    table.add({std::string(r.resource.name) + ": " + std::string(r.resource.doubled),
               format_count(r.layer.value()), format_percent(gain(r, report)),
               format_count(r.total.value())});
  }
  std::string text = "What would help (same mapping):\n" + table.text(100, false);
  text += "Bottleneck: ";
  if (!report.bottlenecks().empty()) return text + bottleneck_text(report) + "\n";
  const std::string account = waits_for(e.layer);
  text += "none of these";
  return text + (account.empty() ? "" : "; most of what is no computation is " + account) + "\n";
}

std::string explanation_text(const Explanation& e) {
  const LayerRecord& layer = e.layer;
  std::string text = printable(layer.name) + " of " + printable(e.record.identity.workload_name) +
                     " on " + printable(e.record.identity.arch_name) + ", " +
                     e.record.identity.fidelity + "\n" + layer.op + " " + short_shape(layer) +
                     ", " + std::string(to_string(layer.dtype)) + "\n";
  for (const std::string& name : layer.fused) text += "with " + printable(name) + "\n";
  text += e.program.regions.at(layer.index).mapping + "\n\n";
  text += format_count(layer.cycles.value()) + " of the run's " +
          format_count(e.record.cycles.value()) + " cycles (" +
          format_percent(share(layer.cycles, e.record.cycles)) + "): from " +
          format_count((layer.end - layer.cycles).value()) + " to " +
          format_count(layer.end.value()) + "; its own work is from " +
          format_count(layer.start.value()) + " to " + format_count(layer.end.value()) + "\n\n";
  text += "Where each cycle of " +
          std::string(e.record.machine.matrix_units > 1 ? "the matrix units" : "the matrix unit") +
          " goes:\n" + ledger_table(layer) + "\n" + units_table(e) + "\n" + bytes_text(e) + "\n";
  return text + relief_text(e);
}

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
  BusyByUnit busy(program.units.size(), static_cast<std::uint32_t>(*index));
  hooks.spans = [&busy](const Program&) { return &busy; };
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
    const Explanation explanation{outcome.record, outcome.record.layers[*index], program,
                                  busy.busy(), relief.at(*index)};
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
