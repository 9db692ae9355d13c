// SPDX-License-Identifier: Apache-2.0
#pragma once
// Are generator, formats and kernels what they should be, on this very device? Run before anything
// is recorded.

#include <string>
#include <vector>

#include "device.h"

namespace takt::gpu {

/// What is wrong, a line each. Needs no device.
std::vector<std::string> selftest_host();
/// Every kernel of products and attention against plain loops, on shapes that are multiples of
/// nothing.
std::vector<std::string> selftest_device(const DeviceFacts& facts);

}  // namespace takt::gpu
