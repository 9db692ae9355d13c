// SPDX-License-Identifier: Apache-2.0
#include "sim/report/layers_csv.h"

#include <array>

#include "sim/stats/ledger.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> columns() {
  std::vector<std::string> all{"index",         "name",        "op",         "fused",
                               "shape",         "dtype",       "mapping",    "cycles",
                               "start_cycle",   "end_cycle",   "seconds",    "macs",
                               "macs_executed", "vector_macs", "utilization"};
  for (const std::string_view account : kAccountNames)
    all.push_back("ledger." + std::string(account));
  for (const char* name : {"dram_read_bytes", "dram_write_bytes", "shared_read_bytes",
                           "shared_write_bytes", "host_read_bytes", "host_write_bytes"}) {
    all.emplace_back(name);
  }
  for (const char* name :
       {"total", "matrix", "vector", "sram", "dram", "host_link", "noc", "static"}) {
    all.push_back(std::string("energy_pj.") + name);
  }
  all.emplace_back("energy_estimated_pj");
  for (const char* name :
       {"bound", "attainable_ops_per_s", "achieved_ops_per_s", "intensity_ops_per_byte"}) {
    all.push_back(std::string("roofline.") + name);
  }
  return all;
}

/// A value in one cell: maps as "m=512 n=512", a map in a map as "tile.p=8", lists as "relu add".
std::string cell_of(const Json& value, const std::string& prefix = "") {
  if (value.is_null()) return "";
  if (!value.is_object() && !value.is_array()) {
    return prefix + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  std::string text;
  for (const auto& [key, item] : value.items()) {
    std::string name;
    if (value.is_object()) {
      name = prefix.empty() ? key : prefix.substr(0, prefix.size() - 1) + "." + key;
      name += "=";
    }
    text += (text.empty() ? "" : " ") + cell_of(item, name);
  }
  return text;
}

const Json* find(const Json& layer, const std::string& path) {
  const Json* at = &layer;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t dot = std::min(path.find('.', begin), path.size());
    const auto found = at->find(path.substr(begin, dot - begin));
    if (found == at->end()) return nullptr;
    at = &*found;
    begin = dot + 1;
  }
  return at;
}

}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + "\"";
}

std::string layers_csv(const Json& record) {
  const std::vector<std::string> names = columns();
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) text += (i > 0 ? "," : "") + names[i];
  text += "\n";
  for (const Json& layer : record.at("layers")) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Json* value = find(layer, names[i]);
      if (i > 0) text += ",";
      if (value != nullptr) text += csv_cell(cell_of(*value));
    }
    text += "\n";
  }
  return text;
}

}  // namespace takt
