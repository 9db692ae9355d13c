// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random buffers that cores share.

#include "sim/base/random.h"
#include "sim/machine/machine.h"

namespace takt::test {

/// One of any size and shape, from hardly enough for a tensor to room for all of them.
inline void give_shared_buffer(Machine& machine, Random& random) {
  machine.shared = {};
  Buffer& memory = machine.shared.memory;
  memory.name = "shared";
  memory.banks = 1U << random.between(0, 4);
  memory.width = Bytes(8ULL << random.between(0, 4));
  memory.size = Bytes(memory.banks * memory.width.value() << random.between(2, 8));
  memory.read_ports = memory.write_ports = static_cast<std::uint32_t>(random.between(1, 2));
  memory.shared_port = random.between(0, 1) == 0;
  machine.shared.link = Bytes(4ULL << random.between(0, 6));
  machine.shared.latency = Cycles(random.between(0, 30));
}

}  // namespace takt::test
