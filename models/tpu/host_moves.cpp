// SPDX-License-Identifier: Apache-2.0
#include "models/tpu/host_moves.h"

#include "sim/engine/run_length.h"

namespace takt {

void compress(const RegionPlan& plan, Transfer& transfer) {
  const StoredTensor& tensor = plan.graph->tensors[transfer.tensor.index];
  const RunLengthCode& code = plan.machine->dma.compression;
  if (code.word_bits == 0 || transfer.space == Space::kShared) return;
  transfer.wire_bytes =
      compressed(code, tensor.dtype, transfer.remote.bytes(), tensor.zero_ppm).value();
}

bool emit_host_move(const RegionPlan& plan, bool in, std::size_t which, TileOp& op) {
  const HostMove& move = in ? plan.host_in_moves[which] : plan.host_out_moves[which];
  const StoredTensor& tensor = plan.graph->tensors[move.tensor.index];
  const TensorPlacement& place = (*plan.tensors)[move.tensor.index];
  op.kind = in ? TileOpKind::kLoad : TileOpKind::kStore;
  op.unit = in ? plan.host_in : plan.host_out;
  op.transfer.space = Space::kHost;
  op.transfer.role = in ? Transfer::Role::kInput : Transfer::Role::kOutput;
  op.transfer.tensor = move.tensor;
  op.transfer.remote.address = place.dram_address;
  op.transfer.remote.row_bytes = tensor.bytes();
  op.transfer.near = place.space();
  op.transfer.address = place.address();
  if (move.to_buffer) {
    op.transfer.buffer = plan.machine->unified;
    op.transfer.address = place.buffer_address;
    SramAccess access;
    access.buffer = op.transfer.buffer;
    access.address = place.buffer_address;
    access.bytes = access.span = tensor.bytes();
    access.write = in;
    access.role = op.transfer.role;
    op.accesses.push_back(access);
  }
  const RegionTokens& tokens =
      plan.tokens[static_cast<std::size_t>(in ? Role::kHostIn : Role::kHostOut)];
  if (which == 0) {
    for (const Token& token : tokens.needs) op.needs.push_back(token);
  }
  const std::size_t last = (in ? plan.host_in_moves : plan.host_out_moves).size() - 1;
  if (which == last) {
    for (const Token& token : tokens.gives) op.gives.push_back(token);
  }
  return true;
}

void emit_whole_operand(const RegionPlan& plan, std::size_t which, TileOp& op) {
  const VectorOperand& operand = plan.region->operands[which];
  const StoredTensor& tensor = plan.graph->tensors[operand.tensor.index];
  const OperandPlace& place = plan.operands[which];
  op.kind = TileOpKind::kLoad;
  op.unit = plan.dma_in;
  op.transfer.role = Transfer::Role::kOperand;
  op.transfer.operand = static_cast<std::uint8_t>(which);
  op.transfer.tensor = operand.tensor;
  op.transfer.buffer = place.buffer;
  op.transfer.address = place.address;
  op.transfer.space = (*plan.tensors)[operand.tensor.index].space();
  op.transfer.remote.address = (*plan.tensors)[operand.tensor.index].address();
  op.transfer.remote.row_bytes = tensor.bytes();
  compress(plan, op.transfer);
  SramAccess access;
  access.buffer = place.buffer;
  access.address = place.address;
  access.bytes = access.span = tensor.bytes();
  access.write = true;
  access.role = Transfer::Role::kOperand;
  access.operand = op.transfer.operand;
  op.accesses.push_back(access);
}

std::size_t first_whole(const RegionPlan& plan) {
  for (std::size_t i = 0; i < plan.operands.size(); ++i) {
    const bool whole = plan.region->operands[i].access == VectorOperand::Access::kWhole;
    if (whole && !plan.operands[i].resident) return i;
  }
  return plan.operands.size();
}

std::size_t first_aligned(const RegionPlan& plan) {
  for (std::size_t i = 0; i < plan.operands.size(); ++i) {
    const bool whole = plan.region->operands[i].access == VectorOperand::Access::kWhole;
    if (!whole && !plan.operands[i].resident) return i;
  }
  return plan.operands.size();
}

}  // namespace takt
