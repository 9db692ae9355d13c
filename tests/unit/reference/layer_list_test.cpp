// SPDX-License-Identifier: Apache-2.0
// The plain list of a network: what stands in it, and that nothing of the network is missing.
#include "sim/reference/layer_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "sim/ir/fuse.h"
#include "sim/workload/workload.h"
#include "sim/workload/yaml_network.h"

namespace takt {
namespace {

std::string list_of(const Graph& graph, DType precision = DType::kInt8) {
  FuseOptions fusing;
  fusing.precision = precision;
  const auto regions = fuse(graph, fusing);
  EXPECT_TRUE(regions.ok());
  return write_layer_list(graph, *regions, precision);
}

constexpr const char* kSmall =
    "name: small\n"
    "inputs: {\"an image\": [batch, 3, 8, 8]}\n"
    "layers:\n"
    "- {name: c, op: conv, channels: 4, kernel: 3, pad: 1}\n"
    "- {op: relu}\n"
    "- {name: n, op: batch_norm}\n";

TEST(LayerList, EveryLine) {
  const auto graph = read_network_text(kSmall, "small.yaml", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  const std::string text = list_of(*graph);
  EXPECT_EQ(text.rfind("takt_layers 2 small batch 1 precision int8\n"
                       "tensor 0 an_image input int8 1,3,8,8 a08ee30b01662117 signed=127\n",
                       0),
            0U)
      << text;
  EXPECT_NE(text.find(" parameter int8 4,3,3,3 "), std::string::npos) << text;
  EXPECT_NE(text.find(" function=relu alpha=0 beta=0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nmembers 0 1"), std::string::npos) << text;
  EXPECT_EQ(text.find("  "), std::string::npos) << text;
}

TEST(LayerList, FloatsCarryTheirRule) {
  const auto graph = read_network_text(kSmall, "small.yaml", {});
  const std::string text = list_of(*graph, DType::kFp16);
  // floor(sqrt(6 * 2^40 / 27)) / 2^20
  EXPECT_NE(text.find(" fraction=0.47140407562255859,0\n"), std::string::npos) << text;
  EXPECT_NE(text.find(" fraction=0.5,1\n"), std::string::npos) << text;
}

TEST(LayerList, ValuesHashNeedsNoRegions) {
  const auto graph = read_network_text(kSmall, "small.yaml", {});
  const std::uint64_t hash = values_hash(*graph, DType::kInt8);
  EXPECT_NE(hash, values_hash(*graph, DType::kFp16));
  std::string text = kSmall;
  text.replace(text.find("pad: 1"), 6, "pad: 0");
  EXPECT_NE(hash, values_hash(*read_network_text(text, "small.yaml", {}), DType::kInt8));
}

TEST(LayerList, LayersAreOneLineEach) {
  const auto graph = read_workload(TAKT_SOURCE_DIR "/workloads/resnet18.yaml", {});
  const auto regions = fuse(*graph, {});
  const std::string text = list_of(*graph);
  std::istringstream lines(text);
  std::size_t layers = 0;
  for (std::string line; std::getline(lines, line);) {
    layers += line.rfind("matrix ", 0) == 0 || line.rfind("vector ", 0) == 0;
  }
  EXPECT_EQ(layers, regions->regions.size());
  EXPECT_EQ(text.find("  "), std::string::npos);
  EXPECT_NE(
      text.find("\nmatrix conv1 conv int8 g 1 n 1 p 112 q 112 o 64 r 7 s 7 c 3 in_h 224 in_w 224 "
                "stride_h 2 stride_w 2 dilation_h 1 dilation_w 1 pad_h 3 pad_w 3 steps bias relu "
                "requantise\n"),
      std::string::npos);
}

TEST(LayerList, EveryOpOfANetworkIsInItOnce) {
  const auto graph = read_workload(TAKT_SOURCE_DIR "/workloads/bert_base.yaml", {});
  ASSERT_TRUE(graph.ok());
  std::istringstream lines(list_of(*graph));
  std::size_t tensors = 0, ops = 0;
  std::vector<bool> member(graph->ops.size(), false);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    tensors += first == "tensor";
    ops += first == "op";
    if (first != "members") continue;
    for (std::size_t id = 0; words >> id;) member.at(id) = true;
  }
  EXPECT_EQ(tensors, graph->tensors.size());
  EXPECT_EQ(ops, graph->ops.size());
  // All but what moves nothing belongs to a region.
  EXPECT_GT(std::count(member.begin(), member.end(), true), 150);
}

}  // namespace
}  // namespace takt
