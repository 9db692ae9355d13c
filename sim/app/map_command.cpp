// SPDX-License-Identifier: Apache-2.0
// `takt map`: the mappings found for every layer, and why each but the first lost.
#include "sim/app/map_command.h"

#include "sim/app/interrupt.h"
#include "sim/app/mapping_fields.h"
#include "sim/app/progress.h"
#include "sim/app/run_command.h"
#include "sim/report/format.h"
#include "sim/report/record_json.h"
#include "sim/report/table.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

Json candidate_json(const Candidate& candidate) {
  Json json;
  json["mapping"] = mapping_json(mapping_fields(candidate.mapping));
  json["estimated_cycles"] = candidate.estimate.cycles;
  json["dram_bytes"] = candidate.estimate.dram_bytes;
  json["played"] = candidate.played;
  json["score"] = candidate.score;
  if (!candidate.why_lost.empty()) json["why_lost"] = candidate.why_lost;
  return json;
}

Json mappings_json(const Options& options, const CompiledNetwork& network) {
  Json json;
  json["schema_version"] = kRecordSchemaVersion;
  json["arch"] = {{"name", network.program.machine->name}, {"hash", network.program.machine->hash}};
  json["workload"] = {{"name", network.graph->name}, {"hash", network.graph->hash}};
  json["objective"] = options.objective;
  json["layers"] = Json::array();
  for (std::size_t i = 0; i < network.searches.size(); ++i) {
    const SearchResult& search = network.searches[i];
    Json layer;
    layer["name"] = network.graph->regions.at(i).name;
    layer["tried"] = search.tried;
    layer["fitting"] = search.fitting;
    layer["candidates"] = Json::array();
    for (const Candidate& c : search.best) layer["candidates"].push_back(candidate_json(c));
    json["layers"].push_back(std::move(layer));
  }
  return json;
}

std::string layer_text(const std::string& name, const SearchResult& search) {
  Table table(
      {{"", false}, {"mapping", false, true}, {"DRAM"}, {"cycles (est.)"}, {"why it lost", false}});
  for (std::size_t rank = 0; rank < search.best.size(); ++rank) {
    const Candidate& c = search.best[rank];
    table.add({rank == 0 ? "*" : std::to_string(rank + 1), to_string(c.mapping),
               format_bytes(c.estimate.dram_bytes), format_count(c.estimate.cycles),
               rank == 0 ? "chosen" : c.why_lost});
  }
  std::string text = printable(name);
  if (search.tried > 0) {
    text += ": " + format_count(search.tried) + " mappings tried, " + format_count(search.fitting) +
            " fit";
  }
  return text + "\n" + table.text(200, false) + "\n";
}

}  // namespace

int map_command(const Options& options, const Console& console) {
  const Diagnostics missing = missing_inputs(options, 1);
  if (!missing.empty()) return report_errors(missing, console);
  Result<RunInputs> inputs = read_inputs(options, options.archs.at(0));
  if (!inputs) return report_errors(inputs.errors(), console);
  const InterruptScope interrupt;
  RunHooks hooks;
  hooks.stop = &interrupt.flag();
  hooks.alternatives = options.top;
  Progress progress(options, console, "mapping");
  hooks.mapping_progress = [&](std::size_t done, std::size_t total) {
    progress.update(done, total);
  };
  const auto prepared = prepare(options, std::move(*inputs), hooks);
  if (!prepared) return report_errors(prepared.errors(), console);
  const CompiledNetwork& network = (*prepared)->network;
  if (options.json) {
    console.out << to_text(mappings_json(options, network));
    return exit_codes::kOk;
  }
  for (std::size_t i = 0; i < network.searches.size(); ++i) {
    say(layer_text(network.graph->regions.at(i).name, network.searches[i]), options, console);
  }
  return exit_codes::kOk;
}

}  // namespace takt
