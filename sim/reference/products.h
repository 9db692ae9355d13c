// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sums of products of whole tensors: plain loops, all results of one op.

#include <vector>

#include "sim/base/stop.h"
#include "sim/functional/semantics.h"

namespace takt {

/// The sums of a convolution or matrix product, row-major like its result; without bias. Whole
/// numbers are exact (beyond 2^53 nothing here goes), floats are summed in double precision. Throws
/// Stopped soon after `stop` is set.
std::vector<double> products(const Semantics& semantics, OpId op, const TensorValues& a,
                             const TensorValues& b, StopFlag stop = nullptr);

}  // namespace takt
