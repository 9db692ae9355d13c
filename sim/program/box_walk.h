// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a DMA engine walks a box: in the order in which its bytes lie in memory, whatever order they
// have in the buffer (docs/decisions/0009-memory-order.md).

#include "sim/program/tile_op.h"

namespace takt {

/// The same bytes with the largest strides outermost, and every dimension that continues the row
/// made part of it. Repetitions (stride 0) stay outermost.
Box in_memory_order(const Box& box);
/// The same, but rows that are in that order already stay as many as they are.
Box rows_in_memory_order(const Box& box);

}  // namespace takt
