// SPDX-License-Identifier: Apache-2.0
// Where residents and slots lie on chip.
#include <algorithm>

#include "sim/backend/program_builder.h"
#include "sim/base/math.h"
#include "sim/mapper/vector_space.h"

namespace takt {

bool ProgramBuilder::place_resident(std::size_t t, std::size_t first, std::size_t last) {
  const std::uint64_t bytes = round_up(std::max<std::uint64_t>(1, graph_.tensors[t].bytes()), 64);
  const auto area = allocators_.at(machine_.unified.index).take(bytes, first, last);
  if (!area) return false;
  TensorPlacement& place = program_->tensors[t];
  place.resident = true;
  place.in_dram = false;
  place.buffer_address = area->address;
  residents_.push_back({*area, machine_.unified, {}, {}});
  resident_tensor_.push_back(t);
  return true;
}

void ProgramBuilder::place_shared(std::size_t t, std::size_t first, std::size_t last) {
  const auto area =
      allocators_.at(shared_buffer().index).take(shared_bytes(graph_.tensors[t]), first, last);
  CHECK(area) << "the shared buffer was dealt out otherwise when it was decided";
  TensorPlacement& place = program_->tensors[t];
  place.shared = true;
  place.in_dram = false;
  place.buffer_address = area->address;
  residents_.push_back({*area, shared_buffer(), {}, {}});
  resident_tensor_.push_back(t);
}

std::optional<std::size_t> ProgramBuilder::place_residents() {
  for (const std::size_t t : order_of_use(graph_)) {
    const TensorUse& use = uses_[t];
    if (keeps_shared(t) && use.used()) place_shared(t, use.first(), use.last());
    if (!decisions_.resident[t] || !use.used()) continue;
    if (!place_resident(t, use.first(), use.last())) return use.first();
  }
  tensors_ = std::make_shared<const std::vector<TensorPlacement>>(program_->tensors);
  return std::nullopt;
}

bool ProgramBuilder::place_residents_alone(std::size_t region) {
  // In the order in which the whole network first touches them.
  std::vector<std::size_t> touched = tensors_of(graph_.regions[region]);
  std::stable_sort(touched.begin(), touched.end(), [this](std::size_t a, std::size_t b) {
    if (a == b) return false;
    const std::size_t first_a = uses_[a].first(), first_b = uses_[b].first();
    if (first_a != first_b) return first_a < first_b;
    for (const std::size_t t : tensors_of(graph_.regions[first_a])) {
      if (t == a || t == b) return t == a;
    }
    return false;
  });
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (const std::size_t t : touched) {
    TensorPlacement& place = program_->tensors[t];
    place.resident = place.shared = false;
    place.in_dram = true;
    place.buffer_address = 0;
    if (keeps_shared(t)) place_shared(t, region, region);
    if (decisions_.resident[t] && !place_resident(t, region, region)) return false;
  }
  // Not owned: the nests of one region are gone before the program is.
  tensors_ = std::shared_ptr<const std::vector<TensorPlacement>>(std::shared_ptr<const void>(),
                                                                 &program_->tensors);
  return true;
}

bool ProgramBuilder::place_slot(std::size_t region, OperandPlace& place, std::uint64_t bytes,
                                std::uint32_t slots, BufferId buffer, std::vector<Role> writers,
                                std::vector<Role> users, Step& step) {
  place.buffer = buffer;
  place.slots = slots;
  place.slot_bytes = bytes;
  const auto area =
      allocators_.at(buffer.index)
          .take(std::max<std::uint64_t>(64, bytes * slots), region, region, decisions_.packed);
  if (!area) return false;
  place.address = area->address;
  step.placed.push_back({*area, buffer, std::move(writers), std::move(users)});
  return true;
}

bool ProgramBuilder::place_slots(std::size_t r, Step& step) {
  const Region& region = graph_.regions[r];
  RegionPlan& plan = step.plans[0];
  const RegionMapping& m = plan.mapping;
  RegionRoom room = room_on(machine_);
  room.input_resident = plan.input.resident;
  room.weight_resident = plan.weight.resident;
  room.output_resident = plan.output.resident;
  for (const OperandPlace& place : plan.operands) room.operand_resident.push_back(place.resident);
  const Buffer& weights = machine_.buffers[machine_.weights.index];
  const Footprint f = footprint(region, graph_, machine_, m, room);
  const bool matrix = region.kind == Region::Kind::kMatrix;
  const bool lanes = products_on_lanes(region, m);
  const Role user = lanes ? Role::kVector : Role::kMatrix;
  bool ok = true;
  if (matrix && !plan.weight.resident) {
    if (lanes) {
      ok &= place_slot(r, plan.weight, f.weight, m.weight_slots, machine_.unified,
                       {Role::kLoadWeight}, {user}, step);
    } else if (has_weight_fifo(machine_)) {
      plan.weight.buffer = machine_.weights;
      plan.weight.slots = weights.slots / machine_.matrix.count;
      plan.weight.slot_bytes = weights.size.value() / weights.slots;
    } else {
      const std::uint32_t copies = m.fetch == WeightFetch::kPass ? machine_.matrix.count : 1;
      ok &= place_slot(r, plan.weight, f.weight, m.weight_slots * copies, machine_.weights,
                       {Role::kLoadWeight}, {Role::kMatrix}, step);
      plan.weight.slots = m.weight_slots;
    }
  }
  if (matrix && !plan.input.resident) {
    ok &= place_slot(r, plan.input, f.input, m.input_slots, machine_.unified, {Role::kLoadInput},
                     {user}, step);
  }
  const bool copies = plan.copies_by_dma();
  for (std::size_t i = 0; i < plan.operands.size(); ++i) {
    if (plan.operands[i].resident) continue;
    const bool whole = region.operands[i].access == VectorOperand::Access::kWhole;
    ok &= place_slot(r, plan.operands[i], f.operands[i], whole ? 1 : m.operand_slots,
                     machine_.unified, {whole ? Role::kLoadWhole : Role::kLoadOperand},
                     {copies ? Role::kStore : Role::kVector}, step);
  }
  if (copies) {
    plan.output = plan.operands.at(0);
  } else if (!plan.output.resident) {
    // Sums of a row-stationary array lie in the slot long before the results do.
    const bool sums = machine_.matrix.dataflow == Dataflow::kRowStationary && matrix && !lanes;
    ok &= place_slot(r, plan.output, f.output, m.output_slots, machine_.unified,
                     {sums ? Role::kMatrix : Role::kVector}, {Role::kStore}, step);
  }
  return ok;
}

}  // namespace takt
