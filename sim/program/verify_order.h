// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is known to be over when an op works, by tokens and by the order within a unit: vector
// clocks (Lamport 1978; Mattern 1989) with three entries a unit, one a phase.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/program/program.h"

namespace takt {

/// A moment in the life of an op: the `count`-th op (from 1) of `unit` has reached `phase`.
struct Moment {
  std::uint32_t count = 0;
  std::uint32_t sequence = 0;  ///< of the op, for messages
  std::uint32_t region = 0;    ///< as well
  std::uint16_t unit = 0;
  Phase phase = Phase::kDone;
};

/// For each unit how many of its ops have reached each phase.
class Clock {
 public:
  explicit Clock(std::size_t units = 0) : reached_(units * 3, 0) {}
  bool has(const Moment& m) const { return reached_[slot(m.unit, m.phase)] >= m.count; }
  void set(std::uint32_t unit, Phase phase, std::uint32_t count) {
    reached_[slot(unit, phase)] = count;
  }
  void join(const Clock& other) {
    for (std::size_t i = 0; i < reached_.size(); ++i) {
      if (reached_[i] < other.reached_[i]) reached_[i] = other.reached_[i];
    }
  }

 private:
  static std::size_t slot(std::uint32_t unit, Phase phase) {
    return std::size_t{unit} * 3 + static_cast<std::size_t>(phase);
  }
  std::vector<std::uint32_t> reached_;
};

/// Credits of a channel, oldest first, each with its producer's clock.
class CreditQueue {
 public:
  void push(const Clock& clock, std::uint32_t count);
  /// Takes `count`, which are there, and joins their clocks into `into`.
  void pop(std::uint32_t count, Clock& into, Clock* also_into);
  std::uint64_t size() const { return size_; }

 private:
  struct Entry {
    Clock clock;
    std::uint32_t count = 0;
  };
  std::vector<Entry> ring_;  ///< entries keep their memory when they are taken
  std::size_t first_ = 0, used_ = 0;
  std::uint64_t size_ = 0;
};

class TokenOrder {
 public:
  explicit TokenOrder(const Program& program);

  const Token* missing(const TileOp& op) const;
  std::uint64_t credits(ChannelId channel) const { return channels_[channel.index].size(); }
  /// The op starts: its needs are taken (as many as are there).
  void start(const TileOp& op);
  /// Its accesses were looked at: its tokens are given.
  void end(const TileOp& op);

  /// Between start and end: was `moment` over before the op works, or, for its stationary operand,
  /// before that is loaded? A unit's own ops are in order.
  bool over(const Moment& moment, bool stationary) const {
    return moment.unit == unit_ || (stationary ? load_clock_ : clocks_[unit_]).has(moment);
  }
  Moment moment(const TileOp& op, Phase phase) const {
    return {counts_[unit_], static_cast<std::uint32_t>(op.sequence), op.region,
            static_cast<std::uint16_t>(unit_), phase};
  }
  /// What every unit knows to be done of `unit`: older work needs no more memory.
  bool known_to_all(const Moment& moment) const;

 private:
  const Program& program_;
  StallCause stationary_cause_;
  bool shadow_;  ///< the stationary operand is loaded while the tile before still issues
  std::vector<CreditQueue> channels_;
  std::vector<Clock> clocks_;       ///< by unit: what its next op knows before its own needs
  std::vector<Clock> load_floors_;  ///< by unit: what its next stationary load knows
  std::vector<std::uint32_t> counts_;
  std::uint32_t unit_ = 0;  ///< of the op between start and end
  Clock load_clock_;
  Clock given_;
};

/// "core0.matrix: op 17 (matrix, layer 'conv1')".
std::string op_text(const Program& program, const TileOp& op);
std::string moment_text(const Program& program, const Moment& moment);

}  // namespace takt
