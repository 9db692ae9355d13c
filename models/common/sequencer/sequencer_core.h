// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sequencer of each core: takes the core's one program-ordered stream of ops and deals it out
// to the in-order queues of its units. It reads on only when a unit has run dry, and holds at most
// a window of ops, so that memory does not grow with the program.

#include <memory>
#include <vector>

#include "models/common/sequencer/packed_op.h"
#include "models/common/sequencer/token_board_core.h"
#include "sim/engine/tile_timing.h"
#include "sim/engine/transfer_timing.h"
#include "sim/program/program.h"

namespace takt {

/// What the sequencer tells the chip.
class SequencerListener {
 public:
  virtual ~SequencerListener() = default;
  virtual void dispatched(const TileOp& op) = 0;
  /// The stream of `core` has no more ops of regions before `region`.
  virtual void passed(std::uint32_t core, std::size_t region) = 0;
  /// A unit that had found nothing to do has an op now.
  virtual void refilled(UnitId unit) = 0;
};

struct SequencerOptions {
  std::size_t window = 65'536;  ///< ops of one core in flight
  bool keep_whole = false;      ///< PackedOp::whole() is there
};

class SequencerCore {
 public:
  SequencerCore(const Program& program, const TileTiming& timing, TokenBoard& board,
                SequencerListener& listener, const SequencerOptions& options);

  /// The op at the head of the unit's queue, reading on if it is empty. Null: the program has none
  /// left for it, or the window is full (then refilled() follows).
  PackedOp* front(UnitId unit);
  /// The op behind `op` in its unit's queue, reading on likewise; null: none (yet).
  PackedOp* after(PackedOp& op);
  /// Takes the head off its queue. The op stays valid until retire().
  PackedOp& pop(UnitId unit);
  /// The op is done with: its place in the window is free.
  void retire(PackedOp& op);

  /// Nothing is queued and nothing is left to read.
  bool finished() const;
  std::size_t in_flight(std::uint32_t core) const { return streams_[core].in_flight; }
  std::size_t window() const { return options_.window; }
  /// The head without reading on: for messages.
  PackedOp* peek(UnitId unit) const { return queues_[unit.index].head; }

 private:
  struct Queue {
    PackedOp* head = nullptr;
    PackedOp* tail = nullptr;
    bool dry = false;  ///< looked for an op and found the window full
    OpArena arena;
  };
  struct Stream {
    std::unique_ptr<CoreStream> ops;
    std::size_t region = 0;
    std::size_t in_flight = 0;
    std::size_t dry = 0;  ///< queues that are
    bool ended = false;
  };
  /// Deals out one more op; false at the end of the stream or with a full window.
  bool read_on(std::uint32_t core);
  void deal(const TileOp& op);

  const Program& program_;
  const TileTiming& timing_;
  TransferTiming transfers_;
  TokenBoard& board_;
  SequencerListener& listener_;
  SequencerOptions options_;
  std::vector<Queue> queues_;    ///< by UnitId
  std::vector<Stream> streams_;  ///< by core
  TileOp reading_;
};

}  // namespace takt
