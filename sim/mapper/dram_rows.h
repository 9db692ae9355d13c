// SPDX-License-Identifier: Apache-2.0
#pragma once
// What DRAM needs for tiles whose rows do not lie together: rows to open, channels left idle. An
// estimate for choosing mappings, no bound: whether a row is open still is a matter of who came
// before, and only `transaction` knows.

#include "sim/machine/machine.h"

namespace takt {

/// Runs of contiguous bytes at one distance from each other.
struct DramRows {
  std::uint64_t bytes = 0;  ///< of all runs
  std::uint64_t run = 0;    ///< of one; 0: all of them lie together
  std::uint64_t pitch = 0;  ///< from one to the next
};

/// Core cycles in which all channels together serve them, asked for by `cores` cores; 0 if memory
/// is ideal.
std::uint64_t dram_cycles(const Machine& machine, const DramRows& rows, std::uint32_t cores);

}  // namespace takt
