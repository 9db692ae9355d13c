// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a unit plays its stream: a state machine that is told the time, plays all that can start now
// and says when it wants to be told again. The SystemC shell (unit_tlm.h) is what tells it.

#include <optional>

#include "models/common/chip/run_tally_core.h"
#include "models/common/sequencer/sequencer_core.h"
#include "models/common/sequencer/token_board_core.h"
#include "sim/engine/matrix_unit_core.h"

namespace takt {

/// Wakes units: from `when` on the unit may have something to do (the past means now).
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void wake(UnitId unit, Cycles when) = 0;
};

/// What an op loses to others at the banks of the on-chip memories.
class BankPort {
 public:
  virtual ~BankPort() = default;
  /// Which of an op's accesses: a matrix op reads its stationary operand at another time.
  enum class Part { kAll, kStationary, kStreaming };
  /// These accesses of `op`, which go on in [start, start + busy), are booked: the cycles by which
  /// others hold them up.
  virtual Cycles hold_up(PackedOp& op, Part part, Cycles start, Cycles busy) = 0;
};

/// Who computes values while the chip runs (fidelity `cycle`): told of every op when its moments
/// are known, op by op of a unit in the order of its stream.
class ValueListener {
 public:
  virtual ~ValueListener() = default;
  /// An op of another unit than an array: at `when` it has read all that it reads.
  virtual void performed(const TileOp& op, Cycles when) = 0;
  /// The next pass of its array. The op stays where it is until it is planned.
  virtual void queued(const TileOp& op) = 0;
  /// The array may take the stationary operand of a queued pass from `ready` on.
  virtual void operand_ready(const TileOp& op, Cycles ready) = 0;
  /// It may take the rest from `ready` on; the closed form foresees `plan`.
  virtual void planned(const TileOp& op, Cycles ready, const Booking& plan) = 0;
};

/// What the units of a chip share.
struct PlayerContext {
  const Program& program;
  TokenBoard& board;
  SequencerCore& sequencer;
  RunTally& tally;
  Waker& waker;
  BankPort* banks = nullptr;  ///< null: memory is ideal
  SpanSink* spans = nullptr;
  ValueListener* values = nullptr;  ///< null: no values are computed
};

class UnitPlayer {
 public:
  UnitPlayer(PlayerContext& context, UnitId unit) : context_(context), unit_(unit) {}
  virtual ~UnitPlayer() = default;

  /// Plays all that can start at `now`; the moment at which there is more to do, if it is known.
  /// Else the unit is woken when the token it waits for becomes known.
  virtual std::optional<Cycles> advance(Cycles now) = 0;

  /// The end of all that is booked so far.
  virtual Cycles last() const = 0;
  /// The run is over at `end` (>= last()): what the unit did.
  virtual UnitResult finish(Cycles end) = 0;
  /// A line for each op that keeps the unit from going on; `now` as for advance().
  virtual void describe_blocked(std::vector<std::string>& into) const;

  UnitId unit() const { return unit_; }

 protected:
  /// When each condition of the op was satisfied, or nothing: a token is missing, and the unit is
  /// woken when it comes.
  std::optional<Waits> collect(PackedOp& queued);
  /// Marks the op's tokens as used.
  void consume(PackedOp& queued, Cycles now);
  /// Makes the op's tokens of one phase known.
  void publish(PackedOp& queued, Phase phase, Cycles when);
  void publish_all(PackedOp& queued, const Booking& booking);
  /// "core0.dma_in: op 17 (load, layer 'conv1')".
  std::string describe(const PackedOp& op) const;
  const std::string& name() const { return context_.program.units[unit_.index].name; }

  PlayerContext& context_;
  UnitId unit_;

 private:
  void show_credits(const PackedToken& token, Cycles now);
};

}  // namespace takt
