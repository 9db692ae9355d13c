// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/mapping_check.h"

#include <algorithm>

#include "sim/config/suggest.h"
#include "sim/mapper/row_mapping.h"
#include "sim/mapper/tile_space.h"
#include "sim/mapper/timeloop_notation.h"

namespace takt {
namespace {

using Cut = RegionMapping::Cut;

struct Extent {
  const char* name;
  std::int64_t given, own;
};

std::string extents_fault(const std::vector<Extent>& extents) {
  for (const Extent& e : extents) {
    if (e.given < 1) return std::string("tile ") + e.name + " is " + std::to_string(e.given);
    if (e.given > e.own) {
      return std::string("tile ") + e.name + " is " + std::to_string(e.given) +
             ", the whole layer's " + e.name + " is " + std::to_string(e.own);
    }
  }
  return "";
}

/// Length of the dimension that is cut; 0 if the layer has no such dimension.
std::int64_t cut_length(const Region& region, Cut cut) {
  const MatrixWork& w = region.matrix;
  const bool vector = region.kind == Region::Kind::kVector;
  switch (cut) {
    case Cut::kNone: return 1;
    case Cut::kGroups: return vector ? 0 : w.g;
    case Cut::kImages: return vector ? region.vector.images : w.n;
    case Cut::kRows: return vector ? region.vector.rows : w.p;
    case Cut::kChannels: return vector ? 0 : w.o;
  }
  return 0;
}

std::string cut_fault(const Region& region, const Machine& machine, const RegionMapping& m) {
  if (m.parts < 1) return "it is cut into 0 parts";
  const auto parts = static_cast<std::int64_t>(m.parts);
  if (m.parts > machine.cores) {
    return "it is cut into " + std::to_string(parts) + " parts, machine '" + machine.name +
           "' has " + std::to_string(machine.cores) + (machine.cores == 1 ? " core" : " cores");
  }
  const std::int64_t length = cut_length(region, m.cut);
  const std::string by = to_string(m.cut);
  if (length == 0) return "vector work is cut by images or rows, not by " + by;
  const std::int64_t share = (length + parts - 1) / parts;
  if ((length + share - 1) / share != parts) {
    return std::to_string(parts) + " parts of " + std::to_string(length) + " " + by +
           " leave a core without work";
  }
  return "";
}

/// Several groups a pass, or products without the array.
std::string group_fault(const Region& region, const Machine& machine, const RegionMapping& m) {
  const MatrixWork& w = region.matrix;
  if (m.engine == WorkUnit::kVector) {
    if (m.r > 0 || m.s > 0) return "a lane adds up all taps of a channel: the kernel must be whole";
    const std::string sums = lane_sums_fault(region, machine, m);
    if (!sums.empty()) return sums;
    if (m.fetch == WeightFetch::kPass) return "the vector unit has no passes to fetch weights by";
    if (m.pack > 1) return "groups_a_pass is the array's, the layer is for the vector unit";
    return "";
  }
  if (m.pack == 1) return "";
  if (m.pack < 1) return "groups_a_pass is " + std::to_string(m.pack);
  const std::string given = "groups_a_pass is " + std::to_string(m.pack);
  if (m.pack > m.g) return given + ", a tile has " + std::to_string(m.g);
  const std::int64_t most = groups_a_pass_max(w, region.dtype, machine.matrix);
  if (m.pack > most) return given + ", " + std::to_string(most) + " fit the array side by side";
  if (m.o != w.o || m.c != w.c || m.r > 0 || m.s > 0) {
    return "groups side by side are whole: tile o and c must be all";
  }
  return "";
}

std::string vector_fault(const Region& region, const RegionMapping& m) {
  const VectorWork& v = region.vector;
  const std::string fault = extents_fault({{"images", m.n, v.images}, {"rows", m.rows, v.rows}});
  if (!fault.empty() || m.channels == 0) return fault;
  if (v.channels == 1) return "its rows are whole: tile channels must be left out";
  if (m.channels % v.channel_step != 0 && m.channels < v.channels) {
    return "tile channels is " + std::to_string(m.channels) + ", " +
           std::to_string(v.channel_step) + " of them go together";
  }
  return extents_fault({{"channels", m.channels, v.channels}});
}

std::string matrix_fault(const Region& region, const Machine& machine, const RegionMapping& m) {
  const MatrixWork& w = region.matrix;
  if (m.rows > 0) return "it is for vector work, the layer is a matrix operator";
  const bool rows_stay = machine.matrix.dataflow == Dataflow::kRowStationary;
  if (rows_stay && (m.r > 0 || m.s > 0 || m.order == TileOrder::kGiven)) {
    return "rows of a kernel stay in the PEs: it is never cut, nor are the loops reordered";
  }
  const std::string fault = extents_fault({{"g", m.g, w.g},
                                           {"n", m.n, w.n},
                                           {"p", m.p, w.p},
                                           {"q", m.q, w.q},
                                           {"o", m.o, w.o},
                                           {"c", m.c, w.c},
                                           {"r", m.r > 0 ? m.r : w.r, w.r},
                                           {"s", m.s > 0 ? m.s : w.s, w.s}});
  if (!fault.empty()) return fault;
  if (m.fetch == WeightFetch::kPass && !fetches_by_pass(w, machine)) {
    return "weights that are not packed are fetched by tile where a kernel has several taps";
  }
  const bool rows = machine.matrix.dataflow == Dataflow::kRowStationary;
  if (rows && m.engine == WorkUnit::kMatrix) return row_fault(region, machine.matrix, m);
  if (m.sets.any()) return "pe_sets are of row-stationary arrays";
  return group_fault(region, machine, m);
}

}  // namespace

std::string mapping_fault(const Region& region, const Machine& machine, const RegionMapping& m) {
  std::string fault;
  if (region.kind == Region::Kind::kMatrix) {
    fault = matrix_fault(region, machine, m);
  } else if (m.engine == WorkUnit::kMatrix || m.rows == 0) {
    fault = m.engine == WorkUnit::kMatrix ? "it is for the matrix unit, the layer is vector work"
                                          : "its tile is a matrix operator's";
  } else {
    fault = vector_fault(region, m);
  }
  if (!fault.empty()) return fault;
  for (const auto& [name, slots] : {std::pair{"input", m.input_slots},
                                    {"weight", m.weight_slots},
                                    {"operand", m.operand_slots},
                                    {"output", m.output_slots}}) {
    if (slots < 1) return std::string("it has 0 slots for ") + name + " tiles";
  }
  return cut_fault(region, machine, m);
}

Diagnostic mapping_error(const std::string& name, const GivenMapping& given, std::string message) {
  Diagnostic d;
  d.name = "E-mapping";
  d.place = given.place;
  d.source_line = given.source_line;
  d.path = name == kOnlyLayer ? "mapping" : "layer '" + name + "'";
  d.message = std::move(message);
  return d;
}

Diagnostics check_mappings(const GivenMappings& given, const RegionGraph& graph,
                           const Machine& machine) {
  Diagnostics errors;
  std::vector<std::string> names;
  for (const Region& region : graph.regions) names.push_back(region.name);
  for (const auto& [name, mapping] : given) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      Diagnostic d = mapping_error(name, mapping, "the network has no such layer");
      if (const auto near = suggest(name, names)) d.hint = "did you mean '" + *near + "'?";
      errors.push_back(std::move(d));
      continue;
    }
    const Region& region = graph.regions[static_cast<std::size_t>(found - names.begin())];
    const std::string fault = mapping_fault(region, machine, mapping.mapping);
    if (!fault.empty()) {
      errors.push_back(
          mapping_error(name, mapping, "the mapping is not one of this layer: " + fault));
    }
  }
  return errors;
}

namespace {

/// The one matrix operator of a network, by name; nothing if there are several or none.
std::optional<std::string> only_matrix_layer(const RegionGraph& graph) {
  std::optional<std::string> name;
  for (const Region& region : graph.regions) {
    if (region.kind != Region::Kind::kMatrix) continue;
    if (name) return std::nullopt;
    name = region.name;
  }
  return name;
}

Diagnostic notation_error(const std::string& name, const GivenMapping& given,
                          const TimeloopMeaning& meaning) {
  Diagnostic d =
      mapping_error(name, given, "the mapping is not one of this layer: " + meaning.fault);
  if (meaning.column >= 0 && d.place.column > 0) d.place.column += meaning.column;
  return d;
}

}  // namespace

Result<GivenMappings> settle_mappings(const GivenMappings& given, const RegionGraph& graph,
                                      const Machine& machine) {
  GivenMappings settled;
  Diagnostics errors;
  for (const auto& [as_given, mapping] : given) {
    std::string name = as_given;
    if (name == kOnlyLayer && mapping.timeloop) {
      const std::optional<std::string> only = only_matrix_layer(graph);
      if (!only) {
        errors.push_back(mapping_error(
            name, mapping, "the network has not one matrix operator: name the layer in a file"));
        continue;
      }
      name = *only;
    }
    GivenMapping& own = settled.emplace(name, mapping).first->second;
    const auto region = std::find_if(graph.regions.begin(), graph.regions.end(),
                                     [&name](const Region& r) { return r.name == name; });
    if (!mapping.timeloop || region == graph.regions.end()) continue;
    const TimeloopMeaning meaning = meaning_of(*mapping.timeloop, *region, machine);
    if (!meaning.fault.empty()) errors.push_back(notation_error(name, mapping, meaning));
    own.mapping = meaning.mapping;
  }
  // A mapping whose notation is wrong is not judged a second time.
  if (errors.empty()) errors = check_mappings(settled, graph, machine);
  if (!errors.empty()) return errors;
  return settled;
}

}  // namespace takt
