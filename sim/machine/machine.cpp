// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/machine.h"

#include <algorithm>

namespace takt {

std::uint64_t bytes_per_cycle(const Buffer& buffer, bool write) {
  const std::uint32_t either = std::max(buffer.read_ports, buffer.write_ports);
  const std::uint32_t ports =
      buffer.shared_port ? either : (write ? buffer.write_ports : buffer.read_ports);
  return std::uint64_t{buffer.banks} * buffer.width.value() * ports;
}

double peak_macs_per_cycle(const Machine& machine, DType dtype) {
  const MacRate rate = machine.matrix.rate_of(dtype);
  const double pes = static_cast<double>(machine.matrix.rows) * machine.matrix.cols;
  return pes * machine.matrix.count * machine.cores * rate.numerator / rate.denominator;
}

std::uint64_t fastest_bytes_per_s(const Memory& memory) {
  std::uint64_t fastest = memory.bandwidth_bytes_per_s;
  for (const Cache* cache : {&memory.cache, &memory.inner_cache}) {
    if (cache->present()) fastest = std::max(fastest, cache->bandwidth_bytes_per_s);
  }
  return fastest;
}

}  // namespace takt
