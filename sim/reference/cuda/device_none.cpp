// SPDX-License-Identifier: Apache-2.0
// The host build runs on the processor; it has no GPU's facts and no GPU's times.
#include "device.h"

namespace takt::gpu {

DeviceFacts open_device() {
  DeviceFacts facts;
  facts.kind = "host";
  facts.name = "processor";
  facts.multiprocessors = 1;
  return facts;
}

}  // namespace takt::gpu
