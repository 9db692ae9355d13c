// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/sram_banks_core.h"

#include <algorithm>

namespace takt {

SramBanks::SramBanks(const Program& program) : program_(program) {
  for (std::uint32_t core = 0; core < program.machine->cores; ++core) {
    for (const Buffer& buffer : program.machine->buffers) memories_.emplace_back(buffer);
  }
}

bool SramBanks::belongs(const PackedOp& op, const SramAccess& access, Part part) const {
  if (part == Part::kAll) return true;
  bool stationary = false;
  switch (program_.machine->matrix.dataflow) {
    case Dataflow::kWeightStationary:
    case Dataflow::kRowStationary: stationary = access.role == Transfer::Role::kWeight; break;
    case Dataflow::kInputStationary: stationary = access.role == Transfer::Role::kInput; break;
    case Dataflow::kOutputStationary: break;  // both operands stream
  }
  return stationary == (part == Part::kStationary) && op.kind == TileOpKind::kMatrix;
}

Cycles SramBanks::hold_up(PackedOp& op, Part part, Cycles start, Cycles busy) {
  const std::size_t buffers = program_.machine->buffers.size();
  const std::size_t first = program_.units[op.unit.index].core * buffers;
  Cycles held{};
  for (const SramAccess& access : op.accesses()) {
    if (!belongs(op, access, part)) continue;
    SramRequest request;
    request.start = start;
    request.duration = busy;
    request.address = access.address;
    request.bytes = access.bytes;
    request.span = access.span;
    request.write = access.write;
    held = std::max(held, memories_[first + access.buffer.index].issue(request));
  }
  return held;
}

void SramBanks::report(std::vector<UnitResult>& into) const {
  const auto& buffers = program_.machine->buffers;
  for (std::size_t i = 0; i < memories_.size(); ++i) {
    UnitResult row;
    row.name = "core" + std::to_string(i / buffers.size()) + "." + buffers[i % buffers.size()].name;
    memories_[i].stats().describe(
        [&](const char* name, const char*, const char*, std::uint64_t value) {
          row.counters.push_back({name, value});
        });
    into.push_back(std::move(row));
  }
}

}  // namespace takt
