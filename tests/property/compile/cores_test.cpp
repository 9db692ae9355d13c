// SPDX-License-Identifier: Apache-2.0
// Cores that share DRAM, host link and as much memory on chip as one core has: N of them are never
// more than N times as fast, and each layer's mapping says how it is shared out.
#include <gtest/gtest.h>

#include "sim/ir/fuse.h"
#include "sim/machine/machine_spec.h"
#include "sim/workload/workload.h"
#include "tests/support/compiled.h"

namespace takt::test {
namespace {

class ManyCores : public testing::TestWithParam<std::string> {};

Compiled compiled_on(const std::string& file, const std::string& network) {
  const std::string root = TAKT_SOURCE_DIR;
  MachineOptions options;
  options.roots = {root + "/configs"};
  const Machine machine = read_machine_config(root + "/configs/" + file, options)->machine;
  const Graph graph = read_workload(root + "/workloads/" + network + ".yaml", {}).value();
  FuseOptions fusing;
  fusing.precision = machine.default_dtype;
  auto c = compiled(machine, std::make_shared<const RegionGraph>(*fuse(graph, fusing)));
  CHECK(c.has_value()) << network << " does not fit " << file;
  return std::move(*c);
}

TEST_P(ManyCores, AreAtMostAsManyTimesAsFast) {
  const std::uint64_t one = analytic(compiled_on("npu_128.yaml", GetParam())).end.value();
  for (const std::uint32_t cores : {2U, 4U, 8U}) {
    const std::string file = "parts/machines/npu_128_x" + std::to_string(cores) + ".yaml";
    const Compiled many = compiled_on(file, GetParam());
    ASSERT_EQ(many.machine().cores, cores);
    EXPECT_EQ(many.machine().buffers[0].size.value() * cores, 16ULL << 20);
    EXPECT_LE(one, analytic(many).end.value() * cores) << cores << " cores";
    std::size_t shared_out = 0;
    for (const RegionMapping& m : many.network.decisions.mappings) {
      EXPECT_LE(m.parts, cores);
      EXPECT_EQ(m.parts > 1, m.cut != RegionMapping::Cut::kNone);
      shared_out += m.parts > 1;
    }
    EXPECT_GT(shared_out, 0u) << cores << " cores";
  }
}

class PlayedCores : public testing::TestWithParam<std::string> {};

/// With DRAM's rows and banks, where the closed form has neither.
TEST_P(PlayedCores, AreFasterThanOneAndFasterStillWithASharedBuffer) {
  const double one =
      static_cast<double>(transaction(compiled_on("npu_128.yaml", GetParam())).end.value());
  for (const std::string cores : {"2", "4", "8"}) {
    const std::string file = "parts/machines/npu_128_x" + cores;
    const Compiled apart = compiled_on(file + ".yaml", GetParam());
    const Compiled shared = compiled_on(file + "_shared.yaml", GetParam());
    const auto many = static_cast<double>(transaction(apart).end.value());
    const auto together = static_cast<double>(transaction(shared).end.value());
    EXPECT_LT(many, one) << cores << " cores";
    EXPECT_LT(together, many) << cores << " cores";
    EXPECT_LE(one, together * std::stod(cores)) << cores << " cores are never more than linear";
  }
}

INSTANTIATE_TEST_SUITE_P(All, PlayedCores, testing::Values("resnet50", "bert_base", "vit_b_16"));

INSTANTIATE_TEST_SUITE_P(All, ManyCores,
                         testing::Values("resnet18", "mobilenet_v2", "bert_base", "lstm",
                                         "alexnet"));

}  // namespace
}  // namespace takt::test
