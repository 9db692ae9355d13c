// SPDX-License-Identifier: Apache-2.0
#pragma once
// Entries of energy tables, {value, kind, source}, for the readers of energies and of areas. Inside
// this folder only.

#include "sim/machine/machine_spec_parts.h"
#include "sim/machine/sram_table.h"

namespace takt::machine_spec {

/// The value counts in the unit's own base: pJ, pJ/B, W, mm2.
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

/// `read(entries, type, key)` for every type that `mac` has an entry for; the types that the array
/// computes in must have one, unless there is none at all.
template <class Read>
void read_by_type(Reader& table, const Machine& machine, Read&& read) {
  Reader mac = table.map("mac");
  for (std::size_t i = 0; i < machine.matrix.rate.size(); ++i) {
    const std::string dtype(to_string(static_cast<DType>(i)));
    if (mac.has(dtype)) {
      read(mac, i, dtype);
      continue;
    }
    mac.take(dtype);
    if (machine.matrix.rate[i].numerator != 0 && !mac.keys().empty()) {
      mac.error_here("E-missing-key",
                     "has no entry for " + dtype + ", which the array computes in");
    }
  }
  mac.finish();
}

/// A plain factor whose source is that of the map it stands in; 1 if it is not there.
double read_factor(Reader& table, const std::string& key, const std::string& kind,
                   const std::string& source, std::vector<SourcedValue>& values);

/// `size` and `width` of a point of a table of memories.
SramPoint read_place(Reader& point);

}  // namespace takt::machine_spec
