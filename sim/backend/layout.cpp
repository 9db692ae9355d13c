// SPDX-License-Identifier: Apache-2.0
#include "sim/backend/layout.h"

#include <algorithm>

#include "sim/base/math.h"
#include "sim/mapper/vector_space.h"

namespace takt {

std::size_t TensorUse::first() const {
  return std::min(makers.empty() ? SIZE_MAX : makers.front(),
                  readers.empty() ? SIZE_MAX : readers.front());
}

std::size_t TensorUse::last() const {
  return std::max(makers.empty() ? 0 : makers.back(), readers.empty() ? 0 : readers.back());
}

std::vector<std::size_t> tensors_of(const Region& region) {
  std::vector<std::size_t> tensors;
  if (region.kind == Region::Kind::kMatrix) {
    tensors.push_back(region.matrix.input.tensor.index);
    tensors.push_back(region.matrix.weight.tensor.index);
  }
  for (const VectorOperand& operand : region.operands) tensors.push_back(operand.tensor.index);
  tensors.push_back(region.output.tensor.index);
  return tensors;
}

bool TensorUse::grows() const {
  return std::any_of(makers.begin(), makers.end(), [&](std::size_t maker) {
    return std::find(readers.begin(), readers.end(), maker) != readers.end();
  });
}

std::vector<TensorUse> tensor_uses(const RegionGraph& graph) {
  std::vector<TensorUse> uses(graph.tensors.size());
  for (std::size_t r = 0; r < graph.regions.size(); ++r) {
    const Region& region = graph.regions[r];
    const bool copies = copies_only(region);
    const auto reads = [&](TensorId id) {
      uses[id.index].readers.push_back(r);
      uses[id.index].copied |= copies;
    };
    if (region.kind == Region::Kind::kMatrix) {
      reads(region.matrix.input.tensor);
      reads(region.matrix.weight.tensor);
    }
    for (const VectorOperand& operand : region.operands) reads(operand.tensor);
    TensorUse& out = uses[region.output.tensor.index];
    out.makers.push_back(r);
    out.copied |= copies;
  }
  return uses;
}

std::vector<std::size_t> order_of_use(const RegionGraph& graph) {
  std::vector<std::size_t> order;
  std::vector<bool> seen(graph.tensors.size(), false);
  const auto touch = [&](std::size_t tensor) {
    if (!seen[tensor]) order.push_back(tensor);
    seen[tensor] = true;
  };
  for (const Region& region : graph.regions) {
    for (const std::size_t tensor : tensors_of(region)) touch(tensor);
  }
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) touch(t);
  return order;
}

bool has_weight_fifo(const Machine& machine) {
  return machine.weights != machine.unified && machine.buffers[machine.weights.index].slots > 0 &&
         machine.matrix.count == 1;
}

std::uint64_t shared_bytes(const StoredTensor& tensor) {
  return round_up(std::max<std::uint64_t>(1, tensor.bytes()), 64);
}

RegionRoom room_on(const Machine& machine) {
  RegionRoom room;
  const Buffer& weights = machine.buffers[machine.weights.index];
  if (machine.weights != machine.unified) room.weight_bytes = weights.size.value();
  if (has_weight_fifo(machine)) room.weight_slot_bytes = weights.size.value() / weights.slots;
  return room;
}

std::vector<TensorPlacement> place_in_dram(const RegionGraph& graph, const Machine& machine) {
  const std::uint64_t align = std::max<std::uint64_t>(64, machine.memory.interleave.value());
  std::vector<TensorPlacement> places(graph.tensors.size());
  std::uint64_t next = 0;
  for (const std::size_t i : order_of_use(graph)) {
    places[i].dram_address = next;
    places[i].dram_span = round_up(graph.tensors[i].bytes(), align);
    next += places[i].dram_span;
  }
  return places;
}

}  // namespace takt
