// SPDX-License-Identifier: Apache-2.0
#include "sim/app/mapping_fields.h"

namespace takt {
std::vector<MappingField> mapping_fields(const RegionMapping& m) {
  const bool vector = m.engine == WorkUnit::kVector;
  const bool pixels = m.order == TileOrder::kPixelsOuter;
  const bool by_tile = m.fetch == WeightFetch::kTile;
  std::vector<MappingField> fields;
  const auto put = [&fields](const char* name, auto n) {
    fields.emplace_back(name, static_cast<std::int64_t>(n));
  };
  fields.emplace_back("unit", std::string(vector ? "vector" : "matrix"));
  if (m.rows > 0) {
    put("tile.images", m.n);
    put("tile.rows", m.rows);
    put("slots.operand", m.operand_slots);
    put("slots.output", m.output_slots);
  } else {
    put("tile.g", m.g);
    put("tile.n", m.n);
    put("tile.p", m.p);
    put("tile.q", m.q);
    put("tile.o", m.o);
    put("tile.c", m.c);
    if (m.r > 0) put("tile.r", m.r);
    if (m.s > 0) put("tile.s", m.s);
    if (m.order == TileOrder::kGiven) {
      fields.emplace_back("loops", letters_of(m.given_loops));
    } else {
      fields.emplace_back("outer", std::string(pixels ? "pixels" : "channels"));
    }
    if (m.steps > 0) put("steps", m.steps);
    if (m.reload) fields.emplace_back("reload", std::string("true"));
    fields.emplace_back("weights_by", std::string(by_tile ? "tile" : "pass"));
    if (m.pack > 1) put("groups_a_pass", m.pack);
    if (m.sets.any()) {
      put("pe_sets.filters", m.sets.filters);
      put("pe_sets.channels", m.sets.channels);
      put("pe_sets.filter_sets", m.sets.filter_sets);
      put("pe_sets.channel_sets", m.sets.channel_sets);
    }
    put("slots.input", m.input_slots);
    put("slots.weight", m.weight_slots);
    put("slots.operand", m.operand_slots);
    put("slots.output", m.output_slots);
  }
  if (m.parts > 1) {
    fields.emplace_back("cut.by", std::string(to_string(m.cut)));
    put("cut.parts", m.parts);
  }
  return fields;
}

}  // namespace takt
