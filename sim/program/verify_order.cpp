// SPDX-License-Identifier: Apache-2.0
#include "sim/program/verify_order.h"

#include <algorithm>

namespace takt {

void CreditQueue::push(const Clock& clock, std::uint32_t count) {
  if (used_ == ring_.size()) {
    std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_), ring_.end());
    first_ = 0;
    ring_.resize(std::max<std::size_t>(4, ring_.size() * 2));
  }
  Entry& entry = ring_[(first_ + used_++) % ring_.size()];
  entry.clock = clock;
  entry.count = count;
  size_ += count;
}

void CreditQueue::pop(std::uint32_t count, Clock& into, Clock* also_into) {
  size_ -= count;
  while (count > 0) {
    Entry& entry = ring_[first_];
    const std::uint32_t taken = std::min(count, entry.count);
    into.join(entry.clock);
    if (also_into != nullptr) also_into->join(entry.clock);
    count -= taken;
    entry.count -= taken;
    if (entry.count == 0) {
      first_ = (first_ + 1) % ring_.size();
      --used_;
    }
  }
}

TokenOrder::TokenOrder(const Program& program)
    : program_(program),
      stationary_cause_(program.machine != nullptr &&
                                program.machine->matrix.dataflow == Dataflow::kInputStationary
                            ? StallCause::kInputs
                            : StallCause::kWeights),
      shadow_(program.machine == nullptr || program.machine->matrix.weight_buffers > 1),
      channels_(program.channels.size()),
      clocks_(program.units.size(), Clock(program.units.size())),
      load_floors_(program.units.size(), Clock(program.units.size())),
      counts_(program.units.size(), 0) {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    if (program.channels[i].initial > 0) {
      channels_[i].push(Clock(program.units.size()), program.channels[i].initial);
    }
  }
}

const Token* TokenOrder::missing(const TileOp& op) const {
  for (const Token& token : op.needs) {
    if (credits(token.channel) < token.count) return &token;
  }
  return nullptr;
}

void TokenOrder::start(const TileOp& op) {
  unit_ = op.unit.index;
  ++counts_[unit_];
  Clock& clock = clocks_[unit_];
  const bool loads = op.kind == TileOpKind::kMatrix && op.matrix.load_stationary;
  // The engines let a stationary load begin when the shadow registers are free (the loading tile
  // before has started) and its operand's tokens are there: those of cause kWeights, or kInputs if
  // inputs are stationary. Nothing else holds it back.
  if (loads) load_clock_ = load_floors_[unit_];
  for (const Token& token : op.needs) {
    const bool stationary = program_.channels[token.channel.index].cause == stationary_cause_;
    CreditQueue& queue = channels_[token.channel.index];
    const auto there =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(queue.size(), token.count));
    queue.pop(there, clock, loads && stationary ? &load_clock_ : nullptr);
  }
  if (loads && !shadow_) load_clock_ = clock;
}

void TokenOrder::end(const TileOp& op) {
  const std::uint32_t count = counts_[unit_];
  const bool loads = op.kind == TileOpKind::kMatrix && op.matrix.load_stationary;
  for (const Token& token : op.gives) {
    const bool loaded = token.phase == Phase::kStationaryLoaded;
    given_ = loaded && loads ? load_clock_ : clocks_[unit_];
    given_.set(unit_, Phase::kStationaryLoaded, count);
    if (!loaded) given_.set(unit_, Phase::kIssued, count);
    if (token.phase == Phase::kDone) given_.set(unit_, Phase::kDone, count);
    channels_[token.channel.index].push(given_, token.count);
  }
  if (loads || op.kind == TileOpKind::kSync) load_floors_[unit_] = clocks_[unit_];
}

bool TokenOrder::known_to_all(const Moment& moment) const {
  return std::all_of(clocks_.begin(), clocks_.end(), [&](const Clock& clock) {
    return &clock == &clocks_[moment.unit] || clock.has(moment);
  });
}

std::string op_text(const Program& program, const TileOp& op) {
  return program.units[op.unit.index].name + ": op " + std::to_string(op.sequence) + " (" +
         to_string(op.kind) + ", layer '" + program.regions[op.region].name + "')";
}

std::string moment_text(const Program& program, const Moment& moment) {
  return "op " + std::to_string(moment.sequence) + " of " + program.units[moment.unit].name +
         " (layer '" + program.regions[moment.region].name + "')";
}

}  // namespace takt
