// SPDX-License-Identifier: Apache-2.0
#pragma once
// A network with its oracle's values and records of it, for tests of `--check recorded` and
// `--check cuda` with the build that runs on the processor.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/functional/player.h"
#include "sim/ir/fuse.h"
#include "sim/reference/cuda/record.h"
#include "sim/reference/layer_list.h"
#include "sim/reference/oracle.h"

namespace takt::test {

namespace fs = std::filesystem;

inline constexpr std::uint64_t kSeed = 5;

inline ReferenceOptions with_seed(std::uint64_t seed) {
  ReferenceOptions options;
  options.seed = seed;
  return options;
}

class ExecutorCase {
 public:
  ExecutorCase(DType precision, Graph network) : graph(std::move(network)), precision_(precision) {
    FuseOptions fusing;
    fusing.precision = precision;
    regions = *fuse(graph, fusing);
    semantics = std::make_unique<Semantics>(graph, precision);
    OracleOptions options;
    options.seed = kSeed;
    oracle = *Oracle(*semantics, options).run();
    std::string name = (fs::temp_directory_path() / "takt_records_XXXXXX").string();
    folder = mkdtemp(name.data());
  }
  ~ExecutorCase() { fs::remove_all(folder); }

  /// A record as the program writes it, after `change`.
  template <class Change>
  void record(const Change& change) {
    const gpu::Network network =
        gpu::parse_network(write_layer_list(graph, regions, precision_), "list");
    gpu::RunOptions options;
    options.seed = kSeed;
    options.times = false;
    std::string text = gpu::run_network(network, gpu::open_device(), options).json;
    change(text);
    fs::create_directories(folder + "/processor");
    std::ofstream(folder + "/processor/net.json") << text;
  }
  void record() {
    record([](std::string&) {});
  }

  /// What a program that computes as the oracle does leaves, after `change` of the last tensor.
  template <class Change>
  ValueCheck compare(const ReferenceExecutor& executor, const NetworkValues& given,
                     const Change& change) {
    std::vector<std::vector<std::byte>> stored(regions.tensors.size());
    for (std::uint32_t i = 0; i < stored.size(); ++i) {
      stored[i] = stored_bytes(regions, {i}, oracle);
    }
    change(stored[regions.regions.back().output.tensor.index]);
    return executor.compare(regions, given, [&](TensorId id) -> const std::vector<std::byte>& {
      return stored[id.index];
    });
  }

  Graph graph;
  RegionGraph regions;
  std::unique_ptr<Semantics> semantics;
  NetworkValues oracle;
  std::string folder;

 private:
  DType precision_;
};

inline void unchanged(std::vector<std::byte>&) {}

}  // namespace takt::test
