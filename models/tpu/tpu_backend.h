// SPDX-License-Identifier: Apache-2.0
#pragma once
// The systolic-array backend: TPU v1 and v3, Gemmini, edge NPUs. One backend, many configurations.

#include <memory>

#include "sim/backend/backend.h"

namespace takt {

/// `machine` is copied. Its arrays must be systolic.
std::unique_ptr<Backend> make_tpu_backend(const Machine& machine);

}  // namespace takt
