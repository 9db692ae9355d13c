// SPDX-License-Identifier: Apache-2.0
#include "sim/app/mapping_fields.h"

namespace takt {
namespace {

std::string cut_word(RegionMapping::Cut cut) {
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

std::vector<MappingField> mapping_fields(const RegionMapping& m) {
  const auto number = [](auto n) { return static_cast<std::int64_t>(n); };
  std::vector<MappingField> fields;
  // Vector work is cut by rows only; the array's tile does not apply to it.
  const bool vector = m.rows > 0 || m.engine == WorkUnit::kVector;
  fields.emplace_back("unit", std::string(vector ? "vector" : "matrix"));
  if (m.rows > 0) {
    fields.emplace_back("rows", m.rows);
    fields.emplace_back("slots.operand", number(m.operand_slots));
  } else {
    const std::pair<const char*, std::int64_t> tile[] = {{"tile.g", m.g}, {"tile.n", m.n},
                                                         {"tile.p", m.p}, {"tile.q", m.q},
                                                         {"tile.o", m.o}, {"tile.c", m.c}};
    for (const auto& [name, extent] : tile) fields.emplace_back(name, extent);
    fields.emplace_back("outer",
                        std::string(m.order == TileOrder::kPixelsOuter ? "pixels" : "channels"));
    fields.emplace_back("weights_by", std::string(m.fetch == WeightFetch::kTile ? "tile" : "pass"));
    fields.emplace_back("slots.input", number(m.input_slots));
    fields.emplace_back("slots.weight", number(m.weight_slots));
    fields.emplace_back("slots.operand", number(m.operand_slots));
  }
  fields.emplace_back("slots.output", number(m.output_slots));
  if (m.parts > 1) {
    fields.emplace_back("cut.by", cut_word(m.cut));
    fields.emplace_back("cut.parts", number(m.parts));
  }
  return fields;
}

}  // namespace takt
