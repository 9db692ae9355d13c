// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/shared_residents.h"

#include "sim/backend/allocate.h"

namespace takt {
namespace {

bool may_stay(const StoredTensor& tensor, const TensorUse& use, const Machine& machine) {
  if (tensor.kind == TensorKind::kParameter || !use.used()) return false;
  const bool input = tensor.kind == TensorKind::kInput;
  // Of a part of a network, what no layer of it makes lies in DRAM.
  if (!input && use.makers.empty()) return false;
  // Without a host link, inputs lie in DRAM at the start, and outputs must at the end.
  return machine.host.enabled || !(input || tensor.is_output);
}

}  // namespace

std::vector<bool> shared_residents(const RegionGraph& graph, const Machine& machine,
                                   const std::vector<TensorUse>& uses,
                                   const std::vector<bool>& resident) {
  std::vector<bool> shared(graph.tensors.size(), false);
  BufferAllocator allocator(machine.shared.memory.size.value());
  for (const std::size_t t : order_of_use(graph)) {
    if (resident[t] || !may_stay(graph.tensors[t], uses[t], machine)) continue;
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
