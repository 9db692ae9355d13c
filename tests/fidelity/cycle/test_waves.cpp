// SPDX-License-Identifier: Apache-2.0
// `--vcd`: the dump is one that a viewer reads, and shows the sums of the run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "models/common/chip/cycle_engine.h"
#include "tests/fidelity/cycle/cycle_case.h"
#include "tests/support/vcd_file.h"

namespace takt::test {
namespace {

struct WaveRun {
  std::string dump;
  EngineResult result;
};

/// The waves of a run, or the diagnostics.
std::string waves_of(const Case& tried, std::uint64_t max_cycles = 0) {
  return run_in_child_or_throw([&]() -> std::string {
    std::ostringstream out;
    const WaveOptions options{
        out, std::filesystem::temp_directory_path() / ("takt_waves_" + std::to_string(::getpid()))};
    RunLimits limits;
    limits.max_cycles = Cycles(max_cycles);
    CycleRun run(tried, tried.backend->timing(), &options, limits);
    EXPECT_FALSE(std::filesystem::exists(options.scratch + ".vcd"));
    return run.problem.empty() ? out.str() : "problem: " + run.problem;
  });
}

TEST(Waves, EveryDataflowIsShownAsItWasCounted) {
  for (const char* flow : {"weight_stationary", "output_stationary", "input_stationary"}) {
    for (const char* buffers : {"1", "2"}) {
      const Case tried("gemmini_16x16.yaml",
                       {std::string("core.matrix.dataflow=") + flow,
                        std::string("core.matrix.weight_buffers=") + buffers},
                       "gemm:m=20,n=20,k=20", DType::kInt8);
      ASSERT_EQ(tried.why_not, "");
      const std::string text = waves_of(tried);
      const VcdFile waves(text);
      EXPECT_EQ(waves.timescale(), "100 ps");
      EXPECT_EQ(waves.names().count("SystemC.core0_matrix_waves.pe_15_15.sum"), 1U);
      EXPECT_EQ(waves.names().count("SystemC.core0_matrix_waves.clk"), 1U);
      // Something arrives in the last PE.
      std::uint64_t sums = 0;
      for (std::uint64_t t = waves.first_time(); t < waves.last_time(); t += 10) {
        sums += waves.number("SystemC.core0_matrix_waves.pe_3_3.sum", t) != 0;
      }
      EXPECT_GT(sums, 3U) << flow;
      EXPECT_EQ(text, waves_of(tried)) << "not the same bytes twice";
    }
  }
}

TEST(Waves, ABoundedPartOfALongRun) {
  const Case tried("gemmini_16x16.yaml", {}, TAKT_SOURCE_DIR "/workloads/cifar10_cnn.yaml",
                   DType::kInt8);
  ASSERT_EQ(tried.why_not, "");
  const VcdFile waves(waves_of(tried));
  EXPECT_LE(waves.last_time() - waves.first_time(), 10 * 4100U);
  // A run that is stopped shows what was done by then.
  const VcdFile part(waves_of(tried, waves.first_time() / 10 + 500));
  EXPECT_EQ(part.first_time(), waves.first_time());
  EXPECT_LT(part.last_time(), waves.first_time() + 5000);
}

TEST(Waves, WhatCannotBeShownIsNamed) {
  const auto said = [](const std::string& arch, std::vector<std::string> overrides, DType dtype) {
    const Case tried(arch, overrides, "gemm:m=8,n=8,k=8", dtype);
    EXPECT_EQ(tried.why_not, "");
    const Diagnostics problems = wave_problems(tried.program());
    EXPECT_EQ(problems.size(), 1U);
    return problems.empty() ? "" : problems[0].message;
  };
  EXPECT_THAT(said("npu_128.yaml", {}, DType::kInt8), testing::HasSubstr("128 x 128"));
  EXPECT_THAT(said("npu_128.yaml", {"core.matrix.rows=8", "core.matrix.cols=8"}, DType::kFp32),
              testing::HasSubstr("fp32"));
  EXPECT_THAT(said("npu_128.yaml",
                   {"core.matrix.rows=8", "core.matrix.cols=8", "core.matrix.macs_per_pe.int8=2"},
                   DType::kInt8),
              testing::HasSubstr("one MAC"));
}

}  // namespace
}  // namespace takt::test
