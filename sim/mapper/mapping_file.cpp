// SPDX-License-Identifier: Apache-2.0
// Mapping files as they are read.
#include "sim/mapper/mapping_file.h"

#include <algorithm>

#include "sim/config/parse.h"
#include "sim/config/reader.h"
#include "sim/mapper/timeloop_notation.h"

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

/// The loops over tiles, by a word for two usual orders or by their letters.
void read_order(Reader& layer, RegionMapping& m) {
  m.order = layer.optional("outer",
                           Choice<TileOrder>{{{"pixels", TileOrder::kPixelsOuter},
                                              {"channels", TileOrder::kChannelsOuter}}},
                           m.order);
  const std::optional<std::string> letters = layer.maybe("loops", Text{});
  if (!letters) return;
  const std::optional<TileLoops> loops = loops_of_letters(*letters);
  if (layer.has("outer")) {
    layer.error("loops", "E-conflicting-keys", "give either outer or loops, not both");
  } else if (!loops) {
    layer.error(
        "loops", "E-mapping",
        "must have each of the letters " + std::string(kTileDimLetters) + " once, outermost first");
  } else {
    m.order = TileOrder::kGiven;
    m.given_loops = *loops;
  }
}

void read_matrix(Reader& layer, Reader& tile, RegionMapping& m) {
  m.g = extent(tile, "g");
  m.n = extent(tile, "n");
  m.p = extent(tile, "p");
  m.q = extent(tile, "q");
  m.o = extent(tile, "o");
  m.c = extent(tile, "c");
  // Left out, a kernel is in the tile whole.
  m.r = static_cast<std::int64_t>(tile.optional("r", Whole{0, kExtentMax}, 0));
  m.s = static_cast<std::int64_t>(tile.optional("s", Whole{0, kExtentMax}, 0));
  read_order(layer, m);
  m.reload = layer.optional("reload", Flag{}, m.reload);
  m.steps = static_cast<std::int64_t>(layer.optional("steps", Whole{0, kExtentMax}, 0));
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

/// All keys that only some mappings have.
constexpr const char* kOwnKeys[] = {"tile",       "outer",         "loops",   "reload", "steps",
                                    "weights_by", "groups_a_pass", "pe_sets", "slots",  "cut"};

RegionMapping read_mapping(Reader& layer) {
  RegionMapping m;
  const std::size_t errors = layer.errors().size();
  m.engine = layer.required("unit", kUnit);
  if (layer.errors().size() > errors) {
    // Which keys belong here depends on the unit.
    for (const char* key : kOwnKeys) layer.take(key);
    return m;
  }
  Reader tile = layer.map("tile");
  // The vector unit has work of its own, and that of matrix operators that the array suits badly.
  if (m.engine == WorkUnit::kMatrix || tile.has("g")) {
    read_matrix(layer, tile, m);
  } else {
    m.n = extent(tile, "images");
    m.rows = std::max<std::int64_t>(1, extent(tile, "rows"));
    m.channels = static_cast<std::int64_t>(tile.optional("channels", Whole{0, kExtentMax}, 0));
  }
  tile.finish();
  read_slots(layer, m);
  read_cut(layer, m);
  return m;
}

std::optional<TimeloopMapping> read_notation(Reader& layer, Diagnostics& errors) {
  const Node* const node = layer.take("mapping_timeloop");
  if (node == nullptr) return std::nullopt;
  if (!node->is_scalar()) {
    layer.error("mapping_timeloop", "E-wrong-shape", "expected text, got " + node->describe());
    return TimeloopMapping{};
  }
  Place place = node->place();
  if (node->quoted && place.column > 0) ++place.column;
  const std::string line = node->source ? node->source->line(place.line) : "";
  Result<TimeloopMapping> read = read_timeloop(node->text, place, line);
  if (read) return *read;
  errors.insert(errors.end(), read.errors().begin(), read.errors().end());
  return TimeloopMapping{};
}

GivenWord word_at(const std::string& text, const Node& node, const Place& place) {
  return {text, place, node.source ? node.source->line(place.line) : ""};
}

std::optional<std::vector<GivenWord>> read_names(Reader& on_chip, const char* key) {
  const Node* const node = on_chip.take(key);
  if (node == nullptr) return std::nullopt;
  const std::vector<std::string> names = on_chip.list(key, Text{}, 0);
  std::vector<GivenWord> words;
  for (std::size_t i = 0; i < names.size() && names.size() == node->children.size(); ++i) {
    words.push_back(word_at(names[i], node->children[i], node->children[i].place()));
  }
  return words;
}

NetworkPlan read_network_plan(Reader& root) {
  NetworkPlan plan;
  if (const Node* const node = root.take("batch_parts")) {
    plan.batch_parts =
        static_cast<std::uint32_t>(root.optional("batch_parts", Whole{1, kPartsMax}, 1));
    plan.batch_parts_at = word_at("batch_parts", *node, node->place());
  }
  const Node* const node = root.take("on_chip");
  if (node == nullptr) return plan;
  plan.on_chip_at = word_at("on_chip", *node, node->key_place());
  Reader on_chip = root.map("on_chip");
  plan.resident = read_names(on_chip, "unified");
  plan.shared = read_names(on_chip, "shared");
  plan.packed = on_chip.optional("packed", Flag{}, false);
  on_chip.finish();
  return plan;
}

Result<MappingFile> read_tree(const std::optional<Node>& tree, Diagnostics errors) {
  if (!tree) return errors;
  MappingFile file;
  Reader root(*tree, errors);
  file.network = read_network_plan(root);
  for (Reader& layer : root.maps("layers", 0)) {
    GivenMapping given;
    const Node* at = layer.take("name");
    const std::string name = layer.required("name", Text{});
    given.timeloop = read_notation(layer, errors);
    if (!given.timeloop) given.mapping = read_mapping(layer);
    layer.finish();
    if (at == nullptr || name.empty()) continue;
    given.place = at->place();
    if (at->source) given.source_line = at->source->line(given.place.line);
    if (!file.layers.emplace(name, given).second) {
      layer.error("name", "E-mapping", "layer " + quoted_for_message(name) + " is mapped twice");
    }
  }
  root.finish();
  if (!errors.empty()) return errors;
  return file;
}

}  // namespace

Result<MappingFile> read_mappings(const std::string& file) {
  Diagnostics errors;
  const std::optional<Node> tree = parse_file(file, errors);
  return read_tree(tree, std::move(errors));
}

Result<MappingFile> read_mappings_text(std::string text, const std::string& name) {
  Diagnostics errors;
  const std::optional<Node> tree = parse_text(std::move(text), name, errors);
  return read_tree(tree, std::move(errors));
}

Result<MappingFile> read_mapping_in_place(const std::string& text) {
  const std::string prefix = kMappingInPlace;
  Place place;
  place.file = "--mapping";
  place.line = 1;
  place.column = static_cast<int>(prefix.size()) + 1;
  Result<TimeloopMapping> read = read_timeloop(text.substr(prefix.size()), place, text);
  if (!read) return read.errors();
  GivenMapping given;
  given.timeloop = std::move(*read);
  given.place = place;
  given.source_line = text;
  return MappingFile{{{kOnlyLayer, given}}, {}};
}

}  // namespace takt
