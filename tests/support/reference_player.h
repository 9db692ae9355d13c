// SPDX-License-Identifier: Apache-2.0
#pragma once
// The oracle of the fidelity tests: plays a program op by op, in program order, by the definitions
// in the docs, with none of the engines' code. Slow, plain and short on purpose.

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <vector>

#include "sim/engine/matrix_unit_core.h"
#include "sim/engine/tile_timing.h"
#include "sim/program/program.h"

namespace takt::test {

/// A booking with the unit and place in the unit's stream it belongs to.
struct PlayedOp {
  std::uint32_t unit = 0;
  std::uint32_t region = 0;
  std::uint64_t start = 0, loaded = 0, issued = 0, done = 0;
  bool operator==(const PlayedOp& o) const {
    return unit == o.unit && region == o.region && start == o.start && loaded == o.loaded &&
           issued == o.issued && done == o.done;
  }
};

/// Ops by unit, each unit's in its order.
using Played = std::map<std::uint32_t, std::vector<PlayedOp>>;

class ReferencePlayer {
 public:
  ReferencePlayer(const Program& program, const TileTiming& timing)
      : program_(program), timing_(timing), units_(program.units.size()) {
    for (const Channel& c : program.channels) {
      credits_.emplace_back(c.initial, program.machine->launch.value());
    }
  }

  Played play() {
    Played played;
    for (std::size_t r = 0; r < program_.regions.size(); ++r) {
      for (const auto& nest : program_.regions[r].nests) {
        if (!nest) continue;
        NestCursor cursor(*nest);
        TileOp op;
        while (cursor.next(op)) {
          PlayedOp p = step(op);
          p.region = static_cast<std::uint32_t>(r);
          played[op.unit.index].push_back(p);
        }
      }
    }
    return played;
  }

 private:
  struct UnitTimes {
    std::uint64_t free = 0;         ///< may start the next op
    std::uint64_t load_from = 0;    ///< the shadow registers are free
    std::uint64_t unload_free = 0;  ///< the way out of the array is free
    std::uint64_t drained = 0;      ///< the last result so far
    std::uint64_t not_before = 0;   ///< the last sync
  };

  PlayedOp step(const TileOp& op) {
    const bool multiplies = op.kind == TileOpKind::kMatrix;
    const MatrixCost cost = multiplies ? timing_.matrix(op) : MatrixCost{};
    std::uint64_t all = 0, stationary = 0;
    const UnitKind kind = program_.units[op.unit.index].kind;
    const bool is_matrix = kind == UnitKind::kMatrix;
    const bool host = kind == UnitKind::kHostIn || kind == UnitKind::kHostOut;
    if (!host) all = program_.machine->launch.value();
    for (const Token& need : op.needs) {
      auto& line = credits_[need.channel.index];
      for (std::uint32_t i = 0; i < need.count; ++i) {
        CHECK(!line.empty()) << "not a valid program";
        all = std::max(all, line.front());
        if (program_.channels[need.channel.index].cause == cost.stationary) {
          stationary = std::max(stationary, line.front());
        }
        line.pop_front();
      }
    }
    UnitTimes& unit = units_[op.unit.index];
    PlayedOp p = !is_matrix                     ? pipe(op, unit, all)
                 : op.kind == TileOpKind::kSync ? sync(unit, all)
                                                : matrix(cost, unit, all, stationary);
    p.unit = op.unit.index;
    for (const Token& give : op.gives) {
      const std::uint64_t when = give.phase == Phase::kStationaryLoaded ? p.loaded
                                 : give.phase == Phase::kIssued         ? p.issued
                                                                        : p.done;
      auto& line = credits_[give.channel.index];
      line.insert(line.end(), give.count,
                  when + program_.channels[give.channel.index].latency.value());
    }
    return p;
  }

  /// Busy for bytes / bandwidth or for the vector unit's time; without latency when memory is
  /// ideal.
  PlayedOp pipe(const TileOp& op, UnitTimes& unit, std::uint64_t all) const {
    std::uint64_t busy = 0, latency = 0;
    if (op.kind == TileOpKind::kVector) {
      busy = timing_.vector_busy(op).value();
      latency = timing_.vector_latency().value();
    } else if (op.kind != TileOpKind::kSync) {
      const Machine& m = *program_.machine;
      const std::uint64_t rate = op.transfer.space == Space::kHost ? m.host.payload_bytes_per_s
                                                                   : m.memory.bandwidth_bytes_per_s;
      const Bytes size = op.transfer.remote.bytes();
      busy = mul_div_ceil(size.value(), m.clock.hz(), rate);
    }
    PlayedOp p;
    p.start = std::max(unit.free, all);
    p.loaded = p.issued = unit.free = p.start + busy;
    p.done = p.issued + latency;
    return p;
  }

  PlayedOp sync(UnitTimes& unit, std::uint64_t all) const {
    PlayedOp p;
    p.start = p.loaded = p.issued = std::max({unit.free, all, unit.not_before});
    p.done = std::max(p.start, unit.drained);
    unit.not_before = p.start;
    return p;
  }

  static PlayedOp matrix(const MatrixCost& cost, UnitTimes& unit, std::uint64_t all,
                         std::uint64_t stationary) {
    const std::uint64_t load = cost.load.value(), issue = cost.issue.value();
    const std::uint64_t unload = cost.unload.value();
    PlayedOp p;
    p.start = std::max({unit.free, all, unit.not_before});
    if (load > 0) {
      const std::uint64_t from = cost.overlap_load ? unit.load_from : unit.free;
      p.loaded = std::max({from, stationary, unit.not_before}) + load;
      p.start = std::max(p.start, p.loaded);
    }
    // The results of this tile may leave when those of the one before have left.
    if (unload > 0 && cost.overlap_unload) {
      while (p.start + issue < unit.unload_free) ++p.start;
    } else if (unload > 0) {
      p.start = std::max(p.start, unit.unload_free);
    }
    if (load == 0) p.loaded = p.start;
    p.issued = p.start + issue;
    p.done = p.issued + cost.drain.value();
    unit.free = p.issued;
    if (load > 0) unit.load_from = p.start;
    if (unload > 0) unit.unload_free = p.issued + unload;
    unit.drained = std::max(unit.drained, p.done);
    return p;
  }

  const Program& program_;
  const TileTiming& timing_;
  std::vector<UnitTimes> units_;
  std::vector<std::deque<std::uint64_t>> credits_;
};

}  // namespace takt::test
