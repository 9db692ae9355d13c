// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the parts of a die take of it, mm2. Made by sim/machine/area.cpp, kept in records.

namespace takt {

struct DieArea {
  double matrix = 0;     ///< arrays with their registers
  double vector = 0;     ///< vector units
  double sram = 0;       ///< buffers and accumulators
  double dram = 0;       ///< interfaces to DRAM
  double host_link = 0;  ///< interface to the host
  double other = 0;      ///< control, and what is in no block

  double total() const { return matrix + vector + sram + dram + host_link + other; }
};

}  // namespace takt
