// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/record.h"

namespace takt {

EnergyRecord& EnergyRecord::operator+=(const EnergyRecord& other) {
  matrix += other.matrix;
  vector += other.vector;
  sram += other.sram;
  dram += other.dram;
  host_link += other.host_link;
  noc += other.noc;
  leakage += other.leakage;
  estimated += other.estimated;
  return *this;
}

}  // namespace takt
