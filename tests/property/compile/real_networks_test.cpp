// SPDX-License-Identifier: Apache-2.0
// Jumps over runs of equal iterations change nothing, on networks and machines as they are used.
#include <gtest/gtest.h>

#include "sim/ir/fuse.h"
#include "sim/machine/machine_spec.h"
#include "sim/workload/workload.h"
#include "tests/support/compiled.h"

namespace takt::test {
namespace {

using Names = std::pair<std::string, std::string>;

class RealNetwork : public testing::TestWithParam<Names> {};

TEST_P(RealNetwork, JumpsChangeNothing) {
  const auto& [network, machine_name] = GetParam();
  const std::string root = TAKT_SOURCE_DIR;
  MachineOptions options;
  options.roots = {root + "/configs"};
  const Machine machine =
      read_machine_config(root + "/configs/" + machine_name + ".yaml", options)->machine;
  const Graph graph = read_workload(root + "/workloads/" + network + ".yaml", {}).value();
  FuseOptions fusing;
  fusing.precision = machine.default_dtype;
  CompileOptions compiling;
  compiling.play = 2;
  const auto c =
      compiled(machine, std::make_shared<const RegionGraph>(*fuse(graph, fusing)), compiling);
  ASSERT_TRUE(c);
  const EngineResult one_by_one = AnalyticEngine(c->backend->timing(), AnalyticEngine::Jumps::kOff)
                                      .run(c->program(), {})
                                      .value();
  const EngineResult jumping = analytic(*c);
  expect_same(one_by_one, jumping);
  expect_balanced(c->program(), jumping);
}

INSTANTIATE_TEST_SUITE_P(All, RealNetwork,
                         testing::Values(Names{"resnet50", "npu_128"},
                                         Names{"bert_base", "edge_npu"},
                                         Names{"mobilenet_v2", "tpu_v4_core"},
                                         Names{"vgg16", "gemmini_16x16"}, Names{"lstm1", "tpu_v1"}),
                         [](const auto& tested) {
                           return tested.param.first + "_on_" + tested.param.second;
                         });

}  // namespace
}  // namespace takt::test
