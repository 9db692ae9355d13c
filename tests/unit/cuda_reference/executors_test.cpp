// SPDX-License-Identifier: Apache-2.0
// `--check recorded` and `--check cuda` with the build that runs on the processor: records of it
// agree with the oracle, and every way in which they can not is found.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sim/functional/player.h"
#include "sim/ir/fuse.h"
#include "sim/reference/cuda/record.h"
#include "sim/reference/cuda_executor.h"
#include "sim/reference/layer_list.h"
#include "sim/reference/oracle.h"
#include "sim/reference/recorded_executor.h"
#include "sim/workload/workload.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 5;

ReferenceOptions with_seed(std::uint64_t seed) {
  ReferenceOptions options;
  options.seed = seed;
  return options;
}

class Case {
 public:
  explicit Case(DType precision) : precision_(precision) {
    graph = *read_workload(TAKT_SOURCE_DIR "/workloads/cifar10_cnn.yaml", {});
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
  ~Case() { fs::remove_all(folder); }

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

void unchanged(std::vector<std::byte>&) {}

TEST(Recorded, AgreesWithTheOracle) {
  for (const DType dtype : {DType::kInt8, DType::kFp16, DType::kFp32}) {
    Case c(dtype);
    c.record();
    RecordedExecutor executor({c.folder});
    const auto given = executor.run(*c.semantics, with_seed(kSeed));
    ASSERT_TRUE(given.ok()) << to_string(given.errors());
    for (std::size_t op = 0; op < c.graph.ops.size(); ++op) {
      EXPECT_EQ(given->scales[op].multiplier, c.oracle.scales[op].multiplier);
    }
    const ValueCheck check = c.compare(executor, *given, unchanged);
    EXPECT_TRUE(check.ok()) << check.findings.front();
    EXPECT_EQ(check.reference, "recorded");
    EXPECT_GT(check.compared, dtype == DType::kInt8 ? 10000U : 40U);
  }
}

TEST(Recorded, FindsOneWrongElement) {
  Case c(DType::kInt8);
  c.record();
  RecordedExecutor executor({c.folder});
  const auto given = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_TRUE(given.ok());
  const ValueCheck check = c.compare(
      executor, *given, [](std::vector<std::byte>& bytes) { bytes[3] = bytes[3] ^ std::byte{1}; });
  EXPECT_EQ(check.mismatches, 1U);
  EXPECT_FALSE(check.ok());
}

TEST(Recorded, FindsAFloatBeyondItsBound) {
  Case c(DType::kFp32);
  c.record();
  RecordedExecutor executor({c.folder});
  const auto given = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_TRUE(given.ok());
  const ValueCheck check = c.compare(executor, *given, [](std::vector<std::byte>& bytes) {
    store_element(DType::kFp32, bytes.data(), load_element(DType::kFp32, bytes.data()) + 0.5);
  });
  EXPECT_EQ(check.mismatches, 1U);
}

TEST(Recorded, NoRecordSaysHowToMakeOne) {
  Case c(DType::kInt8);
  c.record();
  RecordedExecutor executor({c.folder, "/does/not/exist"});
  const auto other_seed = executor.run(*c.semantics, with_seed(kSeed + 1));
  ASSERT_FALSE(other_seed.ok());
  EXPECT_EQ(other_seed.errors()[0].name, "E-no-record");
  EXPECT_EQ(exit_code(other_seed.errors()), 3);
  EXPECT_NE(other_seed.errors()[0].hint.find("scripts/record_cuda"), std::string::npos);
}

TEST(Recorded, RefusesOtherSeededTensorsAndBrokenFiles) {
  Case c(DType::kInt8);
  c.record([](std::string& text) {
    const std::size_t at = text.find("\"checksum\": \"") + 13;
    text[at] = text[at] == '0' ? '1' : '0';
  });
  RecordedExecutor executor({c.folder});
  const auto given = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_FALSE(given.ok());
  EXPECT_EQ(given.errors()[0].name, "E-bad-record");
  c.record([](std::string& text) { text.resize(text.size() / 2); });
  const auto cut = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.errors()[0].name, "E-bad-record");
}

TEST(Cuda, RunsTheProgramAndReadsAllTensors) {
  Case c(DType::kInt8);
  setenv("TAKT_CUDA_PROGRAM", TAKT_CUDA_ON_HOST, 1);
  CudaExecutor executor;
  const auto given = executor.run(*c.semantics, with_seed(kSeed));
  ASSERT_TRUE(given.ok()) << to_string(given.errors());
  for (std::size_t i = 0; i < c.graph.tensors.size(); ++i) {
    const TensorValues &want = c.oracle.tensors[i], &got = given->tensors[i];
    ASSERT_EQ(got.elements(), want.elements());
    for (std::int64_t e = 0; e < want.elements(); ++e) ASSERT_EQ(got.at(e), want.at(e)) << i;
  }
  const ValueCheck check = c.compare(executor, *given, unchanged);
  EXPECT_TRUE(check.ok());
  EXPECT_EQ(check.reference, "cuda");
}

TEST(Cuda, NoProgramIsUnsupported) {
  Case c(DType::kInt8);
  setenv("TAKT_CUDA_PROGRAM", "/does/not/exist", 1);
  const auto given = CudaExecutor().run(*c.semantics, with_seed(kSeed));
  ASSERT_FALSE(given.ok());
  EXPECT_EQ(given.errors()[0].name, "E-no-cuda");
  EXPECT_EQ(exit_code(given.errors()), 4);
}

TEST(Cuda, TensorsThatAreCutOffAreRefused) {
  Case c(DType::kInt8);
  for (const char* text : {"", "takt_tensors 2\n", "takt_tensors 1\n", "takt_tensors 1\nnoise\n",
                           "takt_tensors 1\ntensor 0 int8 12\nabc"}) {
    const auto given = read_cuda_tensors(text, *c.semantics);
    ASSERT_FALSE(given.ok()) << text;
    EXPECT_EQ(given.errors()[0].name, "E-no-cuda");
  }
}

}  // namespace
}  // namespace takt
