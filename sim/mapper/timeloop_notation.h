// SPDX-License-Identifier: Apache-2.0
#pragma once
// Mappings in the one-line notation of Timeloop (Parashar et al., ISPASS 2019), as the data of DOSA
// (Hong et al., MICRO 2023) have them for Gemmini:
//
//   L3[WIO] C2 K4 - L2[WI] N1 K16X - L1[O] K4 Q14 C8 C16X - L0[W] P2
//
// A level is a memory with the operands it holds (weights, inputs, outputs): L3 DRAM, L2
// scratchpad, L1 accumulator, L0 the PEs' weights. Behind it stand the loops over tiles of the
// level below, outermost first; X marks those that are spread over the array. docs/mapping.md has
// what of it a machine can be told.

#include "sim/mapper/mapping.h"

namespace takt {

/// `place` is that of the text's first character.
Result<TimeloopMapping> read_timeloop(const std::string& text, const Place& place,
                                      const std::string& source_line);

/// What the notation means for a layer, or why it is no mapping of it.
struct TimeloopMeaning {
  RegionMapping mapping;
  std::string fault;  ///< empty: none
  int column = 0;     ///< of the factor at fault, from 0 within the text; -1 = the whole
};
TimeloopMeaning meaning_of(const TimeloopMapping& notation, const Region& region,
                           const Machine& machine);

}  // namespace takt
