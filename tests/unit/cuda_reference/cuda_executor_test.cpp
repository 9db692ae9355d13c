// SPDX-License-Identifier: Apache-2.0
// `--check cuda` with the build that runs on the processor: its values are the oracle's, and every
// way in which there are none is told apart.
#include "sim/reference/cuda_executor.h"

#include <chrono>

#include "sim/workload/workload.h"
#include "tests/unit/cuda_reference/executor_case.h"

namespace takt::test {
namespace {

struct Case : ExecutorCase {
  explicit Case(DType precision)
      : ExecutorCase(precision, *read_workload(TAKT_SOURCE_DIR "/workloads/cifar10_cnn.yaml", {})) {
  }
};

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

/// A program that ends as it is told to.
class FakeProgram {
 public:
  FakeProgram(const std::string& folder, const std::string& does) {
    const std::string path = folder + "/takt_cuda";
    std::ofstream(path) << "#!/bin/sh\n" << does << '\n';
    fs::permissions(path, fs::perms::owner_all);
    setenv("TAKT_CUDA_PROGRAM", path.c_str(), 1);
  }
  ~FakeProgram() { unsetenv("TAKT_CUDA_PROGRAM"); }
};

TEST(Cuda, NamesEveryNodeThatTheProgramRefuses) {
  Case c(DType::kInt8);
  const FakeProgram program(
      c.folder,
      "printf \"node 'a b': operator 'x' has no kernel here\\nnode 'c': no\\n\" >&2; exit 4");
  const auto given = CudaExecutor().run(*c.semantics, with_seed(kSeed));
  ASSERT_FALSE(given.ok());
  ASSERT_EQ(given.errors().size(), 2U);
  EXPECT_EQ(given.errors()[0].name, "E-no-cuda");
  EXPECT_EQ(given.errors()[0].path, "node 'a b'");
  EXPECT_EQ(given.errors()[0].message, "operator 'x' has no kernel here");
  EXPECT_EQ(given.errors()[1].path, "node 'c'");
  EXPECT_EQ(exit_code(given.errors()), 4);
}

TEST(Cuda, AnInterruptEndsTheProgram) {
  Case c(DType::kInt8);
  const FakeProgram program(c.folder, "exec sleep 60");
  std::atomic<bool> stop{true};
  ReferenceOptions options;
  options.stop = &stop;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THROW(static_cast<void>(CudaExecutor().run(*c.semantics, options)), Stopped);
  const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(gone.count(), 30);
}

TEST(Cuda, AProgramThatFailsIsNoMissingGpu) {
  Case c(DType::kInt8);
  const std::pair<const char*, const char*> cases[] = {
      {"echo 'takt_cuda: cudaMalloc: out of memory' >&2; exit 6",
       "takt_cuda: cudaMalloc: out of memory"},
      {"exit 6", "/takt_cuda ended with exit code 6"},
      {"kill -9 $$", "/takt_cuda was ended by signal 9"},
      {"exit 0", "takt_cuda's tensors cannot be read: no header"},
  };
  for (const auto& [does, said] : cases) {
    const FakeProgram program(c.folder, does);
    const auto given = CudaExecutor().run(*c.semantics, with_seed(kSeed));
    ASSERT_FALSE(given.ok()) << does;
    EXPECT_EQ(given.errors()[0].name, "E-cuda-failed");
    EXPECT_NE(given.errors()[0].message.find(said), std::string::npos) << given.errors()[0].message;
    EXPECT_EQ(exit_code(given.errors()), 1);
  }
}

TEST(Cuda, TensorsThatAreCutOffAreRefused) {
  Case c(DType::kInt8);
  for (const char* text : {"", "takt_tensors 2\n", "takt_tensors 1\n", "takt_tensors 1\nnoise\n",
                           "takt_tensors 1\ntensor 0 int8 12\nabc"}) {
    const auto given = read_cuda_tensors(text, *c.semantics);
    ASSERT_FALSE(given.ok()) << text;
    EXPECT_EQ(given.errors()[0].name, "E-cuda-failed");
  }
}

}  // namespace
}  // namespace takt::test
