// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/waits.h"

namespace takt {

UnitAccount wait_account(const Program&, const TileOp& op) {
  switch (op.kind) {
    case TileOpKind::kLoad: return UnitAccount::kWaitOutput;
    case TileOpKind::kStore:
    case TileOpKind::kMatrix:
    case TileOpKind::kVector: return UnitAccount::kWaitInput;
    case TileOpKind::kSync: return UnitAccount::kWaitToken;
  }
  return UnitAccount::kWaitToken;
}

Cycles launched(const Program& program, UnitId unit) {
  const UnitKind kind = program.units[unit.index].kind;
  const bool host = kind == UnitKind::kHostIn || kind == UnitKind::kHostOut;
  return host ? Cycles(0) : program.machine->launch;
}

std::string blocked_text(const Program& program, const TileOp& op, const Token& token,
                         std::size_t credits) {
  return program.units[op.unit.index].name + ": op " + std::to_string(op.sequence) + " (" +
         to_string(op.kind) + ", layer '" + program.regions[op.region].name + "') waits for " +
         std::to_string(token.count) + " of '" + program.channels[token.channel.index].name +
         "', " + std::to_string(credits) + " there";
}

}  // namespace takt
