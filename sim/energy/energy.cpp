// SPDX-License-Identifier: Apache-2.0
#include "sim/energy/energy.h"

#include <algorithm>

namespace takt {
namespace {

/// Entries are summed one by one, so that what rests on estimates is known.
class Sum {
 public:
  explicit Sum(EnergyRecord& record) : record_(record) {}
  void add(Picojoules& account, std::uint64_t actions, const EnergyEntry& entry) {
    add(account, static_cast<double>(actions) * entry.picojoules.value(), entry);
  }
  void add(Picojoules& account, double picojoules, const EnergyEntry& entry) {
    account += Picojoules(picojoules);
    if (entry.kind == "estimate" || entry.kind == "fitted") {
      record_.estimated += Picojoules(picojoules);
    }
  }

 private:
  EnergyRecord& record_;
};

constexpr double kPicojoulesPerJoule = 1e12;

}  // namespace

// Dynamic: actions x energy of one. Static: watts x cycles / clock.
// Accumulators and scratchpads are memories, hence part of `sram`. Multiply-accumulates on the
// vector unit are among its lane operations; they cost what the array's do if the table knows the
// type.
EnergyRecord energy_of(const ActionCounts& counts, const Machine& machine, DType dtype,
                       Cycles cycles) {
  const EnergyTable& table = machine.energy;
  const auto type = static_cast<std::size_t>(dtype);
  // Row numbers and shapes are whole numbers of other types: the vector unit's work alone.
  CHECK(type < table.mac.size() || counts.macs_executed == 0)
      << to_string(dtype) << " is not computed in";
  const EnergyEntry& mac = type < table.mac.size() ? table.mac[type] : table.vector_op;
  EnergyRecord out;
  Sum sum(out);
  sum.add(out.matrix, counts.macs_executed, mac);
  const EnergyEntry& vector_mac = mac.kind.empty() ? table.vector_op : mac;
  const std::uint64_t vector_macs = std::min(counts.vector_macs, counts.vector_lane_ops);
  sum.add(out.vector, counts.vector_lane_ops - vector_macs, table.vector_op);
  sum.add(out.vector, vector_macs, vector_mac);
  sum.add(out.sram, counts.accumulator_accesses, table.accumulator_access);
  sum.add(out.sram, counts.scratchpad_accesses, table.scratchpad_access);
  for (const auto& [buffer, entry] : table.buffer_byte) {
    CHECK(buffer.index < kBuffersMax) << "buffer " << buffer.index;
    sum.add(out.sram,
            counts.buffer_read_bytes[buffer.index] + counts.buffer_write_bytes[buffer.index],
            entry);
  }
  sum.add(out.sram, counts.shared_read_bytes + counts.shared_write_bytes, table.shared_byte);
  sum.add(out.dram, counts.dram_read_bytes + counts.dram_write_bytes, table.dram_byte);
  sum.add(out.host_link, counts.host_read_bytes + counts.host_write_bytes, table.host_byte);
  sum.add(out.noc, counts.noc_bytes, table.noc_byte);
  const double seconds =
      static_cast<double>(cycles.value()) / static_cast<double>(machine.clock.hz());
  const double watts = table.static_power_w.picojoules.value();
  sum.add(out.leakage, watts * seconds * kPicojoulesPerJoule, table.static_power_w);
  return out;
}

}  // namespace takt
