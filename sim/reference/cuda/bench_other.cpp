// SPDX-License-Identifier: Apache-2.0
#include "attention.h"
#include "bench_table.h"

namespace takt::gpu {
namespace {

template <class T>
std::vector<TimedKernel> attention_kernels(Type type, std::int64_t heads, std::int64_t queries,
                                           std::int64_t keys, int head) {
  const Memory q = noise(type, heads * queries * head), k = noise(type, heads * keys * head);
  const Memory v = noise(type, heads * keys * head), out = noise(type, heads * queries * head);
  const auto run = [=] {
    head == 64 ? attention<T, 64>(q.data<T>(), k.data<T>(), v.data<T>(), out.data<T>(), heads,
                                  queries, keys)
               : attention<T, 128>(q.data<T>(), k.data<T>(), v.data<T>(), out.data<T>(), heads,
                                   queries, keys);
  };
  return {{"own.attention", run, -1}};
}

/// Host memory for copies: pinned ones are what a DMA engine can read without a detour.
struct HostMemory {
  void* data = nullptr;
  bool pinned;
  HostMemory(std::size_t bytes, bool pin) : pinned(pin) {
#if TAKT_ON_GPU
    if (pinned) {
      must(cudaMallocHost(&data, bytes), "cudaMallocHost");
      return;
    }
#endif
    data = std::calloc(bytes, 1);
  }
  ~HostMemory() {
#if TAKT_ON_GPU
    if (pinned) {
      cudaFreeHost(data);
      return;
    }
#endif
    std::free(data);
  }
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;
};

}  // namespace

void attentions(Table& table) {
  for (const int head : {64, 128}) {
    for (const std::int64_t heads : {12, 16, 96}) {
      for (const std::int64_t keys : {128, 197, 512, 1024, 2048, 4096}) {
        for (const std::int64_t queries : {std::int64_t{1}, keys}) {
          for (const Type type : {Type::kFp16, Type::kBf16}) {
            table.row(
                2.0 * static_cast<double>(heads * queries) * static_cast<double>(keys * head),
                [&](Json& json) {
                  json.add("heads", heads).add("queries", queries).add("keys", keys);
                  json.add("head", head).add("dtype", info(type).name);
                },
                [&] {
                  return type == Type::kFp16
                             ? attention_kernels<Half>(type, heads, queries, keys, head)
                             : attention_kernels<Bfloat>(type, heads, queries, keys, head);
                });
          }
        }
      }
    }
  }
}

void copies(Table& table) {
  for (std::size_t bytes = 4; bytes <= std::size_t{256} << 20; bytes *= 4) {
    for (const bool pinned : {true, false}) {
      for (const bool to_device : {true, false}) {
        table.row(
            static_cast<double>(bytes),
            [&](Json& json) {
              json.add("bytes", std::uint64_t{bytes}).add("pinned", pinned);
              json.add("direction", to_device ? "host_to_device" : "device_to_host");
            },
            [&]() -> std::vector<TimedKernel> {
              const auto host = std::make_shared<HostMemory>(bytes, pinned);
              const Memory device(bytes);
              return {{"copy",
                       [=] {
                         to_device ? copy_in(device.data(), host->data, bytes)
                                   : copy_out(host->data, device.data(), bytes);
                       },
                       -1}};
            });
      }
    }
  }
}

}  // namespace takt::gpu
