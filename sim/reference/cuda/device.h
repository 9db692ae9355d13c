// SPDX-License-Identifier: Apache-2.0
#pragma once
// What runs the bodies: memory, launches and clocks of the GPU, or of the processor in the host
// build.

#include <chrono>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "block.h"

namespace takt::gpu {

/// The device failed: out of memory, a fault in a kernel.
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// There is no device that this build could run on.
struct NoDevice : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a record says of the machine.
struct DeviceFacts {
  std::string kind;  ///< "gpu" or "host"
  std::string name, driver, runtime, compute;
  int multiprocessors = 0;
  /// Highest rated ones, and what the cores were found to run at.
  std::int64_t core_clock_khz = 0, memory_clock_khz = 0, measured_clock_khz = 0;
  std::uint64_t memory_bytes = 0;
};

#if TAKT_ON_GPU

inline void must(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  throw DeviceError(std::string(what) + ": " + cudaGetErrorString(status));
}

class Memory {
 public:
  Memory() = default;
  explicit Memory(std::size_t bytes) {
    void* data = nullptr;
    must(cudaMalloc(&data, bytes + 64), "cudaMalloc");
    data_ = std::shared_ptr<void>(data, [](void* p) { cudaFree(p); });
  }
  template <class T = void>
  T* data() const {
    return static_cast<T*>(data_.get());
  }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  std::shared_ptr<void> data_;
};

inline void copy_in(void* device, const void* host, std::size_t bytes) {
  must(cudaMemcpy(device, host, bytes, cudaMemcpyHostToDevice), "copy to the device");
}
inline void copy_out(void* host, const void* device, std::size_t bytes) {
  must(cudaMemcpy(host, device, bytes, cudaMemcpyDeviceToHost), "copy from the device");
}
inline void set_zero(void* device, std::size_t bytes) {
  must(cudaMemset(device, 0, bytes), "cudaMemset");
}
inline void wait() { must(cudaDeviceSynchronize(), "the device"); }

template <class F>
__global__ void each_kernel(F f, std::int64_t count) {
  const std::int64_t step = std::int64_t{gridDim.x} * blockDim.x;
  for (std::int64_t i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
    f(i);
  }
}
/// f(i) for all i below count.
template <class F>
void for_each(std::int64_t count, const F& f) {
  if (count <= 0) return;
  const std::int64_t blocks = least<std::int64_t>((count + 255) / 256, 1 << 20);
  each_kernel<<<static_cast<unsigned>(blocks), 256>>>(f, count);
  must(cudaGetLastError(), "launch");
}

template <class F>
__global__ void sum_kernel(F f, std::int64_t count, unsigned long long* total) {
  Block block{static_cast<int>(blockIdx.x), 0, 0, 256, nullptr};
  const unsigned long long sum = block.together<unsigned long long>(
      [&](int thread) {
        unsigned long long part = 0;
        const std::int64_t step = std::int64_t{gridDim.x} * 256;
        for (std::int64_t i = std::int64_t{blockIdx.x} * 256 + thread; i < count; i += step) {
          part += f(i);
        }
        return part;
      },
      [](unsigned long long a, unsigned long long b) { return a + b; });
  if (threadIdx.x == 0) atomicAdd(total, sum);
}
/// The sum of f(i) over all i below count, modulo 2^64.
template <class F>
std::uint64_t sum_of_each(std::int64_t count, const F& f) {
  if (count <= 0) return 0;
  Memory total(8);
  set_zero(total.data(), 8);
  const std::int64_t blocks = least<std::int64_t>((count + 255) / 256, 4096);
  sum_kernel<<<static_cast<unsigned>(blocks), 256>>>(f, count, total.data<unsigned long long>());
  must(cudaGetLastError(), "launch");
  std::uint64_t sum = 0;
  copy_out(&sum, total.data(), 8);
  return sum;
}

template <class Body>
__global__ void block_kernel(Body body, int threads) {
  extern __shared__ uint4 takt_block_memory[];
  Block block{static_cast<int>(blockIdx.x), static_cast<int>(blockIdx.y),
              static_cast<int>(blockIdx.z), threads, takt_block_memory};
  body(block);
}
/// Runs the body once a block, with `memory` bytes of shared memory.
template <class Body>
void for_each_block(Grid grid, int threads, std::size_t memory, const Body& body) {
  if (memory > 48 * 1024) {
    must(cudaFuncSetAttribute(block_kernel<Body>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                              static_cast<int>(memory)),
         "shared memory");
  }
  block_kernel<<<dim3(grid.x, grid.y, grid.z), threads, memory>>>(body, threads);
  must(cudaGetLastError(), "launch");
}

/// Seconds on the device's own clock.
class Stopwatch {
 public:
  Stopwatch() {
    must(cudaEventCreate(&begin_), "cudaEventCreate");
    must(cudaEventCreate(&end_), "cudaEventCreate");
  }
  ~Stopwatch() {
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  void start() { must(cudaEventRecord(begin_), "cudaEventRecord"); }
  double stop() {
    must(cudaEventRecord(end_), "cudaEventRecord");
    must(cudaEventSynchronize(end_), "the device");
    float milliseconds = 0;
    must(cudaEventElapsedTime(&milliseconds, begin_, end_), "cudaEventElapsedTime");
    return milliseconds * 1e-3;
  }

 private:
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

#else

class Memory {
 public:
  Memory() = default;
  explicit Memory(std::size_t bytes)
      : data_(std::calloc((bytes + 64 + 63) / 64, 64), [](void* p) { std::free(p); }) {}
  template <class T = void>
  T* data() const {
    return static_cast<T*>(data_.get());
  }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  std::shared_ptr<void> data_;
};

inline void copy_in(void* device, const void* host, std::size_t bytes) {
  if (bytes > 0) std::memcpy(device, host, bytes);
}
inline void copy_out(void* host, const void* device, std::size_t bytes) {
  if (bytes > 0) std::memcpy(host, device, bytes);
}
inline void set_zero(void* device, std::size_t bytes) { std::memset(device, 0, bytes); }
inline void wait() {}

template <class F>
void for_each(std::int64_t count, const F& f) {
  for (std::int64_t i = 0; i < count; ++i) f(i);
}
template <class F>
std::uint64_t sum_of_each(std::int64_t count, const F& f) {
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += f(i);
  return sum;
}
template <class Body>
void for_each_block(Grid grid, int threads, std::size_t memory, const Body& body) {
  std::vector<std::uint64_t> shared(memory / 8 + 8);
  for (unsigned z = 0; z < grid.z; ++z) {
    for (unsigned y = 0; y < grid.y; ++y) {
      for (unsigned x = 0; x < grid.x; ++x) {
        Block block{static_cast<int>(x), static_cast<int>(y), static_cast<int>(z), threads,
                    shared.data()};
        body(block);
      }
    }
  }
}

class Stopwatch {
 public:
  void start() { begin_ = std::chrono::steady_clock::now(); }
  double stop() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_;
};

#endif

/// Threads of a block whose body takes any number: one loop is quickest on a processor.
inline int threads_for_rows(std::int64_t length) {
  if (!TAKT_ON_GPU) return 1;
  return length <= 32 ? 32 : length <= 128 ? 64 : length <= 512 ? 128 : 256;
}

/// Throws NoDevice where there is none; call it before anything else.
DeviceFacts open_device();

/// Times of one thing, in seconds.
struct Timing {
  double median = 0, least = 0, most = 0;
  int samples = 0, repeats = 0;  ///< repeats launches back to back are a sample
};

template <class F>
Timing time_of(const F& launch, double budget_seconds, int most_samples = 25);

}  // namespace takt::gpu

#include "timing.h"
