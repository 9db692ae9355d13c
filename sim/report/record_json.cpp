// SPDX-License-Identifier: Apache-2.0
#include "sim/report/record_json.h"

#include "sim/report/derived.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMillion = 1e6;

Json overrides_json(const RunIdentity& id) {
  Json json = Json::object();
  for (const auto& [key, value] : id.overrides) json[key] = value;
  return json;
}

Json roofline_json(const Roofline& r) {
  Json json;
  json["bound"] = r.bound;
  json["attainable_ops_per_s"] = r.attainable_ops_per_s;
  json["achieved_ops_per_s"] = r.achieved_ops_per_s;
  if (r.intensity_ops_per_byte) json["intensity_ops_per_byte"] = *r.intensity_ops_per_byte;
  return json;
}

Json energy_json(const EnergyRecord& e, const MachineFacts& machine) {
  Json json;
  json["total"] = e.total().value();
  json["matrix"] = e.matrix.value();
  json["vector"] = e.vector.value();
  json["sram"] = e.sram.value();
  json["dram"] = e.dram.value();
  if (machine.host_bytes_per_s) json["host_link"] = e.host_link.value();
  if (e.noc.value() > 0) json["noc"] = e.noc.value();
  json["static"] = e.leakage.value();
  return json;
}

Json area_json(const DieArea& area, const MachineFacts& machine) {
  Json json;
  json["total"] = area.total();
  json["matrix"] = area.matrix;
  json["vector"] = area.vector;
  json["sram"] = area.sram;
  json["dram"] = area.dram;
  if (machine.host_bytes_per_s) json["host_link"] = area.host_link;
  json["other"] = area.other;
  return json;
}

/// The keys that total and layers share, from `macs` on.
void put_common(Json& json, const ActionCounts& counts, const MatrixLedger& ledger,
                const EnergyRecord& energy, const MachineFacts& machine) {
  json["ledger"] = ledger_json(ledger);
  json["dram_read_bytes"] = counts.dram_read_bytes;
  json["dram_write_bytes"] = counts.dram_write_bytes;
  if (counts.shared_read_bytes + counts.shared_write_bytes > 0) {
    json["shared_read_bytes"] = counts.shared_read_bytes;
    json["shared_write_bytes"] = counts.shared_write_bytes;
  }
  if (machine.host_bytes_per_s) {
    json["host_read_bytes"] = counts.host_read_bytes;
    json["host_write_bytes"] = counts.host_write_bytes;
  }
  json["energy_pj"] = energy_json(energy, machine);
  json["energy_estimated_pj"] = energy.estimated.value();
}

Json total_json(const RunRecord& r) {
  Json json;
  json["cycles"] = r.cycles.value();
  json["clock_hz"] = r.machine.clock_hz;
  json["seconds"] = seconds(r.cycles, r.machine);
  json["macs"] = r.macs;
  json["macs_executed"] = r.counts.macs_executed;
  if (r.counts.vector_macs > 0) json["vector_macs"] = r.counts.vector_macs;
  json["utilization"] = utilization(r);
  put_common(json, r.counts, r.ledger, r.energy, r.machine);
  if (const auto moved = dram_moved(r)) {
    json["dram_moved_read_bytes"] = moved->read_bytes;
    json["dram_moved_write_bytes"] = moved->write_bytes;
  }
  if (r.machine.area) json["area_mm2"] = area_json(*r.machine.area, r.machine);
  if (const auto roof = roofline(r)) json["roofline"] = roofline_json(*roof);
  return json;
}

Json layer_json(const LayerRecord& layer, const MachineFacts& machine) {
  Json json;
  json["index"] = layer.index;
  json["name"] = layer.name;
  json["op"] = layer.op;
  if (!layer.fused.empty()) json["fused"] = layer.fused;
  json["shape"] = Json::object();
  for (const auto& [name, extent] : layer.shape) json["shape"][name] = extent;
  json["dtype"] = to_string(layer.dtype);
  json["mapping"] = mapping_json(layer.mapping);
  json["cycles"] = layer.cycles.value();
  json["start_cycle"] = layer.start.value();
  json["end_cycle"] = layer.end.value();
  json["seconds"] = seconds(layer.cycles, machine);
  json["macs"] = layer.macs;
  json["macs_executed"] = layer.counts.macs_executed;
  if (layer.counts.vector_macs > 0) json["vector_macs"] = layer.counts.vector_macs;
  if (const auto u = utilization(layer, machine)) json["utilization"] = *u;
  put_common(json, layer.counts, layer.ledger, layer.energy, machine);
  if (const auto roof = roofline(layer, machine)) json["roofline"] = roofline_json(*roof);
  return json;
}

Json unit_json(const UnitRecord& unit) {
  Json json = Json::object();
  if (unit.busy_cycles) json["busy_cycles"] = *unit.busy_cycles;
  if (!unit.ledger.empty()) {
    Json ledger = Json::object();
    for (const auto& [account, cycles] : unit.ledger) ledger[account] = cycles;
    json["ledger"] = std::move(ledger);
  }
  for (const auto& [name, value] : unit.counters) json[name] = value;
  return json;
}

Json check_json(const CheckRecord& check) {
  Json json;
  json["reference"] = check.reference;
  json["compared"] = check.compared;
  json["mismatches"] = check.mismatches;
  json["max_abs_error"] = check.max_abs_error;
  json["max_rel_error"] = check.max_rel_error;
  return json;
}

}  // namespace

Json mapping_json(const std::vector<MappingField>& fields) {
  Json json = Json::object();
  for (const auto& [name, value] : fields) {
    const std::size_t dot = name.find('.');
    Json& into =
        dot == std::string::npos ? json[name] : json[name.substr(0, dot)][name.substr(dot + 1)];
    std::visit([&into](const auto& v) { into = v; }, value);
  }
  return json;
}

Json ledger_json(const MatrixLedger& ledger) {
  Json json;
  for (std::size_t i = 0; i < kAccounts; ++i)
    json[std::string(kAccountNames[i])] = ledger.cycles[i];
  return json;
}

Json to_json(const RunRecord& r) {
  Json json;
  json["schema_version"] = kRecordSchemaVersion;
  json["takt"] = {{"version", r.identity.takt_version}, {"git", r.identity.takt_git}};
  json["arch"] = {{"name", r.identity.arch_name}, {"hash", r.identity.arch_hash}};
  json["arch"]["overrides"] = overrides_json(r.identity);
  json["workload"] = {{"name", r.identity.workload_name},
                      {"hash", r.identity.workload_hash},
                      {"batch", r.identity.batch}};
  for (const auto& [tensor, ppm] : r.identity.zeros)
    json["workload"]["zeros"][tensor] = static_cast<double>(ppm) / kMillion;
  json["fidelity"] = r.identity.fidelity;
  json["seed"] = r.identity.seed;
  if (r.partial) {
    json["partial"] = {{"reason", r.partial->reason},
                       {"layers_finished", r.partial->layers_finished},
                       {"layers", r.partial->layers},
                       {"end_cycle", r.partial->end.value()}};
  }
  json["total"] = total_json(r);
  json["layers"] = Json::array();
  for (const LayerRecord& layer : r.layers) json["layers"].push_back(layer_json(layer, r.machine));
  json["units"] = Json::object();
  for (const UnitRecord& unit : r.units) json["units"][unit.name] = unit_json(unit);
  if (r.check) json["check"] = check_json(*r.check);
  return json;
}

std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace takt
