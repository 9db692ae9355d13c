// SPDX-License-Identifier: Apache-2.0
#include "models/common/dram/dram_map.h"

#include <algorithm>

namespace takt {

DramMap::DramMap(const Memory& memory) {
  const DramTiming& t = memory.timing;
  const std::uint64_t burst = std::uint64_t{t.bus_bits} / 8 * t.burst_length;
  const std::uint64_t row = t.row_bytes.value();
  CHECK(memory.channels > 0 && t.bank_groups > 0 && t.banks_per_group > 0)
      << "a memory without channels or banks";
  CHECK(burst > 0 && row > 0) << "a memory without bursts or rows";
  CHECK(row % burst == 0) << "a row of " << row << " bytes, bursts of " << burst;
  CHECK(memory.channels == 1 || memory.interleave.value() > 0)
      << memory.channels << " channels without an interleave";
  channels_ = Divisor(memory.channels);
  interleave_ = Divisor(memory.interleave.value() > 0 ? memory.interleave.value() : row);
  hashed_ = memory.hashed && memory.channels > 1;
  rounds_ = Divisor(std::max<std::uint64_t>(1, row / interleave_.value()));
  burst_bytes_ = Divisor(burst);
  row_bytes_ = Divisor(row);
  set_bytes_ = Divisor(row * t.bank_groups);
  groups_ = Divisor(t.bank_groups);
  banks_ = Divisor(t.banks_per_group);
}

}  // namespace takt
