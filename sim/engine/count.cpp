// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/engine.h"
#include "sim/engine/row_pass.h"

namespace takt {
namespace {

void count_transfer(const TileOp& op, ActionCounts& into) {
  const std::uint64_t bytes = op.transfer.moved().value();
  const bool load = op.kind == TileOpKind::kLoad;
  const auto memory = [&](Space space, bool read) {
    if (space == Space::kDram) {
      (read ? into.dram_read_bytes : into.dram_write_bytes) += bytes;
      return;
    }
    (read ? into.shared_read_bytes : into.shared_write_bytes) += bytes;
    into.noc_bytes += bytes;
  };
  if (op.transfer.space != Space::kHost) return memory(op.transfer.space, load);
  (load ? into.host_read_bytes : into.host_write_bytes) += bytes;
  // Host to memory: what comes in is written there, what goes out is read from there.
  if (!op.transfer.buffer.valid()) memory(op.transfer.near, !load);
}

}  // namespace

void count(const TileOp& op, ActionCounts& into) {
  ++into.tile_ops;
  switch (op.kind) {
    case TileOpKind::kLoad:
    case TileOpKind::kStore: count_transfer(op, into); break;
    case TileOpKind::kMatrix: {
      const MatrixTile& t = op.matrix;
      if (t.rows.kernel_rows > 0) {
        const RowPassActions actions = row_pass_actions(row_pass(op));
        into.macs_executed += actions.macs;
        into.scratchpad_accesses += actions.scratchpads;
        into.noc_bytes += actions.hops * bytes_of(t.dtype);
      } else {
        into.macs_executed += t.macs();
      }
      into.weight_tiles += t.load_stationary;
      // Every result of a pass is written once, and read first where it is added to.
      into.accumulator_accesses += static_cast<std::uint64_t>(t.m) * t.n * (t.accumulate ? 2 : 1);
      break;
    }
    case TileOpKind::kVector:
      into.vector_lane_ops += op.vector.lane_ops;
      into.vector_macs += op.vector.macs;
      if (op.accumulator_rows > 0) into.accumulator_accesses += op.vector.elements;
      break;
    case TileOpKind::kSync: break;
  }
  for (const SramAccess& access : op.accesses) {
    auto& bytes = access.write ? into.buffer_write_bytes : into.buffer_read_bytes;
    bytes[access.buffer.index] += access.bytes;
  }
}

}  // namespace takt
