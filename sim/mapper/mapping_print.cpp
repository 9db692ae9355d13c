// SPDX-License-Identifier: Apache-2.0
// Mapping files as they are written.
#include <sstream>

#include "sim/config/types.h"
#include "sim/mapper/mapping_file.h"

namespace takt {
namespace {

std::string pe_sets_text(const PeSets& s) {
  if (!s.any()) return "";
  return "    pe_sets: {filters: " + std::to_string(s.filters) +
         ", channels: " + std::to_string(s.channels) +
         ", filter_sets: " + std::to_string(s.filter_sets) +
         ", channel_sets: " + std::to_string(s.channel_sets) + "}\n";
}

std::string names_text(const std::vector<GivenWord>& names) {
  std::string text;
  for (const GivenWord& name : names) {
    text += (text.empty() ? "" : ", ") + quote_yaml(name.text);
  }
  return "[" + text + "]";
}

std::string network_text(const NetworkPlan& network) {
  std::string text;
  if (network.batch_parts) text += "batch_parts: " + std::to_string(*network.batch_parts) + "\n";
  if (!network.resident && !network.shared && !network.packed) return text;
  text += "on_chip:\n";
  if (network.resident) text += "  unified: " + names_text(*network.resident) + "\n";
  if (network.shared) text += "  shared: " + names_text(*network.shared) + "\n";
  if (network.packed) text += "  packed: true\n";
  return text;
}

std::string layer_text(const std::string& name, const RegionMapping& m) {
  std::ostringstream out;
  const bool vector = m.engine == WorkUnit::kVector;
  out << "  - name: " << quote_yaml(name) << "\n    unit: " << (vector ? "vector" : "matrix")
      << "\n";
  if (m.rows > 0) {
    out << "    tile: {images: " << m.n << ", rows: " << m.rows;
    if (m.channels > 0) out << ", channels: " << m.channels;
    out << "}\n"
        << "    slots: {operand: " << m.operand_slots << ", output: " << m.output_slots << "}\n";
  } else {
    out << "    tile: {g: " << m.g << ", n: " << m.n << ", p: " << m.p << ", q: " << m.q
        << ", o: " << m.o << ", c: " << m.c;
    if (m.r > 0) out << ", r: " << m.r;
    if (m.s > 0) out << ", s: " << m.s;
    out << "}\n";
    if (m.order == TileOrder::kGiven) {
      out << "    loops: " << letters_of(m.given_loops) << "\n";
    } else {
      out << "    outer: " << (m.order == TileOrder::kPixelsOuter ? "pixels" : "channels") << "\n";
    }
    out << (m.reload ? "    reload: true\n" : "")
        << (m.steps > 0 ? "    steps: " + std::to_string(m.steps) + "\n" : "")
        << "    weights_by: " << (m.fetch == WeightFetch::kTile ? "tile" : "pass") << "\n"
        << (m.pack > 1 ? "    groups_a_pass: " + std::to_string(m.pack) + "\n" : "")
        << pe_sets_text(m.sets) << "    slots: {input: " << m.input_slots
        << ", weight: " << m.weight_slots << ", operand: " << m.operand_slots
        << ", output: " << m.output_slots << "}\n";
  }
  if (m.parts > 1) out << "    cut: {by: " << to_string(m.cut) << ", parts: " << m.parts << "}\n";
  return out.str();
}

}  // namespace

std::string print_mappings(const std::vector<std::pair<std::string, RegionMapping>>& mappings,
                           const NetworkPlan& network) {
  std::string text = network_text(network);
  text += mappings.empty() ? "layers: []\n" : "layers:\n";
  for (const auto& [name, mapping] : mappings) text += layer_text(name, mapping);
  return text;
}

}  // namespace takt
