// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/shared_residents.h"

#include "sim/backend/allocate.h"

namespace takt {
std::string shared_fault(const RegionGraph& graph, const Machine& machine,
                         const std::vector<TensorUse>& uses, std::size_t t) {
  const StoredTensor& tensor = graph.tensors[t];
  if (!machine.shared.present()) return "the machine has no shared buffer";
  if (tensor.kind == TensorKind::kParameter) return "it is a parameter";
  if (!uses[t].used()) return "no layer uses it";
  const bool input = tensor.kind == TensorKind::kInput;
  // Of a part of a network, what no layer of it makes lies in DRAM.
  if (!input && uses[t].makers.empty()) return "no layer makes it";
  // Without a host link, inputs lie in DRAM at the start, and outputs must at the end.
  if (machine.host.enabled || !(input || tensor.is_output)) return "";
  return "without a host link it lies in DRAM";
}

std::vector<bool> shared_residents(const RegionGraph& graph, const Machine& machine,
                                   const std::vector<TensorUse>& uses,
                                   const std::vector<bool>& resident) {
  std::vector<bool> shared(graph.tensors.size(), false);
  BufferAllocator allocator(machine.shared.memory.size.value());
  for (const std::size_t t : order_of_use(graph)) {
    if (resident[t] || !shared_fault(graph, machine, uses, t).empty()) continue;
    const std::uint64_t bytes = shared_bytes(graph.tensors[t]);
    shared[t] = allocator.take(bytes, uses[t].first(), uses[t].last()).has_value();
  }
  return shared;
}

void add_shared(const Region& region, const std::vector<bool>& shared, RegionRoom& room) {
  const auto is = [&](TensorId id) {
    return id.valid() && id.index < shared.size() && shared[id.index];
  };
  if (region.kind == Region::Kind::kMatrix) {
    room.input_shared = is(region.matrix.input.tensor);
    room.weight_shared = is(region.matrix.weight.tensor);
  }
  room.output_shared = is(region.output.tensor);
  for (const VectorOperand& operand : region.operands) {
    room.operand_shared.push_back(is(operand.tensor));
  }
}

}  // namespace takt
