// SPDX-License-Identifier: Apache-2.0
#pragma once
// What run-length compression makes of activations on their way to DRAM and back.

#include <cstdint>

#include "sim/base/dtype.h"
#include "sim/base/quantity.h"
#include "sim/machine/machine.h"

namespace takt {

/// Bytes that `size` bytes of elements take in DRAM when `zero_ppm` millionths of them are zeros
/// that lie at random: whole words of the code, and never more than they take as they are.
Bytes compressed(const RunLengthCode& code, DType dtype, Bytes size, std::uint32_t zero_ppm);

}  // namespace takt
