// SPDX-License-Identifier: Apache-2.0
// A mapping file that `takt` wrote says all that was decided: read again it makes the same program,
// for networks and machines as they are used and for random ones.
#include <gtest/gtest.h>

#include "sim/backend/network_plan.h"
#include "sim/ir/fuse.h"
#include "sim/machine/machine_spec.h"
#include "sim/workload/workload.h"
#include "tests/support/mapping_files.h"
#include "tests/support/seeds.h"
#include "tests/support/shared_buffer.h"

namespace takt::test {
namespace {

using Case = std::tuple<std::string, std::string, std::int64_t>;

/// A network, a machine and a batch.
class ZooMapping : public testing::TestWithParam<Case> {};

TEST_P(ZooMapping, ReadsBack) {
  const auto& [network_name, machine_name, whole] = GetParam();
  const std::string root = TAKT_SOURCE_DIR;
  const std::string workload = root + "/workloads/" + network_name + ".yaml";
  MachineOptions options;
  options.roots = {root + "/configs"};
  const Machine machine =
      read_machine_config(root + "/configs/" + machine_name + ".yaml", options)->machine;
  const auto at_batch = [&](std::int64_t batch) -> Result<std::shared_ptr<const RegionGraph>> {
    WorkloadOptions reading;
    reading.batch = batch;
    const Result<Graph> graph = read_workload(workload, reading);
    if (!graph) return graph.errors();
    FuseOptions fusing;
    fusing.precision = machine.default_dtype;
    return std::make_shared<const RegionGraph>(*fuse(*graph, fusing));
  };
  const auto backend = make_tpu_backend(machine);
  CompileOptions compiling;
  compiling.play = 2;
  const Result<CompiledNetwork> network = compile_batched(whole, at_batch, *backend, compiling);
  ASSERT_TRUE(network.ok()) << to_string(network.errors());
  expect_reads_back(*network, *backend, whole, at_batch);
}

INSTANTIATE_TEST_SUITE_P(
    All, ZooMapping,
    testing::Combine(testing::Values("cifar10_cnn", "resnet18", "lstm0", "mlp0"),
                     testing::Values("edge_npu", "eyeriss", "gemmini_16x16", "npu_128", "tpu_v1",
                                     "tpu_v3_core", "tpu_v4_core"),
                     testing::Values(1, 6)),
    [](const auto& tested) {
      return std::get<0>(tested.param) + "_on_" + std::get<1>(tested.param) + "_by_" +
             std::to_string(std::get<2>(tested.param));
    });

/// False: nothing fits, or nothing stays on chip.
bool try_random(std::uint64_t seed) {
  Random random(seed * 49'979'687);
  Machine machine = random_machine(random);
  machine.cores = static_cast<std::uint32_t>(random.between(1, 3));
  if (random.between(0, 1) == 0) give_shared_buffer(machine, random);
  // Small enough that residents are given up, or that slots must lie close.
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() << random.between(0, 2));
  CompileOptions options;
  options.play = 2;
  const auto c = compiled(machine, random_regions(random), options);
  if (!c) return false;
  expect_reads_back(c->network, *c->backend);
  const Decisions& d = c->network.decisions;
  return std::count(d.resident.begin(), d.resident.end(), true) +
             std::count(d.shared.begin(), d.shared.end(), true) >
         0;
}

TEST(MappingFiles, OfRandomNetworksReadBack) {
  constexpr std::uint64_t kSeeds = 200;
  EXPECT_GT(for_seeds(kSeeds, try_random), kSeeds / 3);
}

/// What stays on chip may be said alone: the mapper then works with it.
TEST(MappingFiles, NetworkAloneIsKept) {
  constexpr std::uint64_t kSeeds = 60;
  const auto kept = for_seeds(kSeeds, [](std::uint64_t seed) {
    Random random(seed * 86'028'157);
    Machine machine = random_machine(random);
    const auto c = compiled(machine, random_regions(random));
    if (!c) return false;
    const std::string text =
        print_mappings({}, plan_of(c->network.decisions, *c->network.graph, machine));
    const Result<MappingFile> file = read_mappings_text(text, "m.yaml");
    EXPECT_TRUE(file.ok()) << to_string(file.errors());
    CompileOptions options;
    options.plan = file->network;
    const Result<CompiledNetwork> again = compile(c->network.graph, *c->backend, options);
    EXPECT_TRUE(again.ok()) << to_string(again.errors()) << text;
    if (!again.ok()) return false;
    EXPECT_EQ(again->decisions.resident, c->network.decisions.resident);
    // None of them kept is a choice as well.
    options.plan.resident = std::vector<GivenWord>{};
    const Result<CompiledNetwork> none = compile(c->network.graph, *c->backend, options);
    EXPECT_TRUE(none.ok()) << to_string(none.errors());
    EXPECT_EQ(std::count(none->decisions.resident.begin(), none->decisions.resident.end(), true),
              0);
    return std::count(again->decisions.resident.begin(), again->decisions.resident.end(), true) > 0;
  });
  EXPECT_GT(kept, kSeeds / 4);
}

}  // namespace
}  // namespace takt::test
