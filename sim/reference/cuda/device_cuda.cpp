// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>

#include "device.h"

namespace takt::gpu {
namespace {

std::string version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// The kernel module's version, "580.65.06", where the system tells it.
std::string module_version() {
  std::ifstream file("/proc/driver/nvidia/version");
  std::string line;
  std::getline(file, line);
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const bool number = word.find_first_not_of("0123456789.") == std::string::npos;
    if (number && word.find('.') != std::string::npos) return word;
  }
  return "";
}

/// Cycles and nanoseconds of a wait of 20 million cycles: the clock that the cores really have.
__global__ void spin_kernel(long long* out) {
  unsigned long long begin = 0, end = 0;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(begin));
  const long long first = clock64();
  long long now = first;
  while (now - first < 20000000) now = clock64();
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(end));
  out[0] = now - first;
  out[1] = static_cast<long long>(end - begin);
}

std::int64_t measured_khz() {
  const Memory memory(16);
  long long out[2] = {0, 0};
  for (int i = 0; i < 3; ++i) spin_kernel<<<1, 1>>>(memory.data<long long>());
  must(cudaGetLastError(), "launch");
  copy_out(out, memory.data(), sizeof out);
  return out[1] > 0 ? out[0] * 1000000 / out[1] : 0;
}

}  // namespace

DeviceFacts open_device() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    throw NoDevice(std::string("no GPU: ") +
                   (status == cudaSuccess ? "none is installed" : cudaGetErrorString(status)));
  }
  must(cudaSetDevice(0), "cudaSetDevice");
  cudaDeviceProp properties{};
  must(cudaGetDeviceProperties(&properties, 0), "cudaGetDeviceProperties");
  if (properties.major < 8) {
    throw NoDevice(std::string("the GPU ") + properties.name +
                   " has no tensor cores for int8 and bf16 (compute capability 8.0 is needed)");
  }
  DeviceFacts facts;
  facts.kind = "gpu";
  facts.name = properties.name;
  facts.compute = std::to_string(properties.major) + "." + std::to_string(properties.minor);
  facts.multiprocessors = properties.multiProcessorCount;
  facts.memory_bytes = properties.totalGlobalMem;
  int driver = 0, runtime = 0, core = 0, memory = 0;
  must(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  must(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  must(cudaDeviceGetAttribute(&core, cudaDevAttrClockRate, 0), "the core clock");
  must(cudaDeviceGetAttribute(&memory, cudaDevAttrMemoryClockRate, 0), "the memory clock");
  facts.driver = module_version();
  if (facts.driver.empty()) facts.driver = "for CUDA " + version_text(driver);
  facts.runtime = version_text(runtime);
  facts.core_clock_khz = core;
  facts.memory_clock_khz = memory;
  facts.measured_clock_khz = measured_khz();
  return facts;
}

}  // namespace takt::gpu
