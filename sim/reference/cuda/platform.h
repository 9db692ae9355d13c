// SPDX-License-Identifier: Apache-2.0
#pragma once
// The same source for a GPU and for a processor. nvcc compiles it to kernels; any C++17 compiler
// compiles it to loops that run the same bodies block after block and thread after thread, so that
// indices, integer arithmetic and formats are tested where there is no GPU. This folder depends on
// the CUDA toolkit and the C++ standard library alone.

#include <cstdint>

#if defined(__CUDACC__)
#define TAKT_ON_GPU 1
#define TAKT_HD __host__ __device__
#define TAKT_DEVICE __device__
#define TAKT_UNROLL _Pragma("unroll")
#else
#define TAKT_ON_GPU 0
#define TAKT_HD
#define TAKT_DEVICE
#define TAKT_UNROLL
#endif

namespace takt::gpu {

/// What floats are computed in beside sums of products: double is slow on most GPUs.
#if TAKT_ON_GPU
using Real = float;
#else
using Real = double;
#endif

template <class T>
TAKT_HD constexpr T least(T a, T b) {
  return b < a ? b : a;
}
template <class T>
TAKT_HD constexpr T most(T a, T b) {
  return a < b ? b : a;
}

}  // namespace takt::gpu
