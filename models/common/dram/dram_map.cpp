// SPDX-License-Identifier: Apache-2.0
#include "models/common/dram/dram_map.h"

namespace takt {

DramMap::DramMap(const Memory& memory)
    : channels_(memory.channels),
      interleave_(memory.interleave.value()),
      burst_bytes_(std::uint64_t{memory.timing.bus_bits} / 8 * memory.timing.burst_length),
      row_bytes_(memory.timing.row_bytes.value()),
      groups_(memory.timing.bank_groups),
      banks_(memory.timing.banks_per_group) {
  CHECK(channels_ > 0 && groups_ > 0 && banks_ > 0) << "a memory without channels or banks";
  CHECK(burst_bytes_ > 0 && row_bytes_ > 0) << "a memory without bursts or rows";
  CHECK(row_bytes_ % burst_bytes_ == 0)
      << "a row of " << row_bytes_ << " bytes, bursts of " << burst_bytes_;
  if (interleave_ == 0) {
    CHECK(channels_ == 1) << channels_ << " channels without an interleave";
    interleave_ = row_bytes_;
  }
}

}  // namespace takt
