// SPDX-License-Identifier: Apache-2.0
#include "models/common/sequencer/packed_op.h"

#include <new>
#include <type_traits>

#include "sim/base/math.h"

namespace takt {
namespace {

// Packed ops are never destroyed, only forgotten.
static_assert(std::is_trivially_destructible_v<TileOp> &&
              std::is_trivially_destructible_v<MatrixCost> &&
              std::is_trivially_destructible_v<PackedToken>);
static_assert(alignof(TileOp) <= 8 && alignof(SramAccess) <= 8 && alignof(MatrixCost) <= 8);

}  // namespace

void* OpArena::allocate(std::size_t size) {
  CHECK(size <= kChunk) << "an op of " << size << " bytes";
  if (filling_ == nullptr || filling_->used + size > kChunk) {
    if (idle_.empty()) {
      // Not value-initialised: nobody reads a byte that was not written.
      chunks_.push_back(std::unique_ptr<Chunk>(new Chunk));
      idle_.push_back(chunks_.back().get());
    }
    filling_ = idle_.back();
    idle_.pop_back();
  }
  void* const place = filling_->bytes + filling_->used;
  filling_->used += size;
  ++filling_->live;
  return place;
}

void OpArena::release(PackedOp& op) {
  Chunk* const chunk = static_cast<Chunk*>(op.chunk_);
  if (--chunk->live > 0) return;
  chunk->used = 0;
  if (chunk != filling_) idle_.push_back(chunk);
}

PackedOp& OpArena::pack(const TileOp& op, bool whole) {
  const bool matrix = op.kind == TileOpKind::kMatrix;
  const bool moves = op.kind == TileOpKind::kLoad || op.kind == TileOpKind::kStore;
  const std::size_t cost_at = sizeof(PackedOp) +
                              (op.needs.size() + op.gives.size()) * sizeof(PackedToken) +
                              op.accesses.size() * sizeof(SramAccess);
  const std::size_t transfer_at = cost_at + (matrix ? sizeof(MatrixCost) : sizeof(PipeCost));
  const std::size_t whole_at = transfer_at + (moves ? sizeof(Transfer) : 0);
  const std::size_t size = round_up(whole_at + (whole ? sizeof(TileOp) : 0), 8);

  PackedOp& packed = *new (allocate(size)) PackedOp;
  packed.chunk_ = filling_;
  packed.sequence = op.sequence;
  packed.unit = op.unit;
  packed.region = op.region;
  packed.kind = op.kind;
  packed.needs_ = static_cast<std::uint8_t>(op.needs.size());
  packed.gives_ = static_cast<std::uint8_t>(op.gives.size());
  packed.accesses_ = static_cast<std::uint8_t>(op.accesses.size());
  packed.cost_at_ = static_cast<std::uint16_t>(cost_at);
  packed.transfer_at_ = static_cast<std::uint16_t>(transfer_at);
  packed.whole_at_ = static_cast<std::uint16_t>(whole ? whole_at : 0);
  PackedToken* token = packed.needs().begin();
  for (const Token& need : op.needs) new (token++) PackedToken(need);
  for (const Token& give : op.gives) new (token++) PackedToken(give);
  SramAccess* access = packed.accesses().begin();
  for (const SramAccess& a : op.accesses) new (access++) SramAccess(a);
  if (matrix) {
    new (&packed.matrix_cost()) MatrixCost;
  } else {
    new (&packed.pipe_cost()) PipeCost;
  }
  if (moves) new (&packed.transfer()) Transfer(op.transfer);
  if (whole) new (packed.at<TileOp>(whole_at)) TileOp(op);
  return packed;
}

}  // namespace takt
