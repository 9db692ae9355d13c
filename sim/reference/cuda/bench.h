// SPDX-License-Identifier: Apache-2.0
#pragma once
// Times of single kernels over grids of shapes.

#include <string>
#include <vector>

#include "device.h"

namespace takt::gpu {

std::vector<std::string> bench_suites();  ///< "gemm", "conv", …

struct BenchResult {
  std::string json;
  int measured = 0, left_out = 0;  ///< rows; left out when the budget was spent
  std::int64_t differ = 0;         ///< elements in which a timed kernel is not the values
};
/// `most_work` leaves out rows of more multiply-accumulates (0 = none): for a build without a GPU.
BenchResult bench(const std::string& suite, const DeviceFacts& facts, double budget_seconds,
                  double most_work);

}  // namespace takt::gpu
