// SPDX-License-Identifier: Apache-2.0
// The energy table: per action, each entry with its source; what depends on the machine (the size
// of a buffer's banks, the DRAM family) is picked from it here.
#include <algorithm>
#include <cmath>
#include <map>

#include "sim/machine/machine_spec_parts.h"

namespace takt::machine_spec {
namespace {

/// {value, kind, source}.
template <class Unit>
EnergyEntry read_entry(Reader& table, const std::string& key, const Unit& unit,
                       std::vector<SourcedValue>& values) {
  Reader entry = table.map(key);
  EnergyEntry out;
  const auto value = entry.required("value", unit);
  if constexpr (std::is_same_v<typename Unit::value_type, double>) {
    out.picojoules = Picojoules(value);
  } else {
    out.picojoules = value;
  }
  out.kind = entry.required("kind", source_kind());
  out.source = entry.required("source", Text{});
  entry.finish();
  values.push_back({entry.path(), unit.format(value), out.kind, out.source});
  return out;
}

/// A point of the SRAM table: energy of a byte in a bank of `size` whose accesses are `width` wide.
struct SramPoint {
  double size = 0;
  double width = 0;
  double picojoules = 0;
};

struct SramTable {
  std::vector<SramPoint> points;
  std::string kind;
  std::string source;
};

SramTable read_sram(Reader& table, std::vector<SourcedValue>& values) {
  Reader sram = table.map("sram");
  SramTable out;
  out.kind = sram.required("kind", source_kind());
  out.source = sram.required("source", Text{});
  for (Reader& point : sram.maps("points")) {
    SramPoint p;
    p.size = static_cast<double>(point.required("size", Size{}).value());
    p.width = static_cast<double>(point.required("width", Size{}).value());
    const Picojoules value = point.required("value", ByteEnergy{Zero::kRefused});
    p.picojoules = value.value();
    point.finish();
    out.points.push_back(p);
    values.push_back({point.path(), ByteEnergy{}.format(value), out.kind, out.source});
  }
  sram.finish();
  return out;
}

struct Sample {
  double at = 0;
  double value = 0;
};

/// Linear in log(at) and log(value) between the neighbours; beyond the ends, the end's value.
double interpolate(std::vector<Sample> samples, double at, bool& outside) {
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.at < b.at; });
  if (at <= samples.front().at || samples.size() == 1) {
    outside = outside || at != samples.front().at;
    return samples.front().value;
  }
  if (at >= samples.back().at) {
    outside = outside || at > samples.back().at;
    return samples.back().value;
  }
  std::size_t i = 1;
  while (samples[i].at < at) ++i;
  const Sample &low = samples[i - 1], &high = samples[i];
  const double share = std::log(at / low.at) / std::log(high.at / low.at);
  return low.value * std::pow(high.value / low.value, share);
}

/// An access of a bank, a byte: by size along each width of the table, then across widths.
EnergyEntry pick_sram(const SramTable& table, const Buffer& buffer) {
  const double bank = static_cast<double>(buffer.size.value()) / buffer.banks;
  const double width = static_cast<double>(buffer.width.value());
  std::map<double, std::vector<Sample>> by_width;
  for (const SramPoint& p : table.points) by_width[p.width].push_back({p.size, p.picojoules});
  bool outside = false;
  std::vector<Sample> across;
  for (const auto& [w, samples] : by_width) {
    across.push_back({w, interpolate(samples, bank, outside)});
  }
  EnergyEntry entry;
  entry.picojoules = Picojoules(interpolate(across, width, outside));
  // A figure stretched beyond its table is a guess, whatever the table was.
  entry.kind = outside ? "estimate" : table.kind;
  entry.source = table.source + (outside ? "; beyond the table: nearest point"
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
  Reader mac = table.map("mac");
  for (std::size_t i = 0; i < energy.mac.size(); ++i) {
    const std::string dtype(to_string(static_cast<DType>(i)));
    if (mac.has(dtype)) {
      energy.mac[i] = read_entry(mac, dtype, Energy{}, values);
    } else {
      mac.take(dtype);
      if (machine.matrix.rate[i].numerator != 0 && !mac.keys().empty()) {
        mac.error_here("E-missing-key",
                       "has no entry for " + dtype + ", which the array computes in");
      }
    }
  }
  mac.finish();
}

/// The machine's own figure, else the table's.
void read_static_power(Reader& root, Reader& table, EnergyEntry& out,
                       std::vector<SourcedValue>& values) {
  const bool in_table = table.has("static_power");
  if (in_table) out = read_entry(table, "static_power", Power{}, values);
  table.take("static_power");
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
  const SramTable sram = read_sram(table, values);
  read_dram(table, family, energy.dram_byte, values);
  energy.host_byte = read_entry(table, "host_byte", ByteEnergy{}, values);
  energy.noc_byte = read_entry(table, "noc_byte", ByteEnergy{}, values);
  read_static_power(root, table, energy.static_power_w, values);
  table.finish();
  if (table.resolved() != nullptr) clear_numbers(*table.resolved());
  if (!table.errors().empty()) return;
  for (std::uint32_t i = 0; i < machine.buffers.size(); ++i) {
    energy.buffer_byte.emplace_back(BufferId{i}, pick_sram(sram, machine.buffers[i]));
  }
  if (machine.shared.present()) energy.shared_byte = pick_sram(sram, machine.shared.memory);
}

}  // namespace takt::machine_spec
