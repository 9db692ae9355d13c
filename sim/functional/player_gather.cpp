// SPDX-License-Identifier: Apache-2.0
// Rows of a table by number: which ones a load brings is decided by values, not by the program.
#include <algorithm>
#include <cstring>

#include "sim/functional/player.h"

namespace takt {

/// The Gather whose table a load brings piece by piece, or null.
const Op* FunctionalPlayer::gather_of(const TileOp& op) const {
  const Region& r = region(op);
  const Transfer& t = op.transfer;
  if (r.kind != Region::Kind::kVector || t.role != Transfer::Role::kOperand) return nullptr;
  if (t.operand >= r.operands.size() ||
      r.operands[t.operand].access == VectorOperand::Access::kWhole) {
    return nullptr;
  }
  for (const OpId id : r.members) {
    const Op& member = semantics_.op(id);
    if (member.kind != OpKind::kGather) continue;
    if (program_.graph->places[member.inputs[0].index].stored == t.tensor) return &member;
  }
  return nullptr;
}

void FunctionalPlayer::load_by_number(const TileOp& op, const Op& gather) {
  const Region& r = region(op);
  const Transfer& t = op.transfer;
  const View& numbers = program_.graph->places[gather.inputs[1].index];
  const StoredTensor& stored = program_.graph->tensors[numbers.stored.index];
  const TensorPlacement& placement = program_.tensors[numbers.stored.index];
  const OperandWalk walk = walk_of(numbers);
  const std::uint64_t number_size = bytes_of(stored.dtype);
  const std::uint64_t size = bytes_of(program_.graph->tensors[t.tensor.index].dtype);
  const Shape& table_shape = semantics_.graph().tensor(gather.inputs[0]).shape;
  const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(gather.attributes).axis);
  const std::int64_t extent = table_shape[axis], inner = row_major_strides(table_shape)[axis];
  const std::int64_t count = semantics_.elements(gather.inputs[1]);
  const std::int64_t width = r.vector.row_elements;
  const Far far_table = far(t.space, t.tensor);
  const std::uint64_t base = program_.tensors[t.tensor.index].address();
  ChipMemory& chip = chips_[program_.units[op.unit.index].core];
  std::uint64_t to = t.address;
  // Element e of the result is [outer, number, rest]; what lies together in the table moves at
  // once.
  const auto take_run = [&](std::int64_t element, std::int64_t most) -> std::int64_t {
    const std::int64_t rest = element % inner, i = element / inner % count;
    const auto at = static_cast<std::uint64_t>(walk.at(i)) * number_size;
    const std::byte* bits =
        placement.resident
            ? chip.bytes(op.accesses[0].buffer, placement.buffer_address + at, number_size)
            : dram_[numbers.stored.index].data() + at;
    if (bits == nullptr) return 0;
    auto row = static_cast<std::int64_t>(load_element(stored.dtype, bits));
    if (row < 0) row += extent;
    if (row < 0 || row >= extent) return 0;
    const std::int64_t run = std::min(most, inner - rest);
    Box box;
    box.address =
        static_cast<std::uint64_t>((element / inner / count * extent + row) * inner + rest) * size;
    box.row_bytes = static_cast<std::uint64_t>(run) * size;
    std::byte* slot = chip.bytes(t.buffer, to, box.row_bytes);
    box.address += base;
    const std::uint64_t from = box.address - far_table.base;
    if (slot == nullptr || from + box.row_bytes > far_table.bytes.size()) return 0;
    std::memcpy(slot, far_table.bytes.data() + from, box.row_bytes);
    chip.loaded(t.buffer, to, t.tensor, box);
    to += box.row_bytes;
    return run;
  };
  for (std::int64_t n = op.place.n.begin; n < op.place.n.begin + op.place.n.count; ++n) {
    for (std::int64_t p = op.place.p.begin; p < op.place.p.begin + op.place.p.count; ++p) {
      const std::int64_t first = (n * r.vector.rows + p) * width;
      for (std::int64_t done = 0; done < width;) {
        const std::int64_t run = take_run(first + done, width - done);
        if (run == 0) return find(op, "finds no row for element " + std::to_string(first + done));
        done += run;
      }
    }
  }
  if (to - t.address != t.remote.bytes().value()) {
    find(op, "moves " + std::to_string(t.remote.bytes().value()) + " bytes for rows of " +
                 std::to_string(to - t.address));
  }
}

}  // namespace takt
