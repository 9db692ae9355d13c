// SPDX-License-Identifier: Apache-2.0
// Plans of regions, and the order in which a program is made of them.
#include "sim/backend/program_builder.h"

#include <algorithm>

#include "sim/mapper/vector_space.h"

namespace takt {
namespace {

void copy_places(const RegionPlan& from, RegionPlan& to) {
  to.weight = from.weight;
  to.input = from.input;
  to.output = from.output;
  to.operands = from.operands;
}

}  // namespace

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

std::optional<std::size_t> ProgramBuilder::build(Program& into, StopFlag stop) {
  stop_ = stop;
  start(into);
  const std::size_t regions = graph_.regions.size();
  if (const auto tight = place_residents()) return tight;
  find_resident_uses();
  for (std::uint32_t pass = 0; pass < decisions_.passes; ++pass) {
    for (std::size_t r = 0; r < regions; ++r) {
      Step step;
      step.region = r;
      step.pass = pass;
      check_stop(stop_);
      make_plans(r, step);
      if (pass == 0) {
        if (!place_slots(r, step)) return r;
      } else {
        step.placed = steps_[r].placed;  // the same addresses again
        copy_places(steps_[r].plans[0], step.plans[0]);
      }
      for (RegionPlan& plan : step.plans) {
        if (plan.part > 0) copy_places(step.plans[0], plan);  // every core places alike
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
    if (plan.part > 0) copy_places(step.plans[0], plan);
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
      check_stop(stop_);
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
