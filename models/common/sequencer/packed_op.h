// SPDX-License-Identifier: Apache-2.0
#pragma once
// An op on its way through the chip, packed: only what is still needed, one after the other in
// memory. A whole TileOp is three times as large, and with a window full of them every touch would
// miss the caches.

#include <cstring>
#include <memory>
#include <vector>

#include "sim/engine/tile_timing.h"
#include "sim/engine/transfer_timing.h"
#include "sim/program/tile_op.h"
#include "sim/stats/ledger.h"

namespace takt {

/// A token with the numbers of its credits (TokenBoard).
struct PackedToken {
  ChannelId channel;
  std::uint32_t count;
  std::uint64_t first = 0;
  Phase phase;

  explicit PackedToken(const Token& token)
      : channel(token.channel), count(token.count), phase(token.phase) {}
};

/// How long an op keeps a pipe, and how much later its last result is there.
struct PipeCost {
  Cycles busy{};
  Cycles latency{};
  RequestCost requests;  ///< of a transfer
};

/// Part of a packed op that lies behind it: `count` items of T.
template <class T>
class PackedSpan {
 public:
  PackedSpan(T* first, std::size_t count) : first_(first), count_(count) {}
  T* begin() const { return first_; }
  T* end() const { return first_ + count_; }
  std::size_t size() const { return count_; }

 private:
  T* first_;
  std::size_t count_;
};

class OpArena;

struct alignas(8) PackedOp {
  std::uint64_t sequence = 0;
  UnitId unit;
  std::uint32_t region = 0;
  TileOpKind kind = TileOpKind::kSync;
  UnitAccount wait = UnitAccount::kWaitToken;  ///< what a gap before it is called
  bool loaded_published = false;  ///< its tokens of Phase::kStationaryLoaded are out …
  Cycles loaded{};                ///< … with this moment
  Cycles load_from{};             ///< if > 0: the banks held its stationary load up until then
  PackedOp* next = nullptr;       ///< in its unit's queue

  PackedSpan<PackedToken> needs() { return {at<PackedToken>(sizeof(PackedOp)), needs_}; }
  PackedSpan<PackedToken> gives() { return {needs().end(), gives_}; }
  PackedSpan<SramAccess> accesses() {
    return {reinterpret_cast<SramAccess*>(gives().end()), accesses_};
  }
  MatrixCost& matrix_cost() { return *at<MatrixCost>(cost_at_); }  ///< kMatrix
  PipeCost& pipe_cost() { return *at<PipeCost>(cost_at_); }        ///< else
  Transfer& transfer() { return *at<Transfer>(transfer_at_); }     ///< kLoad, kStore
  /// The op as it came; null unless it was packed with `whole`.
  TileOp* whole() { return whole_at_ == 0 ? nullptr : at<TileOp>(whole_at_); }

 private:
  friend class OpArena;
  template <class T>
  T* at(std::size_t offset) {
    return reinterpret_cast<T*>(reinterpret_cast<char*>(this) + offset);
  }
  std::uint8_t needs_ = 0, gives_ = 0, accesses_ = 0;
  std::uint16_t cost_at_ = 0, transfer_at_ = 0, whole_at_ = 0;  ///< offsets
  void* chunk_ = nullptr;
};

/// Memory of one unit's packed ops: chunks that are filled from front to back and used again when
/// all their ops are gone, which happens nearly in order.
class OpArena {
 public:
  OpArena() = default;
  OpArena(const OpArena&) = delete;
  OpArena& operator=(const OpArena&) = delete;

  /// Numbers of credits and costs are the caller's to fill in. `whole`: keep a copy of the op.
  PackedOp& pack(const TileOp& op, bool whole);
  void release(PackedOp& op);

 private:
  static constexpr std::size_t kChunk = 16 * 1024;
  struct Chunk {
    std::size_t used = 0;
    std::size_t live = 0;
    alignas(8) char bytes[kChunk];
  };
  void* allocate(std::size_t size);

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<Chunk*> idle_;
  Chunk* filling_ = nullptr;
};

}  // namespace takt
