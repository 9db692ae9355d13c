// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/op_player.h"

#include <algorithm>

namespace takt {

OpPlayer::OpPlayer(const Program& program, const RunLimits& limits)
    : program_(program), limits_(limits) {
  result_.regions.resize(program.regions.size());
  state_.units.resize(program.units.size());
  state_.channels.resize(program.channels.size());
  for (std::size_t i = 0; i < state_.units.size(); ++i) {
    state_.units[i].is_matrix = program.units[i].kind == UnitKind::kMatrix;
  }
  for (std::size_t i = 0; i < state_.channels.size(); ++i) {
    ChannelState& channel = state_.channels[i];
    channel.cause = program.channels[i].cause;
    channel.latency = program.channels[i].latency;
    channel.credits.give(program.machine->launch, program.channels[i].initial);
  }
}

RegionResult& OpPlayer::begin_region(std::size_t index) {
  region_ = &result_.regions[index];
  state_.region_channels.clear();
  state_.extents.assign(std::max<std::size_t>(1, program_.regions[index].nests.size()), {});
  state_.core = 0;
  region_index_ = static_cast<std::uint32_t>(index);
  return *region_;
}

bool OpPlayer::ready(const FlatOp& op, const Token* needs) const {
  for (std::size_t i = 0; i < op.needs; ++i) {
    if (state_.channels[needs[i].channel.index].credits.total() < needs[i].count) return false;
  }
  return true;
}

void OpPlayer::play(const FlatOp& op, const Token* needs, const Token* gives) {
  if (stop_asked(limits_.stop)) {
    result_.status = EngineResult::Status::kInterrupted;
    return;
  }
  const std::optional<Waits> waits = take_tokens(op, needs);
  if (!waits) return;
  booked_ = book(op, *waits);
  for (std::size_t i = 0; i < op.gives; ++i) {
    touch(gives[i].channel);
    ChannelState& channel = state_.channels[gives[i].channel.index];
    channel.credits.give(booked_.at(gives[i].phase) + channel.latency, gives[i].count);
  }
  note(op, booked_);
}

std::optional<Waits> OpPlayer::take_tokens(const FlatOp& op, const Token* needs) {
  Waits waits;
  waits.add(StallCause::kDependency, launched(program_, op.unit));
  for (std::size_t i = 0; i < op.needs; ++i) {
    const Token& token = needs[i];
    ChannelState& channel = state_.channels[token.channel.index];
    if (channel.credits.total() < token.count) {
      result_.status = EngineResult::Status::kDeadlock;
      TileOp named;
      named.kind = op.kind;
      named.unit = op.unit;
      named.region = region_index_;
      result_.blocked.push_back(blocked_text(program_, named, token, channel.credits.total()));
      return std::nullopt;
    }
    touch(token.channel);
    channel.consumer = op.unit.index;
    waits.add(channel.cause, channel.credits.take(token.count));
  }
  return waits;
}

void OpPlayer::touch(ChannelId id) {
  ChannelState& channel = state_.channels[id.index];
  if (channel.region != region_index_ + 1) {
    channel.region = region_index_ + 1;
    state_.region_channels.push_back(id.index);
  }
  channel.touched = state_.tick;
}

Booking OpPlayer::book(const FlatOp& op, const Waits& waits) {
  UnitState& unit = state_.units[op.unit.index];
  unit.touched = state_.tick;
  if (!unit.is_matrix) {
    CHECK(op.kind != TileOpKind::kMatrix)
        << "a matrix op on unit " << program_.units[op.unit.index].name;
    return unit.pipe.issue(op.busy, op.latency, waits, op.wait, op.requests);
  }
  return op.kind == TileOpKind::kSync ? unit.matrix.sync(waits)
                                      : unit.matrix.issue(op.matrix, waits);
}

void OpPlayer::note(const FlatOp& op, const Booking& b) {
  Extent& extent = state_.extent();
  if (!extent.worked || b.start < extent.start) extent.start = b.start;
  extent.worked = true;
  extent.end = std::max(extent.end, b.done);
  if (op.kind == TileOpKind::kMatrix) {
    if (extent.matrix_end.value() == 0 || b.start < extent.matrix_start) {
      extent.matrix_start = b.start;
    }
    extent.matrix_end = std::max(extent.matrix_end, b.issued);
  }
}

/// What its cores did for the region under way.
void OpPlayer::join_extents() {
  bool worked = false;
  for (const Extent& extent : state_.extents) {
    if (!extent.worked) continue;
    if (!worked || extent.start < region_->start) region_->start = extent.start;
    worked = true;
    region_->end = std::max(region_->end, extent.end);
    if (extent.matrix_end.value() == 0) continue;
    if (region_->matrix_span_end.value() == 0 || extent.matrix_start < region_->matrix_span_start) {
      region_->matrix_span_start = extent.matrix_start;
    }
    region_->matrix_span_end = std::max(region_->matrix_span_end, extent.matrix_end);
  }
  state_.extents.clear();
}

void OpPlayer::close_region(std::size_t index, Cycles least) {
  join_extents();
  region_->end = std::max(region_->end, least);
  last_end_ = std::max(last_end_, region_->end);
  const bool beyond = limits_.max_cycles.value() > 0 && last_end_ > limits_.max_cycles;
  region_->finished = !beyond;
  close_windows(last_end_);
  if (beyond) {
    result_.status = EngineResult::Status::kCycleLimit;
    result_.blocked.push_back("layer '" + program_.regions[index].name + "' ends at cycle " +
                              std::to_string(last_end_.value()));
  }
}

void OpPlayer::close_windows(Cycles end) {
  for (UnitState& unit : state_.units) {
    if (unit.is_matrix) unit.matrix.ledger().close_window(end);
  }
}

EngineResult OpPlayer::finish() {
  join_extents();  // of a region that was not finished
  Cycles end = last_end_;
  for (UnitState& unit : state_.units) {
    // A run that stopped early ends where its last unit does.
    end = std::max(end, unit.is_matrix
                            ? std::max(unit.matrix.ledger().cursor(), unit.matrix.drain_end())
                            : unit.pipe.free());
  }
  if (stopped()) close_windows(end);
  result_.end = end;
  for (std::size_t i = 0; i < state_.units.size(); ++i) {
    UnitState& unit = state_.units[i];
    UnitResult row;
    row.name = program_.units[i].name;
    row.is_matrix = unit.is_matrix;
    if (unit.is_matrix) {
      unit.matrix.finish(end);
      const auto& windows = unit.matrix.ledger().windows();
      for (std::size_t r = 0; r < windows.size() && r < result_.regions.size(); ++r) {
        result_.regions[r].ledger += windows[r];
      }
      row.matrix = unit.matrix.ledger().total();
    } else {
      unit.pipe.finish(end);
      row.ledger = unit.pipe.ledger();
    }
    result_.units.push_back(std::move(row));
  }
  return std::move(result_);
}

}  // namespace takt
