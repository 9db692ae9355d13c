// SPDX-License-Identifier: Apache-2.0
// Tokens between regions.
#include <algorithm>

#include "sim/backend/program_builder.h"

namespace takt {
namespace {

const char* role_name(Role role) {
  static constexpr const char* kNames[kRoles] = {"host_in", "tables",   "weights",
                                                 "inputs",  "operands", "matrix",
                                                 "vector",  "store",    "host_out"};
  return kNames[static_cast<std::size_t>(role)];
}

StallCause cause_of(Role giver, Cycles sync) {
  // Where telling takes time, not only the vector unit's work is waited for.
  if (giver == Role::kVector && sync.value() == 0) return StallCause::kVector;
  const bool host = giver == Role::kHostIn || giver == Role::kHostOut;
  return host ? StallCause::kHost : StallCause::kDependency;
}

}  // namespace

std::size_t ProgramBuilder::unit_of_role(Role role) const {
  const bool load = role >= Role::kLoadWhole && role <= Role::kLoadOperand;
  const bool apart = role == Role::kLoadWeight && machine_.dma.weight_engine;
  return static_cast<std::size_t>(load && !apart ? Role::kLoadInput : role);
}

bool ProgramBuilder::known(std::size_t giver, Role giver_role, Role taker_role) const {
  const auto& by_giver = known_[unit_of_role(taker_role)];
  const auto at_least = [&](Role role) {
    return by_giver[static_cast<std::size_t>(role)] > giver;  // stored as step + 1
  };
  // The vector unit's last op of a step comes after the arrays' last, if they have any.
  return at_least(giver_role) || (giver_role == Role::kMatrix && at_least(Role::kVector));
}

void ProgramBuilder::learn(std::size_t taker) {
  // What was waited for in this step is known to the same units in all later ones, on all cores
  // that took part.
  if (steps_[taker].plans.size() == cores_) {
    for (const auto& [giver, giver_role, taker_role] : learned_) {
      std::size_t& latest = known_[unit_of_role(taker_role)][static_cast<std::size_t>(giver_role)];
      latest = std::max(latest, giver + 1);
    }
  }
  learned_.clear();
}

bool ProgramBuilder::has_role(const Step& step, Role role) const {
  const RegionPlan& plan = step.plans[0];
  const bool matrix = plan.region->kind == Region::Kind::kMatrix;
  const bool copies = plan.copies_by_dma();
  const auto operand = [&](bool whole) {
    for (std::size_t i = 0; i < plan.operands.size(); ++i) {
      const bool is_whole = plan.region->operands[i].access == VectorOperand::Access::kWhole;
      if (is_whole == whole && !plan.operands[i].resident) return true;
    }
    return false;
  };
  switch (role) {
    case Role::kHostIn: return !plan.host_in_moves.empty();
    case Role::kHostOut: return !plan.host_out_moves.empty();
    case Role::kLoadWhole: return operand(true);
    case Role::kLoadOperand: return operand(false);
    case Role::kLoadWeight: return matrix && !plan.weight.resident;
    case Role::kLoadInput: return matrix && !plan.input.resident;
    case Role::kMatrix: return matrix && !products_on_lanes(*plan.region, plan.mapping);
    case Role::kVector: return !copies;
    case Role::kStore: return !plan.output.resident;
  }
  return false;
}

void ProgramBuilder::connect(std::size_t giver, Role giver_role, std::size_t taker, Role taker_role,
                             std::optional<StallCause> cause, std::uint32_t core) {
  if (!has_role(steps_[giver], giver_role) || !has_role(steps_[taker], taker_role)) return;
  if (!cause && known(giver, giver_role, taker_role)) return;
  // A step that some cores take no part in says nothing about what they did before.
  const bool says_all = cores_ == 1 || (core == kAllCores && steps_[giver].plans.size() == cores_);
  if (says_all) learned_.emplace_back(giver, giver_role, taker_role);
  const auto key = [&](std::uint32_t which) {
    return std::make_tuple(giver, giver_role, taker, taker_role, which);
  };
  if (core != kAllCores && connected_.count(key(kAllCores)) > 0) return;
  const auto [found, fresh] = connected_.emplace(key(core), std::vector<ChannelId>{});
  if (!fresh) {
    for (const ChannelId id : found->second) {
      if (cause) program_->channels[id.index].cause = *cause;
    }
    return;
  }
  // Unit by unit of both sides, over all parts: a channel has one producer and one consumer.
  const auto sides = [&](std::size_t step, Role role) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> all;  // (part, array)
    for (const RegionPlan& plan : steps_[step].plans) {
      const bool host = role == Role::kHostIn || role == Role::kHostOut;
      if (host && plan.part > 0) continue;
      const std::uint32_t arrays =
          role == Role::kMatrix ? backend_.arrays_used(*plan.region, plan.mapping, plan.part) : 1;
      for (std::uint32_t a = 0; a < arrays; ++a) all.emplace_back(plan.part, a);
    }
    return all;
  };
  const auto list = [&](std::size_t step, Role role,
                        std::pair<std::uint32_t, std::uint32_t> who) -> RegionTokens& {
    RegionPlan& plan = steps_[step].plans[who.first];
    return role == Role::kMatrix ? plan.array_tokens[who.second]
                                 : plan.tokens[static_cast<std::size_t>(role)];
  };
  for (const auto& from : sides(giver, giver_role)) {
    check_stop(stop_);
    for (const auto& to : sides(taker, taker_role)) {
      if (from.first == to.first && unit_of_role(giver_role) == unit_of_role(taker_role)) continue;
      if (core != kAllCores && (from.first != core || to.first != core)) continue;
      const std::string name =
          graph_.regions[steps_[giver].region].name + "." + role_name(giver_role) + ">" +
          graph_.regions[steps_[taker].region].name + "." + role_name(taker_role);
      const ChannelId id = channel(name, 0, cause.value_or(cause_of(giver_role, machine_.sync)));
      program_->channels[id.index].latency = machine_.sync;
      found->second.push_back(id);
      list(giver, giver_role, from).gives.push_back({id, 1, Phase::kDone});
      list(taker, taker_role, to).needs.push_back({id, 1, Phase::kDone});
    }
  }
}

void ProgramBuilder::data_edges(std::size_t index) {
  const Step& step = steps_[index];
  const std::size_t base = index - step.region;  // first step of this pass
  const Region& region = graph_.regions[step.region];
  // What the arrays hold still may be loaded ahead of the pass: its arrival has a cause of its own.
  std::optional<StallCause> input_cause, weight_cause;
  if (weights_stay(machine_.matrix.dataflow)) weight_cause = StallCause::kWeights;
  if (machine_.matrix.dataflow == Dataflow::kInputStationary) input_cause = StallCause::kInputs;
  const auto reads = [&](TensorId id, Role load, Role on_chip, std::optional<StallCause> cause) {
    const std::uint32_t t = id.index;
    const bool resident = program_->tensors[t].resident;
    const Role taker = resident ? on_chip : load;
    if (!resident) cause.reset();
    if (graph_.tensors[t].kind == TensorKind::kInput && machine_.host.enabled) {
      connect(base + uses_[t].first(), Role::kHostIn, index, taker, cause);
    }
    for (const std::size_t maker : uses_[t].makers) {
      if (maker >= step.region) continue;
      connect(base + maker, resident ? Role::kVector : Role::kStore, index, taker, cause);
    }
  };
  if (region.kind == Region::Kind::kMatrix) {
    const bool lanes = products_on_lanes(region, step.plans[0].mapping);
    const Role user = lanes ? Role::kVector : Role::kMatrix;
    if (lanes) input_cause = weight_cause = std::nullopt;
    reads(region.matrix.input.tensor, Role::kLoadInput, user, input_cause);
    reads(region.matrix.weight.tensor, Role::kLoadWeight, user, weight_cause);
  }
  for (const VectorOperand& operand : region.operands) {
    const bool whole = operand.access == VectorOperand::Access::kWhole;
    reads(operand.tensor, whole ? Role::kLoadWhole : Role::kLoadOperand, Role::kVector,
          std::nullopt);
  }
  for (const HostMove& move : step.plans[0].host_out_moves) {
    // Units are in order: the last maker's end is all makers', unless an earlier one used more
    // cores.
    const std::vector<std::size_t>& makers = uses_[move.tensor.index].makers;
    const std::size_t cores = steps_[base + makers.back()].plans.size();
    for (const std::size_t maker : makers) {
      if (maker != makers.back() && steps_[base + maker].plans.size() <= cores) continue;
      connect(base + maker, move.to_buffer ? Role::kVector : Role::kStore, index, Role::kHostOut);
    }
  }
}

void ProgramBuilder::accumulator_edges(std::size_t index) {
  if (!has_role(steps_[index], Role::kMatrix)) return;
  // Accumulators are dealt out anew for each layer: the last one's sums on a core must have been
  // taken.
  for (std::uint32_t core = 0; core < steps_[index].plans.size(); ++core) {
    if (core < last_sums_.size()) {
      connect(last_sums_[core], Role::kVector, index, Role::kMatrix, std::nullopt, core);
    }
  }
  // A step on fewer cores leaves those of the others as they were.
  if (last_sums_.size() < steps_[index].plans.size()) last_sums_.resize(steps_[index].plans.size());
  std::fill_n(last_sums_.begin(), steps_[index].plans.size(), index);
}

void ProgramBuilder::pass_edges(std::size_t index) {
  const Step& step = steps_[index];
  if (step.pass == 0 || step.region != 0) return;
  // A pass starts when it is told that the one before has ended: a clean repetition.
  const std::size_t last = index - 1;
  for (const Role giver : {Role::kVector, Role::kStore, Role::kHostOut}) {
    for (const Role taker : {Role::kHostIn, Role::kLoadWhole, Role::kLoadWeight, Role::kLoadInput,
                             Role::kLoadOperand, Role::kMatrix, Role::kVector}) {
      connect(last, giver, index, taker);
    }
  }
}

void ProgramBuilder::spill_gives(RegionPlan& plan, Role role, UnitId unit, RegionTokens& tokens) {
  constexpr std::size_t kRoom = 8;
  if (tokens.gives.size() <= kRoom) return;
  const Token via{
      channel(plan.region->name + "." + role_name(role) + ".late", 0, StallCause::kDependency), 1,
      Phase::kDone};
  plan.late.push_back({role, unit, via, std::move(tokens.gives)});
  tokens.gives = {via};
}

void ProgramBuilder::spill_all_gives(RegionPlan& plan) {
  const auto role = [&](Role r, UnitId unit) {
    spill_gives(plan, r, unit, plan.tokens[static_cast<std::size_t>(r)]);
  };
  role(Role::kHostIn, plan.host_in);
  role(Role::kVector, plan.vector);
  role(Role::kStore, plan.dma_out);
  role(Role::kHostOut, plan.host_out);
  for (std::size_t a = 0; a < plan.array_tokens.size(); ++a) {
    spill_gives(plan, Role::kMatrix, plan.arrays[a], plan.array_tokens[a]);
  }
}

}  // namespace takt
