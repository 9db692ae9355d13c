// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a machine takes of a die, from the areas of a process.

#include <array>

#include "sim/base/die_area.h"
#include "sim/machine/sram_table.h"

namespace takt {

/// Areas of one thing each, mm2; `energy.area` of a machine file.
struct AreaTable {
  std::array<double, 6> mac{};  ///< a multiplier and adder, by DType kInt8..kFp32
  double register_bit = 0;
  double vector_lane = 0;
  SramTable sram;         ///< mm2 a MiB
  double dram_bit = 0;    ///< a bit of a channel's data bus: pins, PHY, controller
  double host_lane = 0;   ///< of the host link
  double blocks = 1;      ///< what a block takes over the sum of its cells and memories
  double rest_share = 0;  ///< of the die: in no block
};

/// Cells and memories are counted, blocks grow by `blocks`, interfaces are as measured, and
/// `rest_share` of the whole is added.
DieArea area_of(const AreaTable& table, const Machine& machine);

}  // namespace takt
