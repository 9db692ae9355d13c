// SPDX-License-Identifier: Apache-2.0
#pragma once
// Products by the vendor's libraries, to be timed beside our own kernels and compared with them.

#include <functional>
#include <string>

#include "types.h"

namespace takt::gpu {

/// out[z][m][n] = sum over k of a[z][m][k] * b[z][n][k]: int32 of int8, else the operands' type.
struct GemmCall {
  Type type = Type::kInt8;
  std::int64_t m = 1, n = 1, k = 1, batches = 1;
  const void *a = nullptr, *b = nullptr;
  std::int64_t a_batch = 0, b_batch = 0;  ///< elements from one matrix to the next
  void* out = nullptr;
};

/// x [n][h][w][c], w [o][r][s][c of the group], out [n][p][q][o] in the operands' type.
struct ConvCall {
  Type type = Type::kFp16;
  int n = 1, c = 1, h = 1, w = 1, o = 1, r = 1, s = 1, p = 1, q = 1, groups = 1;
  int stride[2] = {1, 1}, pad[2] = {0, 0}, dilation[2] = {1, 1};
  const void *x = nullptr, *weights = nullptr;
  void* out = nullptr;
};

struct LibraryKernel {
  std::string name;              ///< "cublaslt.gemm"
  std::function<void()> launch;  ///< empty if the library has nothing for this call
};

LibraryKernel library_gemm(const GemmCall& call);
LibraryKernel library_conv(const ConvCall& call);
/// Names and versions, for the record; "" if there are none.
std::string library_versions();

}  // namespace takt::gpu
