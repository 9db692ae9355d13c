// SPDX-License-Identifier: Apache-2.0
// What the compiler makes of random layers and of whole networks, on machines of all shapes: the
// verifier finds nothing, and the played program computes what the oracle does.
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "sim/backend/program_builder.h"
#include "sim/base/random.h"
#include "sim/ir/fuse.h"
#include "sim/machine/machine_spec.h"
#include "sim/program/verify.h"
#include "sim/reference/functional_check.h"
#include "sim/workload/workload.h"

namespace takt {
namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

std::string compare_with_oracle(const Graph& graph, DType precision, const Program& program) {
  const Verification verification = verify(program);
  if (!verification.ok()) return joined(verification.findings);
  const Result<ValueCheck> check = check_functional(program, graph, precision, 1);
  if (!check) return to_string(check.errors());
  if (check->compared == 0) return "nothing was compared";
  return check->ok() ? "" : joined(check->findings);
}

/// Compiles, verifies, plays, compares. Empty if all is well; "infeasible" if nothing fits.
std::string problem(const std::string& arch, const std::vector<std::string>& overrides,
                    const std::string& workload, DType precision) {
  MachineOptions machine_options;
  machine_options.overrides = overrides;
  machine_options.roots = {TAKT_SOURCE_DIR "/configs"};
  const Result<Machine> machine = read_machine(TAKT_SOURCE_DIR "/configs/" + arch, machine_options);
  if (!machine) return to_string(machine.errors());
  const Result<Graph> graph = read_workload(workload, {});
  if (!graph) return to_string(graph.errors());
  FuseOptions fusing;
  fusing.precision = precision;
  Result<RegionGraph> regions = fuse(*graph, fusing);
  if (!regions) return to_string(regions.errors());
  const auto shared = std::make_shared<const RegionGraph>(std::move(*regions));
  const std::unique_ptr<Backend> backend = make_tpu_backend(*machine);
  const Result<CompiledNetwork> compiled = compile(shared, *backend, {});
  if (!compiled) {
    return exit_code(compiled.errors()) == 7 ? "infeasible" : to_string(compiled.errors());
  }
  return compare_with_oracle(*graph, precision, compiled->program);
}

class RandomLayers {
 public:
  explicit RandomLayers(std::uint64_t seed) : random_(seed) {}
  std::string pick(std::uint64_t low, std::uint64_t high) {
    return std::to_string(random_.between(low, high));
  }
  std::string one_of(const std::vector<std::string>& words) {
    return words[random_.between(0, words.size() - 1)];
  }
  std::string gemm() {
    return "gemm:m=" + pick(1, 90) + ",n=" + pick(1, 90) + ",k=" + pick(1, 200);
  }
  std::string conv() {
    const std::uint64_t groups = random_.between(0, 3) == 0 ? random_.between(2, 4) : 1;
    const auto channels = [&](std::uint64_t most) {
      return std::to_string(groups * random_.between(1, most));
    };
    const std::string r = pick(1, 4), s = pick(1, 4);
    return "conv:n=" + pick(1, 2) + ",c=" + channels(12) + ",h=" + pick(4, 14) +
           ",w=" + pick(4, 14) + ",k=" + channels(12) + ",r=" + r + ",s=" + s +
           ",stride=" + pick(1, 3) + ",pad=" + pick(0, 2) + ",groups=" + std::to_string(groups);
  }
  std::vector<std::string> machine() {
    const std::string size = one_of({"4", "8", "16"});
    return {"core.matrix.rows=" + size,
            "core.matrix.cols=" + one_of({size, "8"}),
            "core.matrix.dataflow=" +
                one_of({"weight_stationary", "output_stationary", "input_stationary"}),
            "core.matrix.accumulators=" + one_of({"16", "64", "512"}),
            "core.matrix.weight_buffers=" + pick(1, 2),
            "core.buffers.unified.size=" + one_of({"8 KiB", "32 KiB", "1 MiB"}),
            "core.dma.engines=" + pick(1, 2),
            "cores=" + one_of({"1", "1", "2", "3"}),
            "host.enabled=" + one_of({"true", "false"})};
  }

  /// Overrides of eyeriss.yaml.
  std::vector<std::string> row_machine() {
    return {"core.matrix.rows=" + pick(4, 12),
            "core.matrix.cols=" + pick(2, 14),
            "core.matrix.scratchpads.filter=" + pick(16, 224),
            "core.matrix.scratchpads.input=" + pick(4, 24),
            "core.matrix.scratchpads.sum=" + pick(1, 24),
            "core.matrix.networks.filter=" + pick(1, 4),
            "core.matrix.networks.sum=" + pick(1, 4),
            "core.buffers.unified={size: " + one_of({"4 KiB", "16 KiB", "256 KiB"}) +
                ", banks: 4, width: 8 B}",
            "core.dma.engines=" + pick(1, 2),
            "cores=" + one_of({"1", "1", "2"}),
            "host.enabled=" + one_of({"true", "false"})};
  }

 private:
  Random random_;
};

void run_random(const std::string& kind, std::uint64_t seeds) {
  std::uint64_t fitted = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    RandomLayers layers(seed);
    const std::string workload = kind == "gemm" ? layers.gemm() : layers.conv();
    const std::vector<std::string> machine = layers.machine();
    const std::string what = problem("npu_128.yaml", machine, workload, DType::kInt8);
    if (what == "infeasible") continue;
    ++fitted;
    EXPECT_EQ(what, "") << "seed " << seed << ", " << workload << " on" << joined(machine);
  }
  EXPECT_GT(fitted, seeds / 2);
}

TEST(CompiledValues, RandomLayersOnRowStationaryArrays) {
  constexpr std::uint64_t kSeeds = 160;
  std::uint64_t fitted = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    RandomLayers layers(seed + 7000);
    const std::string workload = seed % 4 == 0 ? layers.gemm() : layers.conv();
    const std::vector<std::string> machine = layers.row_machine();
    const std::string what = problem("eyeriss.yaml", machine, workload, DType::kInt16);
    if (what == "infeasible") continue;
    ++fitted;
    EXPECT_EQ(what, "") << "seed " << seed << ", " << workload << " on" << joined(machine);
  }
  EXPECT_GT(fitted, kSeeds / 2);
}

TEST(CompiledValues, RandomMatrixProducts) { run_random("gemm", 120); }
TEST(CompiledValues, RandomConvolutions) { run_random("conv", 200); }

TEST(CompiledValues, FloatsStayWithinTheirBound) {
  const std::string conv = "conv:n=1,c=40,h=14,w=14,k=24,r=3,s=3,stride=1,pad=1";
  for (const DType precision : {DType::kFp32, DType::kFp16, DType::kBf16}) {
    EXPECT_EQ(
        problem("npu_128.yaml", {"core.matrix.rows=16", "core.matrix.cols=8"}, conv, precision), "")
        << to_string(precision);
  }
}

TEST(CompiledValues, ASmallNetworkOnEveryMachine) {
  const std::string network = TAKT_SOURCE_DIR "/workloads/cifar10_cnn.yaml";
  for (const char* arch : {"tpu_v1.yaml", "npu_128.yaml", "gemmini_16x16.yaml", "edge_npu.yaml"}) {
    EXPECT_EQ(problem(arch, {}, network, DType::kInt8), "") << arch;
  }
  EXPECT_EQ(problem("tpu_v3_core.yaml", {}, network, DType::kBf16), "");
  EXPECT_EQ(problem("eyeriss.yaml", {}, network, DType::kInt16), "");
}

// The whole network three times, into the same bytes: nothing of one pass may fall into the next.
TEST(CompiledValues, PassesOverABatch) {
  for (const std::string size : {"64 KiB", "512 KiB"}) {
    MachineOptions machine_options;
    machine_options.overrides = {"core.buffers.unified.size=" + size};
    machine_options.roots = {TAKT_SOURCE_DIR "/configs"};
    const Result<Machine> machine =
        read_machine(TAKT_SOURCE_DIR "/configs/npu_128.yaml", machine_options);
    ASSERT_TRUE(machine.ok());
    const Result<Graph> graph = read_workload(TAKT_SOURCE_DIR "/workloads/cifar10_cnn.yaml", {});
    ASSERT_TRUE(graph.ok());
    Result<RegionGraph> regions = fuse(*graph, {});
    ASSERT_TRUE(regions.ok());
    const auto shared = std::make_shared<const RegionGraph>(std::move(*regions));
    const std::unique_ptr<Backend> backend = make_tpu_backend(*machine);
    const Result<CompiledNetwork> compiled = compile(shared, *backend, {});
    ASSERT_TRUE(compiled.ok());
    Decisions decisions = compiled->decisions;
    decisions.passes = 3;
    Program program;
    const std::vector<TensorUse> uses = tensor_uses(*shared);
    ProgramBuilder builder(*shared, *backend, decisions, uses);
    ASSERT_FALSE(builder.build(program));
    EXPECT_EQ(program.regions.size(), 3 * shared->regions.size());
    EXPECT_EQ(compare_with_oracle(*graph, DType::kInt8, program), "") << size;
  }
}

}  // namespace
}  // namespace takt
