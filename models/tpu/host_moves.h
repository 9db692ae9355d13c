// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ops that both kinds of nest begin and end with: tensors over the host link, operands kept whole.

#include "sim/backend/region_plan.h"
#include "sim/program/tile_op.h"

namespace takt {

/// A machine with a code for activations keeps them as streams, in the order in which they are
/// fetched: one run of bytes between DRAM and a buffer, coded if that makes it shorter.
void compress(const RegionPlan& plan, Transfer& transfer);
/// The `which`th of the region's host moves, in or out.
bool emit_host_move(const RegionPlan& plan, bool in, std::size_t which, TileOp& op);
/// The load of operand `which`, all of it.
void emit_whole_operand(const RegionPlan& plan, std::size_t which, TileOp& op);
/// The first operand that is loaded whole, or tile by tile: it waits for what lies there before.
std::size_t first_whole(const RegionPlan& plan);
std::size_t first_aligned(const RegionPlan& plan);

}  // namespace takt
