// SPDX-License-Identifier: Apache-2.0
// The energy table: per action, each entry with its source; what depends on the machine (the size
// of a buffer's banks, the DRAM family) is picked from it here.
#include "sim/machine/machine_spec_entry.h"

namespace takt::machine_spec {
namespace {

/// What an energy table says about a process's memories: energy of a byte.
struct SramEnergy {
  SramTable table;
  std::string kind;
  std::string source;
};

SramEnergy read_sram(Reader& table, std::vector<SourcedValue>& values) {
  Reader sram = table.map("sram");
  SramEnergy out;
  out.kind = sram.required("kind", source_kind());
  out.source = sram.required("source", Text{});
  out.table.port_factor = read_factor(sram, "port_factor", out.kind, out.source, values);
  for (Reader& point : sram.maps("points")) {
    SramPoint p = read_place(point);
    const Picojoules value = point.required("value", ByteEnergy{Zero::kRefused});
    p.value = value.value();
    point.finish();
    out.table.points.push_back(p);
    values.push_back({point.path(), ByteEnergy{}.format(value), out.kind, out.source});
  }
  sram.finish();
  return out;
}

/// A byte of an access of one of the buffer's banks.
EnergyEntry pick_sram(const SramEnergy& sram, const Buffer& buffer) {
  const SramValue found = value_of_bank(sram.table, buffer);
  EnergyEntry entry;
  entry.picojoules = Picojoules(found.value);
  // A figure stretched beyond its table is a guess, whatever the table was.
  entry.kind = found.outside ? "estimate" : sram.kind;
  entry.source = sram.source + (found.outside ? "; beyond the table: nearest point"
                                              : "; interpolated by bank size and width");
  return entry;
}

void read_dram(Reader& table, const std::string& family, EnergyEntry& out,
               std::vector<SourcedValue>& values) {
  Reader dram = table.map("dram");
  bool found = family.empty();
  for (const std::string& key : dram.keys()) {
    const EnergyEntry entry = read_entry(dram, key, ByteEnergy{}, values);
    if (key != family) continue;
    out = entry;
    found = true;
  }
  if (family.empty()) out = {Picojoules(0.0), "estimate", "an ideal memory without a standard"};
  if (found || dram.keys().empty()) return;
  dram.error_here("E-missing-key", "has no entry for the memory's family '" + family + "'");
}

void read_macs(Reader& table, const Machine& machine, EnergyTable& energy,
               std::vector<SourcedValue>& values) {
  read_by_type(table, machine, [&](Reader& mac, std::size_t i, const std::string& dtype) {
    energy.mac[i] = read_entry(mac, dtype, Energy{}, values);
  });
}

/// An entry that a table may leave out; its keys are asked for wherever there is no table at all.
template <class Unit>
EnergyEntry read_optional_entry(Reader& table, const std::string& key, const Unit& unit,
                                std::vector<SourcedValue>& values) {
  if (table.has(key)) return read_entry(table, key, unit, values);
  table.take(key);
  return {};
}

/// The machine's own figure, else the table's, else what its process takes by area.
void read_static_power(Reader& root, Reader& table, const std::optional<DieArea>& area,
                       EnergyEntry& out, std::vector<SourcedValue>& values) {
  out = read_optional_entry(table, "static_power", Power{}, values);
  const EnergyEntry density =
      read_optional_entry(table, "static_density", power_area_type(), values);
  if (out.kind.empty() && !density.kind.empty()) {
    if (area) {
      out = density;
      out.picojoules = Picojoules(density.picojoules.value() * area->total());
    } else if (table.errors().empty() && !root.has("static_power")) {
      table.error("static_density", "E-missing-key", "needs the areas of `area` in the same table");
    }
  }
  const bool in_table = !out.kind.empty() || !density.kind.empty();
  const auto own = root.maybe("static_power", Power{});
  if (own) {
    out.picojoules = Picojoules(*own);
    out.kind.clear();  // comes from the machine's sources, once these are read
  } else if (!in_table && !table.broken() && !root.has("static_power")) {
    root.error("static_power", "E-missing-key", "is missing here and in the energy table");
  }
}

void clear_numbers(Resolved& node) {
  node.number = false;
  if (node.key == "kind" || node.key == "source") node.hashed = false;
  for (const auto& child : node.children) clear_numbers(*child);
}

}  // namespace

void read_energy(Reader& root, Machine& machine, const std::string& family,
                 std::vector<SourcedValue>& values) {
  Reader table = root.map("energy");
  EnergyTable& energy = machine.energy;
  energy.name = table.required("name", Text{});
  energy.technology = table.required("technology", Text{});
  read_macs(table, machine, energy, values);
  energy.vector_op = read_entry(table, "vector_op", Energy{}, values);
  energy.accumulator_access = read_entry(table, "accumulator_access", Energy{}, values);
  if (table.has("scratchpad_access")) {
    energy.scratchpad_access = read_entry(table, "scratchpad_access", Energy{}, values);
  } else {
    table.take("scratchpad_access");
    if (machine.matrix.dataflow == Dataflow::kRowStationary && !table.keys().empty()) {
      table.error_here("E-missing-key",
                       "has no entry for scratchpad_access, which a row-stationary array needs");
    }
  }
  const SramEnergy sram = read_sram(table, values);
  read_dram(table, family, energy.dram_byte, values);
  energy.host_byte = read_entry(table, "host_byte", ByteEnergy{}, values);
  energy.noc_byte = read_entry(table, "noc_byte", ByteEnergy{}, values);
  machine.area = read_area(table, machine, family, values);
  read_static_power(root, table, machine.area, energy.static_power_w, values);
  table.finish();
  if (table.resolved() != nullptr) clear_numbers(*table.resolved());
  if (!table.errors().empty()) return;
  for (std::uint32_t i = 0; i < machine.buffers.size(); ++i) {
    energy.buffer_byte.emplace_back(BufferId{i}, pick_sram(sram, machine.buffers[i]));
  }
  if (machine.shared.present()) energy.shared_byte = pick_sram(sram, machine.shared.memory);
}

}  // namespace takt::machine_spec
