// SPDX-License-Identifier: Apache-2.0
// Do the values of whole networks say anything? Equal zeros prove nothing, and neither do values
// that all saturate.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/reference/reference_executor.h"
#include "sim/workload/workload.h"

namespace takt {
namespace {

struct Shares {
  double filled = 0, saturated = 0;
};

Shares shares_of(const TensorValues& values, std::int64_t largest) {
  std::int64_t filled = 0, saturated = 0;
  for (std::int64_t i = 0; i < values.elements(); ++i) {
    const auto x = static_cast<std::int64_t>(values.at(i));
    filled += x != 0;
    saturated += x >= largest || x <= -largest - 1;
  }
  const auto all = static_cast<double>(values.elements());
  return {static_cast<double>(filled) / all, static_cast<double>(saturated) / all};
}

class Scales : public testing::TestWithParam<const char*> {};

// At every accumulator's output at least 30 % are not zero and under 1 % saturate.
TEST_P(Scales, SumsAreFilledAndDoNotSaturate) {
  const auto graph =
      read_workload(std::string(TAKT_SOURCE_DIR "/workloads/") + GetParam() + ".yaml", {});
  ASSERT_TRUE(graph.ok());
  Semantics semantics(*graph, DType::kInt8);
  const auto values = make_reference("cpu")->run(semantics, {});
  ASSERT_TRUE(values.ok());
  int sums = 0;
  for (std::uint32_t i = 0; i < graph->ops.size(); ++i) {
    const Op& op = graph->ops[i];
    if (!semantics.is_matrix({i})) continue;
    ++sums;
    const Shares shares = shares_of(values->tensors[op.outputs[0].index], 127);
    EXPECT_GE(shares.filled, 0.3) << op.name;
    EXPECT_LT(shares.saturated, 0.01) << op.name;
  }
  EXPECT_GT(sums, 3);
}

INSTANTIATE_TEST_SUITE_P(Networks, Scales,
                         testing::Values("alexnet", "resnet18", "mobilenet_v2", "efficientnet_b0",
                                         "bert_base", "vit_b_16", "cifar10_cnn", "mlp0", "cnn0"),
                         [](const auto& network) { return std::string(network.param); });

}  // namespace
}  // namespace takt
