// SPDX-License-Identifier: Apache-2.0
// Addresses, plans and channels; program_edges.cpp ties regions together.
#include "sim/backend/program_builder.h"

#include <algorithm>

#include "sim/base/math.h"
#include "sim/mapper/vector_space.h"

namespace takt {

ProgramBuilder::ProgramBuilder(const RegionGraph& graph, const Backend& backend,
                               const Decisions& decisions, const std::vector<TensorUse>& uses)
    : graph_(graph),
      backend_(backend),
      machine_(backend.machine()),
      decisions_(decisions),
      uses_(uses) {
  for (const RegionMapping& m : decisions.mappings) cores_ = std::max(cores_, m.parts);
  for (std::uint32_t b = 0; b < machine_.buffers.size(); ++b) {
    allocators_.emplace(b, BufferAllocator(machine_.buffers[b].size.value()));
  }
  allocators_.emplace(shared_buffer().index, BufferAllocator(machine_.shared.memory.size.value()));
}

void ProgramBuilder::start(Program& into) {
  program_ = &into;
  into.machine = &machine_;
  into.graph = &graph_;
  into.units = make_units(machine_);
  if (into.tensors.empty()) into.tensors = place_in_dram(graph_, machine_);
  const Buffer& weights = machine_.buffers[machine_.weights.index];
  if (!has_weight_fifo(machine_)) return;
  // A FIFO of weight tiles is one ring for the whole program: the next layer's tiles follow.
  for (std::uint32_t core = 0; core < machine_.cores; ++core) {
    fifo_ready_.emplace_back();
    fifo_free_.emplace_back();
    for (std::uint32_t a = 0; a < machine_.matrix.count; ++a) {
      const std::string name =
          "core" + std::to_string(core) + "." + weights.name + std::to_string(a);
      fifo_ready_[core].push_back(channel(name + ".ready", 0, StallCause::kWeights));
      fifo_free_[core].push_back(
          channel(name + ".free", weights.slots / machine_.matrix.count, StallCause::kOutputs));
    }
    fifo_loads_.emplace_back(machine_.matrix.count, 0);
  }
}

ChannelId ProgramBuilder::channel(std::string name, std::uint32_t initial, StallCause cause) {
  program_->channels.push_back({std::move(name), initial, initial, cause});
  return ChannelId{static_cast<std::uint32_t>(program_->channels.size() - 1)};
}

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

void ProgramBuilder::make_plans(std::size_t r, Step& step) {
  const Region& region = graph_.regions[r];
  const RegionMapping& mapping = decisions_.mappings[r];
  const auto resident_at = [&](TensorId id, OperandPlace& place) {
    const TensorPlacement& tensor = program_->tensors[id.index];
    place.resident = tensor.resident;
    if (!tensor.resident) return;
    place.buffer = machine_.unified;
    place.address = tensor.buffer_address;
  };
  for (std::uint32_t part = 0; part < mapping.parts; ++part) {
    RegionPlan plan;
    plan.region = &region;
    plan.graph = &graph_;
    plan.machine = &machine_;
    plan.tensors = tensors_;
    plan.mapping = mapping;
    plan.core = plan.part = part;
    plan.dma_in = program_->unit_of(UnitKind::kDmaIn, part);
    plan.weight_in = program_->unit_of(UnitKind::kWeightIn, part);
    plan.dma_out = program_->unit_of(UnitKind::kDmaOut, part);
    plan.vector = program_->unit_of(UnitKind::kVector, part);
    for (std::uint32_t a = 0; a < machine_.matrix.count; ++a) {
      plan.arrays.push_back(program_->matrix_unit(part, a));
    }
    if (machine_.host.enabled) {
      plan.host_in = program_->unit_of(UnitKind::kHostIn, 0);
      plan.host_out = program_->unit_of(UnitKind::kHostOut, 0);
    }
    if (region.kind == Region::Kind::kMatrix) {
      resident_at(region.matrix.input.tensor, plan.input);
      resident_at(region.matrix.weight.tensor, plan.weight);
    }
    for (const VectorOperand& operand : region.operands) {
      plan.operands.emplace_back();
      resident_at(operand.tensor, plan.operands.back());
    }
    resident_at(region.output.tensor, plan.output);
    plan.array_tokens.resize(machine_.matrix.count);
    step.plans.push_back(std::move(plan));
  }
}

std::vector<ChannelId> ProgramBuilder::array_channels(const RegionPlan& plan, const char* what,
                                                      std::uint32_t initial, StallCause cause,
                                                      bool only) {
  std::vector<ChannelId> channels;
  // On the lanes the vector unit takes the place of the first array.
  const std::uint32_t used = products_on_lanes(*plan.region, plan.mapping)
                                 ? 1
                                 : backend_.arrays_used(*plan.region, plan.mapping, plan.part);
  for (std::uint32_t a = 0; a < plan.arrays.size(); ++a) {
    if (!only && a >= used) {
      channels.emplace_back();
      continue;
    }
    std::string name = plan.region->name + "." + what;
    if (plan.mapping.parts > 1) name += ".core" + std::to_string(plan.core);
    if (plan.arrays.size() > 1) name += "." + std::to_string(a);
    channels.push_back(channel(std::move(name), initial, cause));
  }
  return channels;
}

void ProgramBuilder::make_channels(RegionPlan& plan) {
  const Region& region = *plan.region;
  const std::string suffix = plan.mapping.parts > 1 ? ".core" + std::to_string(plan.core) : "";
  const auto pair = [&](const std::string& what, std::uint32_t slots) {
    return std::make_pair(
        channel(region.name + "." + what + ".ready" + suffix, 0, StallCause::kInputs),
        channel(region.name + "." + what + ".free" + suffix, slots, StallCause::kOutputs));
  };
  for (std::size_t i = 0; i < plan.operands.size(); ++i) {
    const bool whole = region.operands[i].access == VectorOperand::Access::kWhole;
    if (plan.operands[i].resident || whole) {
      plan.operand_ready.emplace_back();
      plan.operand_free.emplace_back();
      if (whole && !plan.operands[i].resident && !plan.whole_ready.valid()) {
        plan.whole_ready = channel(region.name + ".tables.ready" + suffix, 0, StallCause::kInputs);
      }
      continue;
    }
    const auto [ready, free] = pair("operand" + std::to_string(i), plan.operands[i].slots);
    plan.operand_ready.push_back(ready);
    plan.operand_free.push_back(free);
  }
  if (plan.copies_by_dma()) {
    plan.output_ready = plan.operand_ready.at(0);
    plan.output_free = plan.operand_free.at(0);
  } else if (!plan.output.resident) {
    std::tie(plan.output_ready, plan.output_free) = pair("output", plan.output.slots);
  }
  if (region.kind == Region::Kind::kVector) return;
  if (!plan.input.resident) {
    plan.input_ready = array_channels(plan, "input.ready", 0, StallCause::kInputs, false);
    plan.input_free =
        array_channels(plan, "input.free", plan.input.slots, StallCause::kOutputs, false);
  } else {
    plan.input_ready.resize(plan.arrays.size());
    plan.input_free.resize(plan.arrays.size());
  }
  if (plan.weight.resident) {
    plan.weight_ready.resize(plan.arrays.size());
    plan.weight_free.resize(plan.arrays.size());
  } else if (!fifo_ready_.empty() && !products_on_lanes(region, plan.mapping)) {
    plan.weight_ready = fifo_ready_[plan.core];
    plan.weight_free = fifo_free_[plan.core];
  } else {
    plan.weight_ready = array_channels(plan, "weights.ready", 0, StallCause::kWeights, false);
    plan.weight_free =
        array_channels(plan, "weights.free", plan.weight.slots, StallCause::kOutputs, false);
  }
  if (products_on_lanes(region, plan.mapping)) return;
  const TileSpace space(region, machine_, plan.mapping, plan.part);
  plan.accumulator_ready = array_channels(plan, "sums.ready", 0, StallCause::kInputs, false);
  plan.accumulator_free = array_channels(
      plan, "sums.free",
      static_cast<std::uint32_t>(std::min<std::int64_t>(space.accumulator_blocks(), 1 << 20)),
      StallCause::kOutputs, false);
}

std::optional<std::size_t> ProgramBuilder::build(Program& into) {
  start(into);
  const std::size_t regions = graph_.regions.size();
  if (const auto tight = place_residents()) return tight;
  find_resident_uses();
  for (std::uint32_t pass = 0; pass < decisions_.passes; ++pass) {
    for (std::size_t r = 0; r < regions; ++r) {
      Step step;
      step.region = r;
      step.pass = pass;
      make_plans(r, step);
      if (pass == 0) {
        if (!place_slots(r, step)) return r;
      } else {
        step.placed = steps_[r].placed;  // the same addresses again
        step.plans[0].weight = steps_[r].plans[0].weight;
        step.plans[0].input = steps_[r].plans[0].input;
        step.plans[0].output = steps_[r].plans[0].output;
        step.plans[0].operands = steps_[r].plans[0].operands;
      }
      for (RegionPlan& plan : step.plans) {
        if (plan.part > 0) {  // every core places alike
          plan.weight = step.plans[0].weight;
          plan.input = step.plans[0].input;
          plan.output = step.plans[0].output;
          plan.operands = step.plans[0].operands;
        }
        make_channels(plan);
      }
      steps_.push_back(std::move(step));
    }
  }
  host_moves();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    data_edges(i);
    reuse_edges(i);
    accumulator_edges(i);
    pass_edges(i);
    learn(i);
    record_uses(i);
  }
  lower_all();
  return std::nullopt;
}

bool ProgramBuilder::build_alone(std::size_t region, Program& into) {
  into.channels.clear();
  into.regions.clear();
  start(into);
  if (!place_residents_alone(region)) return false;
  Step step;
  step.region = region;
  make_plans(region, step);
  if (!place_slots(region, step)) return false;
  for (RegionPlan& plan : step.plans) {
    if (plan.part > 0) {
      plan.weight = step.plans[0].weight;
      plan.input = step.plans[0].input;
      plan.output = step.plans[0].output;
      plan.operands = step.plans[0].operands;
    }
    make_channels(plan);
  }
  steps_.push_back(std::move(step));
  lower_all();
  return true;
}

void ProgramBuilder::host_moves() {
  if (!machine_.host.enabled) return;
  const std::size_t regions = graph_.regions.size();
  for (const std::size_t index : order_of_use(graph_)) {
    const StoredTensor& tensor = graph_.tensors[index];
    const TensorUse& use = uses_[index];
    const HostMove move{TensorId{static_cast<std::uint32_t>(index)},
                        program_->tensors[index].resident, 0};
    for (std::size_t base = 0; base < steps_.size(); base += regions) {
      if (tensor.kind == TensorKind::kInput && use.used()) {
        steps_[base + use.first()].plans[0].host_in_moves.push_back(move);
      }
      if (tensor.is_output && !use.makers.empty()) {
        steps_[base + use.makers.back()].plans[0].host_out_moves.push_back(move);
      }
    }
  }
}

void ProgramBuilder::lower_all() {
  for (Step& step : steps_) {
    ProgramRegion region;
    region.source = static_cast<std::uint32_t>(step.region);
    region.pass = step.pass;
    const Region& source = graph_.regions[step.region];
    region.name = source.name + (step.pass > 0 ? "@" + std::to_string(step.pass) : "");
    region.mapping = to_string(decisions_.mappings[step.region]);
    region.macs = source.kind == Region::Kind::kMatrix ? source.matrix.macs() : 0;
    region.nests.resize(machine_.cores);
    for (RegionPlan& plan : step.plans) {
      const std::uint32_t core = plan.core;
      const bool fifo =
          !fifo_loads_.empty() && !plan.weight.resident && !products_on_lanes(source, plan.mapping);
      if (fifo) plan.weight_ring_start = fifo_loads_[core];
      spill_all_gives(plan);
      Lowered lowered = backend_.lower(std::move(plan));
      region.nests[core] = std::move(lowered.nest);
      for (std::size_t a = 0; fifo && a < lowered.weight_loads.size(); ++a) {
        fifo_loads_[core][a] += lowered.weight_loads[a];
      }
    }
    program_->regions.push_back(std::move(region));
  }
}

}  // namespace takt
