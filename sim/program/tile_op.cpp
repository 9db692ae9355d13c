// SPDX-License-Identifier: Apache-2.0
#include "sim/program/tile_op.h"

namespace takt {

std::string to_string(TileOpKind kind) {
  switch (kind) {
    case TileOpKind::kLoad: return "load";
    case TileOpKind::kStore: return "store";
    case TileOpKind::kMatrix: return "matrix";
    case TileOpKind::kVector: return "vector";
    case TileOpKind::kSync: return "sync";
  }
  return "?";
}

}  // namespace takt
