// SPDX-License-Identifier: Apache-2.0
// The areas of an energy table, `energy.area`.
#include "sim/machine/area.h"
#include "sim/machine/machine_spec_entry.h"

namespace takt::machine_spec {
namespace {

SramTable read_sram_area(Reader& table, std::vector<SourcedValue>& values) {
  Reader sram = table.map("sram");
  const std::string kind = sram.required("kind", source_kind());
  const std::string source = sram.required("source", Text{});
  SramTable out;
  out.port_factor = read_factor(sram, "port_factor", kind, source, values);
  for (Reader& point : sram.maps("points")) {
    SramPoint p = read_place(point);
    p.value = point.required("value", size_area_type());
    point.finish();
    out.points.push_back(p);
    values.push_back({point.path(), size_area_type().format(p.value), kind, source});
  }
  sram.finish();
  return out;
}

double read_mm2(Reader& table, const std::string& key, std::vector<SourcedValue>& values) {
  return read_entry(table, key, area_type(), values).picojoules.value();
}

void read_mac_areas(Reader& table, const Machine& machine, AreaTable& area,
                    std::vector<SourcedValue>& values) {
  read_by_type(table, machine, [&](Reader& mac, std::size_t i, const std::string& dtype) {
    area.mac[i] = read_mm2(mac, dtype, values);
  });
}

double read_dram_area(Reader& table, const std::string& family, std::vector<SourcedValue>& values) {
  Reader dram = table.map("dram_bit");
  double found = 0;
  bool known = family.empty() || dram.keys().empty();
  for (const std::string& key : dram.keys()) {
    const double mm2 = read_mm2(dram, key, values);
    if (key != family) continue;
    found = mm2;
    known = true;
  }
  if (!known) {
    dram.error_here("E-missing-key", "has no entry for the memory's family '" + family + "'");
  }
  return found;
}

/// {value: 2.5, kind, source}: a number without a unit; of a `share`, below 1.
double read_ratio(Reader& table, const std::string& key, bool share,
                  std::vector<SourcedValue>& values) {
  Reader entry = table.map(key);
  const Fraction::value_type value = entry.required("value", Fraction{});
  if (share && value.numerator >= value.denominator) {
    entry.error("value", "E-out-of-range", "must be below 1");
  }
  const std::string kind = entry.required("kind", source_kind());
  values.push_back(
      {entry.path(), Fraction{}.format(value), kind, entry.required("source", Text{})});
  entry.finish();
  return 1.0 * value.numerator / value.denominator;
}

}  // namespace

double read_factor(Reader& table, const std::string& key, const std::string& kind,
                   const std::string& source, std::vector<SourcedValue>& values) {
  const Fraction::value_type value = table.optional(key, Fraction{}, {1, 1});
  values.push_back({table.path_of(key), Fraction{}.format(value), kind, source});
  return 1.0 * value.numerator / value.denominator;
}

SramPoint read_place(Reader& point) {
  SramPoint out;
  out.size = static_cast<double>(point.required("size", Size{}).value());
  out.width = static_cast<double>(point.required("width", Size{}).value());
  return out;
}

std::optional<DieArea> read_area(Reader& energy, const Machine& machine, const std::string& family,
                                 std::vector<SourcedValue>& values) {
  // Without a table at all its keys are asked for, so that they are known.
  if (!energy.has("area") && !energy.broken()) {
    energy.take("area");
    return std::nullopt;
  }
  Reader spec = energy.map("area");
  AreaTable table;
  read_mac_areas(spec, machine, table, values);
  table.register_bit = read_mm2(spec, "register_bit", values);
  table.vector_lane = read_mm2(spec, "vector_lane", values);
  table.sram = read_sram_area(spec, values);
  table.dram_bit = read_dram_area(spec, family, values);
  table.host_lane = read_mm2(spec, "host_lane", values);
  table.blocks = read_ratio(spec, "blocks", false, values);
  table.rest_share = read_ratio(spec, "rest_share", true, values);
  spec.finish();
  if (!energy.errors().empty()) return std::nullopt;
  return area_of(table, machine);
}

}  // namespace takt::machine_spec
