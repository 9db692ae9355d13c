// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/mapping.h"

#include <sstream>

namespace takt {
namespace {

const char* cut_name(RegionMapping::Cut cut) {
  switch (cut) {
    case RegionMapping::Cut::kNone: return "none";
    case RegionMapping::Cut::kGroups: return "groups";
    case RegionMapping::Cut::kImages: return "images";
    case RegionMapping::Cut::kRows: return "rows";
    case RegionMapping::Cut::kChannels: return "channels";
  }
  return "none";
}

}  // namespace

std::string to_string(const RegionMapping& m) {
  std::ostringstream out;
  if (m.rows > 0) {
    out << "vector unit, " << m.rows << " rows a tile, slots " << m.operand_slots << "/"
        << m.output_slots;
  } else {
    out << "tile g" << m.g << " n" << m.n << " p" << m.p << " q" << m.q << " o" << m.o << " c"
        << m.c << ", " << (m.order == TileOrder::kPixelsOuter ? "pixels" : "channels")
        << " outer, weights by " << (m.fetch == WeightFetch::kTile ? "tile" : "pass") << ", slots "
        << m.input_slots << "/" << m.weight_slots << "/" << m.operand_slots << "/"
        << m.output_slots;
  }
  if (m.parts > 1) out << ", " << m.parts << " cores by " << cut_name(m.cut);
  return out.str();
}

std::string print_mappings(const std::vector<std::pair<std::string, RegionMapping>>& mappings) {
  std::ostringstream out;
  out << "layers:\n";
  for (const auto& [name, m] : mappings) {
    out << "  - name: \"" << name
        << "\"\n    unit: " << (m.engine == WorkUnit::kMatrix && m.rows == 0 ? "matrix" : "vector")
        << "\n";
    if (m.rows > 0) {
      out << "    rows: " << m.rows << "\n";
    } else {
      out << "    tile: {g: " << m.g << ", n: " << m.n << ", p: " << m.p << ", q: " << m.q
          << ", o: " << m.o << ", c: " << m.c << "}\n"
          << "    outer: " << (m.order == TileOrder::kPixelsOuter ? "pixels" : "channels") << "\n"
          << "    weights_by: " << (m.fetch == WeightFetch::kTile ? "tile" : "pass") << "\n";
    }
    out << "    slots: {input: " << m.input_slots << ", weight: " << m.weight_slots
        << ", operand: " << m.operand_slots << ", output: " << m.output_slots << "}\n";
    out << "    cut: {by: " << cut_name(m.cut) << ", parts: " << m.parts << "}\n";
  }
  return out.str();
}

}  // namespace takt
