// SPDX-License-Identifier: Apache-2.0
// Compiled layers and networks at fidelity `cycle`: every count is `transaction`'s, every value the
// oracle's, and a closed form that is off by a cycle does not go unnoticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/random.h"
#include "tests/fidelity/cycle/cycle_case.h"

namespace takt::test {
namespace {

/// What a run is apart from host facts.
std::string counts_of(EngineResult result) {
  result.kernel_activations = 0;
  return encode(result);
}

/// Plays at both fidelities, each in a process of its own. Empty if counts are the same and values
/// right, else what is wrong.
std::string problem(const Case& tried, const TileTiming& timing) {
  const Program& program = tried.program();
  const std::string plain = run_in_child_or_throw([&] {
    return counts_of(make_transaction_engine(*program.machine, timing)->run(program, {}).value());
  });
  const std::string cycle = run_in_child_or_throw([&] {
    const CycleRun run(tried, timing);
    return run.problem.empty() ? counts_of(run.result) : run.problem;
  });
  if (cycle == plain) return "";
  return cycle.size() == plain.size() ? "the counts differ" : cycle;
}

class RandomCase {
 public:
  explicit RandomCase(std::uint64_t seed) : random_(seed) {}
  std::string workload() {
    if (random_.between(0, 1) == 0) {
      return "gemm:m=" + pick(1, 70) + ",n=" + pick(1, 50) + ",k=" + pick(1, 90);
    }
    // In groups sometimes, and then with few channels each.
    const std::uint64_t groups = random_.between(0, 2) == 0 ? random_.between(2, 9) : 1;
    const auto channels = [&](std::uint64_t most) {
      return std::to_string(groups * random_.between(1, groups > 1 ? 2 : most));
    };
    return "conv:n=" + pick(1, 2) + ",c=" + channels(12) + ",h=" + pick(4, 12) +
           ",w=" + pick(4, 12) + ",k=" + channels(20) + ",r=" + pick(1, 3) + ",s=" + pick(1, 3) +
           ",stride=" + pick(1, 2) + ",pad=" + pick(0, 1) + ",groups=" + std::to_string(groups);
  }
  std::vector<std::string> machine() {
    return {"core.matrix.rows=" + one_of({"4", "8", "13"}),
            "core.matrix.cols=" + one_of({"4", "8", "11"}),
            "core.matrix.dataflow=" +
                one_of({"weight_stationary", "output_stationary", "input_stationary"}),
            "core.matrix.count=" + one_of({"1", "1", "2"}),
            "core.matrix.accumulators=" + one_of({"16", "64", "512"}),
            "core.matrix.weight_buffers=" + pick(1, 2),
            "core.matrix.macs_per_pe.int8=" + one_of({"1", "1", "2", "4", "1/2"}),
            "core.matrix.macs_per_pe.int16=" + one_of({"1", "1/2"}),
            "core.buffers.unified.size=" + one_of({"8 KiB", "32 KiB", "1 MiB"}),
            "core.dma.engines=" + pick(1, 2),
            "cores=" + one_of({"1", "1", "2"}),
            "memory.ideal=" + one_of({"true", "false"}),
            "host.enabled=" + one_of({"true", "false"})};
  }
  DType dtype() {
    const DType all[] = {DType::kInt8, DType::kInt8, DType::kInt16, DType::kFp16, DType::kFp32};
    return all[random_.between(0, std::size(all) - 1)];
  }

 private:
  std::string pick(std::uint64_t low, std::uint64_t high) {
    return std::to_string(random_.between(low, high));
  }
  std::string one_of(const std::vector<std::string>& words) {
    return words[random_.between(0, words.size() - 1)];
  }
  Random random_;
};

TEST(CycleEngine, CountsAreTransactionsAndValuesTheOracles) {
  constexpr std::uint64_t kSeeds = 150;
  std::uint64_t fitted = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomCase random(seed);
    const std::string workload = random.workload();
    const std::vector<std::string> overrides = random.machine();
    const Case tried("npu_128.yaml", overrides, workload, random.dtype());
    if (tried.why_not == "infeasible") continue;
    SCOPED_TRACE("seed " + std::to_string(seed) + ", " + workload + " on " +
                 testing::PrintToString(overrides));
    ASSERT_EQ(tried.why_not, "");
    ++fitted;
    ASSERT_EQ(problem(tried, tried.backend->timing()), "");
  }
  EXPECT_GT(fitted, kSeeds / 2);
}

TEST(CycleEngine, SmallNetworks) {
  const std::string network = TAKT_SOURCE_DIR "/workloads/cifar10_cnn.yaml";
  for (const char* arch : {"gemmini_16x16.yaml", "edge_npu.yaml", "npu_128.yaml"}) {
    const Case tried(arch, {}, network, DType::kInt8);
    ASSERT_EQ(tried.why_not, "");
    EXPECT_EQ(problem(tried, tried.backend->timing()), "") << arch;
  }
}

/// The true timing but for one moment.
class OffByOne : public TileTiming {
 public:
  OffByOne(const TileTiming& right, Cycles MatrixCost::*which) : right_(right), which_(which) {}
  MatrixCost matrix(const TileOp& op) const override {
    MatrixCost cost = right_.matrix(op);
    if (cost.*which_ > Cycles(0)) cost.*which_ += Cycles(1);
    return cost;
  }
  Cycles vector_busy(const TileOp& op) const override { return right_.vector_busy(op); }
  Cycles vector_latency() const override { return right_.vector_latency(); }

 private:
  const TileTiming& right_;
  Cycles MatrixCost::*which_;
};

TEST(CycleEngine, AWrongClosedFormIsFound) {
  const std::string product = "gemm:m=40,n=40,k=40";
  const std::pair<const char*, std::vector<Cycles MatrixCost::*>> flows[] = {
      {"weight_stationary", {&MatrixCost::load, &MatrixCost::issue, &MatrixCost::drain}},
      {"input_stationary", {&MatrixCost::load, &MatrixCost::issue, &MatrixCost::drain}},
      {"output_stationary", {&MatrixCost::issue, &MatrixCost::drain, &MatrixCost::unload}}};
  for (const auto& [flow, parts] : flows) {
    const Case tried("gemmini_16x16.yaml",
                     {std::string("core.matrix.dataflow=") + flow, "core.matrix.weight_buffers=1"},
                     product, DType::kInt8);
    ASSERT_EQ(tried.why_not, "");
    EXPECT_EQ(problem(tried, tried.backend->timing()), "");
    for (const auto part : parts) {
      try {
        problem(tried, OffByOne(tried.backend->timing(), part));
        ADD_FAILURE() << flow << ": nobody noticed";
      } catch (const InternalError& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("the array counts")) << flow;
      }
    }
  }
}

TEST(CycleEngine, WhatItCannotPlayItNames) {
  const auto said = [](const std::vector<std::string>& overrides, DType dtype) {
    const Case tried("npu_128.yaml", overrides, "gemm:m=8,n=8,k=8", dtype);
    EXPECT_EQ(tried.why_not, "");
    std::string text;
    for (const Diagnostic& d : cycle_problems(tried.program())) {
      EXPECT_EQ(d.kind, ErrorKind::kUnsupported);
      text += d.message + "\n";
    }
    return text;
  };
  EXPECT_EQ(said({}, DType::kInt8), "");
  EXPECT_THAT(said({"core.matrix.timing=scalesim"}, DType::kInt8), testing::HasSubstr("scalesim"));
  EXPECT_THAT(said({"core.matrix.macs_per_pe.int8=1.5"}, DType::kInt8),
              testing::HasSubstr("3/2 MACs a cycle"));
}

}  // namespace
}  // namespace takt::test
