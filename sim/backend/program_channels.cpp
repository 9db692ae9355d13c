// SPDX-License-Identifier: Apache-2.0
// Token channels within a region.
#include <algorithm>

#include "sim/backend/program_builder.h"
#include "sim/mapper/vector_space.h"

namespace takt {

ChannelId ProgramBuilder::channel(std::string name, std::uint32_t initial, StallCause cause) {
  program_->channels.push_back({std::move(name), initial, initial, cause});
  return ChannelId{static_cast<std::uint32_t>(program_->channels.size() - 1)};
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

}  // namespace takt
