// SPDX-License-Identifier: Apache-2.0
// Mapping files (configs/schema/mapping.json).
#include <algorithm>

#include "sim/config/parse.h"
#include "sim/config/reader.h"
#include "sim/mapper/mapping.h"

namespace takt {
namespace {

using Cut = RegionMapping::Cut;

// Far beyond any layer and buffer: larger ones would only overflow sums.
constexpr std::uint64_t kExtentMax = std::uint64_t{1} << 40U;
constexpr std::uint64_t kSlotsMax = 4096;
constexpr std::uint64_t kPartsMax = 65536;

const Choice<WorkUnit> kUnit{{{"matrix", WorkUnit::kMatrix}, {"vector", WorkUnit::kVector}}};

std::int64_t extent(Reader& tile, const char* name) {
  return static_cast<std::int64_t>(tile.required(name, Whole{1, kExtentMax}));
}

void read_pe_sets(Reader& layer, PeSets& sets) {
  Reader spec = layer.optional_map("pe_sets");
  const auto read = [&](const char* name, std::int64_t& into) {
    into = static_cast<std::int64_t>(spec.optional(name, Whole{1, UINT16_MAX}, 1));
  };
  read("filters", sets.filters);
  read("channels", sets.channels);
  read("filter_sets", sets.filter_sets);
  read("channel_sets", sets.channel_sets);
  spec.finish();
}

void read_matrix(Reader& layer, Reader& tile, RegionMapping& m) {
  m.g = extent(tile, "g");
  m.n = extent(tile, "n");
  m.p = extent(tile, "p");
  m.q = extent(tile, "q");
  m.o = extent(tile, "o");
  m.c = extent(tile, "c");
  m.order = layer.optional("outer",
                           Choice<TileOrder>{{{"pixels", TileOrder::kPixelsOuter},
                                              {"channels", TileOrder::kChannelsOuter}}},
                           m.order);
  m.fetch = layer.optional(
      "weights_by",
      Choice<WeightFetch>{{{"tile", WeightFetch::kTile}, {"pass", WeightFetch::kPass}}}, m.fetch);
  m.pack = static_cast<std::int64_t>(
      layer.optional("groups_a_pass", Whole{1, kExtentMax}, static_cast<std::uint64_t>(m.pack)));
  read_pe_sets(layer, m.sets);
}

void read_slots(Reader& layer, RegionMapping& m) {
  Reader slots = layer.optional_map("slots");
  const auto read = [&](const char* name, std::uint32_t& into) {
    into = static_cast<std::uint32_t>(slots.optional(name, Whole{1, kSlotsMax}, into));
  };
  if (m.rows == 0) {
    read("input", m.input_slots);
    read("weight", m.weight_slots);
  }
  read("operand", m.operand_slots);
  read("output", m.output_slots);
  slots.finish();
}

void read_cut(Reader& layer, RegionMapping& m) {
  if (layer.take("cut") == nullptr) return;
  Reader cut = layer.map("cut");
  Choice<Cut> words;
  for (const Cut c : {Cut::kNone, Cut::kGroups, Cut::kImages, Cut::kRows, Cut::kChannels}) {
    words.words.emplace_back(to_string(c), c);
  }
  m.cut = cut.required("by", words);
  m.parts = static_cast<std::uint32_t>(cut.required("parts", Whole{1, kPartsMax}));
  if (m.cut == Cut::kNone && m.parts > 1) {
    cut.error("by", "E-mapping", "cut into " + std::to_string(m.parts) + " parts by nothing",
              "cut by groups, images, rows or channels");
  }
  cut.finish();
}

RegionMapping read_mapping(Reader& layer) {
  RegionMapping m;
  const std::size_t errors = layer.errors().size();
  m.engine = layer.required("unit", kUnit);
  if (layer.errors().size() > errors) {
    // Which keys belong here depends on the unit.
    for (const char* key :
         {"tile", "outer", "weights_by", "groups_a_pass", "pe_sets", "slots", "cut"}) {
      layer.take(key);
    }
    return m;
  }
  Reader tile = layer.map("tile");
  // The vector unit has work of its own, and that of matrix operators that the array suits badly.
  if (m.engine == WorkUnit::kMatrix || tile.has("g")) {
    read_matrix(layer, tile, m);
  } else {
    m.n = extent(tile, "images");
    m.rows = std::max<std::int64_t>(1, extent(tile, "rows"));
  }
  tile.finish();
  read_slots(layer, m);
  read_cut(layer, m);
  return m;
}

Result<GivenMappings> read_tree(const std::optional<Node>& tree, Diagnostics errors) {
  if (!tree) return errors;
  GivenMappings mappings;
  Reader root(*tree, errors);
  for (Reader& layer : root.maps("layers", 0)) {
    GivenMapping given;
    const Node* at = layer.take("name");
    const std::string name = layer.required("name", Text{});
    given.mapping = read_mapping(layer);
    layer.finish();
    if (at == nullptr || name.empty()) continue;
    given.place = at->place();
    if (at->source) given.source_line = at->source->line(given.place.line);
    if (!mappings.emplace(name, given).second) {
      layer.error("name", "E-mapping", "layer " + quoted_for_message(name) + " is mapped twice");
    }
  }
  root.finish();
  if (!errors.empty()) return errors;
  return mappings;
}

}  // namespace

Result<GivenMappings> read_mappings(const std::string& file) {
  Diagnostics errors;
  const std::optional<Node> tree = parse_file(file, errors);
  return read_tree(tree, std::move(errors));
}

Result<GivenMappings> read_mappings_text(std::string text, const std::string& name) {
  Diagnostics errors;
  const std::optional<Node> tree = parse_text(std::move(text), name, errors);
  return read_tree(tree, std::move(errors));
}

}  // namespace takt
