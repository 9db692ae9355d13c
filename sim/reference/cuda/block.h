// SPDX-License-Identifier: Apache-2.0
#pragma once
// One block of threads. A body is written in phases: each_thread(f) runs f(thread) for all threads
// of the block and ends with a barrier. On a GPU every thread runs its own; on a processor one loop
// runs them all, and what a thread keeps from phase to phase is in a PerThread.

#include <cstring>
#include <vector>

#include "platform.h"

namespace takt::gpu {

struct Grid {
  unsigned x = 1, y = 1, z = 1;
};

#if TAKT_ON_GPU

struct Block {
  int x, y, z, threads;
  void* memory;

  template <class F>
  __device__ void each_thread(const F& f) {
    f(static_cast<int>(threadIdx.x));
    __syncthreads();
  }
  /// Without the barrier: f touches nothing that another thread touches before the next one.
  template <class F>
  __device__ void each_thread_alone(const F& f) {
    f(static_cast<int>(threadIdx.x));
  }
  /// f(thread) of all threads put together by `join`, known to all.
  template <class T, class F, class J>
  __device__ T together(const F& f, const J& join) {
    __shared__ T parts[33];
    T value = f(static_cast<int>(threadIdx.x));
    for (int step = 16; step > 0; step >>= 1) {
      value = join(value, __shfl_xor_sync(0xFFFFFFFFU, value, step));
    }
    const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
    if (lane == 0) parts[warp] = value;
    __syncthreads();
    if (threadIdx.x == 0) {
      T all = parts[0];
      for (int i = 1; i < threads / 32; ++i) all = join(all, parts[i]);
      parts[32] = all;
    }
    __syncthreads();
    value = parts[32];
    __syncthreads();
    return value;
  }
};

template <class T>
struct PerThread {
  T value{};
  __device__ explicit PerThread(const Block&) {}
  __device__ T& operator[](int) { return value; }
};

#else

struct Block {
  int x, y, z, threads;
  void* memory;

  template <class F>
  void each_thread(const F& f) {
    for (int thread = 0; thread < threads; ++thread) f(thread);
  }
  template <class F>
  void each_thread_alone(const F& f) {
    each_thread(f);
  }
  template <class T, class F, class J>
  T together(const F& f, const J& join) {
    T all = f(0);
    for (int thread = 1; thread < threads; ++thread) all = join(all, f(thread));
    return all;
  }
};

template <class T>
struct PerThread {
  std::vector<T> values;
  explicit PerThread(const Block& block) : values(static_cast<std::size_t>(block.threads)) {}
  T& operator[](int thread) { return values[static_cast<std::size_t>(thread)]; }
};

#endif

}  // namespace takt::gpu
