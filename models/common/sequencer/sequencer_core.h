// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sequencer of each core: takes the core's one program-ordered stream of ops and deals it out
// to the in-order queues of its units. It reads on only when a unit has run dry, and holds at most
// a window of ops, so that memory does not grow with the program.

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "models/common/sequencer/token_board_core.h"
#include "sim/engine/tile_timing.h"
#include "sim/program/program.h"

namespace takt {

/// An op on its way: dealt to its unit's queue, not yet booked or not yet done.
struct QueuedOp {
  TileOp op;
  std::array<std::uint64_t, 8> need_first{};  ///< numbers of its credits (TokenBoard), by need
  std::array<std::uint64_t, 8> give_first{};
  MatrixCost cost;  ///< of a matrix op, once asked for
  bool costed = false;
  bool loaded_published = false;  ///< its tokens of Phase::kStationaryLoaded are out
  Cycles loaded{};                ///< if so: with this moment
  QueuedOp* next = nullptr;
};

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

class SequencerCore {
 public:
  static constexpr std::size_t kWindow = 65'536;  ///< ops of one core in flight

  SequencerCore(const Program& program, TokenBoard& board, SequencerListener& listener,
                std::size_t window = kWindow);

  /// The op at the head of the unit's queue, reading on if it is empty. Null: the program has none
  /// left for it, or the window is full (then refilled() follows).
  QueuedOp* front(UnitId unit);
  /// The op behind `op` in its unit's queue, reading on likewise; null: none (yet).
  QueuedOp* after(QueuedOp& op);
  /// Takes the head off its queue. The op stays valid until retire().
  QueuedOp& pop(UnitId unit);
  /// The op is done with: its place in the window is free.
  void retire(QueuedOp& op);

  /// Nothing is queued and nothing is left to read.
  bool finished() const;
  std::size_t in_flight(std::uint32_t core) const { return streams_[core].in_flight; }
  std::size_t window() const { return window_; }
  /// The head without reading on: for messages.
  const QueuedOp* peek(UnitId unit) const { return queues_[unit.index].head; }

 private:
  struct Queue {
    QueuedOp* head = nullptr;
    QueuedOp* tail = nullptr;
    bool dry = false;  ///< looked for an op and found the window full
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
  void deal(QueuedOp& op);
  QueuedOp& take_from_pool();
  void give_to_pool(QueuedOp& op);

  const Program& program_;
  TokenBoard& board_;
  SequencerListener& listener_;
  std::size_t window_;
  std::vector<Queue> queues_;    ///< by UnitId
  std::vector<Stream> streams_;  ///< by core
  static constexpr std::size_t kSlab = 64;
  std::vector<std::unique_ptr<std::array<QueuedOp, kSlab>>> slabs_;
  QueuedOp* free_ = nullptr;
};

}  // namespace takt
