// SPDX-License-Identifier: Apache-2.0
#pragma once
// Products on tensor cores, with their operands in the order that the tiles read: reductions along
// memory, channels last.

#include "geometry.h"

namespace takt::gpu {

/// What a deployed kernel does with a sum before it stores it.
struct Epilogue {
  bool plain = false;           ///< the sum itself, int32 or float
  Type type = Type::kInt8;      ///< of the result
  Any bias;                     ///< by column; no data = none
  std::int64_t bias_batch = 0;  ///< its elements from group to group
  std::int64_t bias_factor = 1;
  std::uint32_t multiplier = 1U << 31;
  Real alpha = 1, beta = 1;
};

inline Epilogue plain_sums() {
  Epilogue e;
  e.plain = true;
  return e;
}

struct ConvParts {
  Memory x, weights;  ///< [n][h][w][c]; [o][r][s][c of the group]
  Type type = Type::kInt8;
  ConvShape shape;
  /// [n][p][q][o].
  void results(void* to, const Epilogue& epilogue, int multiprocessors) const;
};
ConvParts conv_parts(Any x, Any weights, const ConvShape& shape);

struct MatMulParts {
  Memory a_copy, b_copy;  ///< only where an operand lies the other way
  Any a, b;               ///< [m][k] and [n][k]
  MatMulShape shape;
  void results(void* to, const Epilogue& epilogue, int multiprocessors) const;
};
MatMulParts matmul_parts(Any a, Any b, const MatMulShape& shape);
/// Copies again what lies the other way, into the parts' own memory.
void reorder(const MatMulParts& parts, Any a, Any b);

}  // namespace takt::gpu
