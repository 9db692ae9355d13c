// SPDX-License-Identifier: Apache-2.0
#include "sim/app/explanation.h"

#include <algorithm>

#include "sim/report/derived.h"
#include "sim/report/format.h"
#include "sim/report/record_json.h"
#include "sim/report/summary.h"
#include "sim/report/table.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

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

/// The account that holds most of what is no useful computation; empty if all is.
std::string waits_for(const LayerRecord& layer) {
  const std::size_t first = static_cast<std::size_t>(Account::kComputeUseful) + 1;
  std::size_t most = first;
  for (std::size_t i = first; i < kAccounts; ++i) {
    if (layer.ledger.cycles[i] > layer.ledger.cycles[most]) most = i;
  }
  return layer.ledger.cycles[most] > 0 ? std::string(kAccountNames[most]) : "";
}

/// From a request to a closed row to its data, in core clock cycles, if doubling the DRAM helps
/// most though the layer takes less than half of its bandwidth, and a quarter of its time or more
/// is this.
std::optional<Cycles> answer_cycles(const Explanation& e) {
  const Machine& machine = *e.program.machine;
  const DramTiming& t = machine.memory.timing;
  const std::vector<std::string> named = e.relief.bottlenecks();
  const auto bandwidth = dram_bandwidth(e.layer, e.record.machine);
  if (machine.memory.ideal || machine.memory.cache.present() || !bandwidth) return std::nullopt;
  if (std::find(named.begin(), named.end(), "dram") == named.end()) return std::nullopt;
  if (2 * *bandwidth >= static_cast<double>(e.record.machine.dram_bytes_per_s)) return std::nullopt;
  const Cycles answer(mul_div_ceil(t.rcd + t.cl, machine.clock.hz(), t.clock_hz));
  if (answer.value() < (e.layer.end - e.layer.start).value() / 4) return std::nullopt;
  return answer;
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
  const MachineFacts& machine = e.record.machine;
  std::string text =
      std::string(machine.cached ? "asked of the caches before the DRAM: " : "DRAM: ") +
      format_bytes(c.dram_read_bytes) + " read, " + format_bytes(c.dram_write_bytes) + " written";
  if (const auto bandwidth = dram_bandwidth(e.layer, machine)) {
    text += "; " + format_si(*bandwidth, "B/s") + " achieved of " +
            format_si(static_cast<double>(machine.memory_bytes_per_s), "B/s") + " rated";
  }
  text += "\n";
  if (const auto moved = dram_moved(e.record)) {
    text += "DRAM: " + format_bytes(moved->read_bytes) + " read, " +
            format_bytes(moved->write_bytes) + " written by the whole run, " +
            format_si(moved->bytes_per_s, "B/s") + " of " +
            format_si(static_cast<double>(machine.dram_bytes_per_s), "B/s") + "\n";
  }
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

std::string format_mean(double mean) {
  const auto tenths = static_cast<std::uint64_t>(mean * 10 + 0.5);
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10));
}

/// "64 of 128 rows": a mean that is no whole number has a decimal.
std::string in_use(double used, std::uint32_t all, const char* what) {
  return format_mean(used) + " of " + std::to_string(all) + " " + what;
}

/// Why active PEs hold no data.
std::string unfilled(const ArrayUse& use) {
  std::string text;
  if (use.used_rows < use.rows) text = in_use(use.used_rows, use.rows, "rows");
  if (use.used_cols < use.cols) {
    text += (text.empty() ? "" : " and ") + in_use(use.used_cols, use.cols, "columns");
  }
  text = text.empty() ? "" : "the layer fills " + text + " of PEs";
  if (use.groups > 1) {
    text += (text.empty() ? "" : ", and ") + std::string("PEs between the ") +
            std::to_string(use.groups) + " groups of a pass multiply zeros";
  }
  return text.empty() ? "operands do not enter in every cycle" : text;
}

/// Of a layer that waits for the DRAM's answers, not for its bandwidth.
std::string latency_text(const Explanation& e) {
  const auto cycles = answer_cycles(e);
  if (!cycles) return "";
  const DramTiming& t = e.program.machine->memory.timing;
  return "its bandwidth is hardly used: a request to a closed row waits tRCD " +
         std::to_string(t.rcd) + " + CL " + std::to_string(t.cl) + " of the DRAM's clocks, " +
         format_count(cycles->value()) + " of the layer's " +
         format_count((e.layer.end - e.layer.start).value()) + " cycles\n";
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
  if (!report.bottlenecks().empty()) {
    return text + bottleneck_text(report) + "\n" + latency_text(e);
  }
  const std::string account = waits_for(e.layer);
  text += "none of these";
  if (account == kAccountNames[static_cast<std::size_t>(Account::kComputePadding)]) {
    return text + "; the arrays work, but " +
           (e.array ? unfilled(*e.array) : "not all of their PEs") + "\n";
  }
  return text + (account.empty() ? "" : "; most of what is no computation is " + account) + "\n";
}

/// A network that runs in parts of the batch has a row of each name for each part.
std::string repeats_text(const Explanation& e) {
  const auto rows = std::count_if(e.record.layers.begin(), e.record.layers.end(),
                                  [&e](const LayerRecord& l) { return l.name == e.layer.name; });
  return rows > 1 ? "the first of " + std::to_string(rows) + " of that name\n" : "";
}

}  // namespace

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
  if (e.array) {
    json["array"] = {{"rows", e.array->rows},
                     {"cols", e.array->cols},
                     {"used_rows", e.array->used_rows},
                     {"used_cols", e.array->used_cols},
                     {"groups", e.array->groups}};
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
  if (const auto answer = answer_cycles(e)) json["dram_answer_cycles"] = answer->value();
  return json;
}

std::string explanation_text(const Explanation& e) {
  const LayerRecord& layer = e.layer;
  std::string text = printable(layer.name) + " of " + printable(e.record.identity.workload_name) +
                     " on " + printable(e.record.identity.arch_name) + ", " +
                     e.record.identity.fidelity + "\n" + layer.op + " " + short_shape(layer) +
                     ", " + std::string(to_string(layer.dtype)) + "\n";
  for (const std::string& name : layer.fused) text += "with " + printable(name) + "\n";
  text += e.program.regions.at(layer.index).mapping + "\n" + repeats_text(e) + "\n";
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

}  // namespace takt
