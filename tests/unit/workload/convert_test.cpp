// SPDX-License-Identifier: Apache-2.0
// What `takt convert` writes, read back.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "sim/ir/fuse.h"
#include "sim/ir/macs.h"
#include "sim/workload/topology_csv.h"
#include "sim/workload/topology_csv_write.h"
#include "sim/workload/workload.h"
#include "sim/workload/yaml_network.h"
#include "sim/workload/yaml_write.h"

namespace takt {
namespace {

std::vector<std::string> networks() {
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TAKT_SOURCE_DIR) + "/workloads")) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  return paths;
}

std::uint64_t elements(const Graph& graph, TensorKind kind) {
  std::uint64_t sum = 0;
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.kind == kind && tensor.constant.index() == 0) {
      sum += static_cast<std::uint64_t>(elements_of(tensor.shape));
    }
  }
  return sum;
}

/// The regions without names: shapes and steps in order.
std::string outline(const Graph& graph) {
  const auto regions = fuse(graph, {});
  EXPECT_TRUE(regions.ok());
  std::string out;
  for (const Region& region : regions->regions) {
    out += region.op;
    for (const auto& [key, value] : region.shape) out += " " + key + "=" + std::to_string(value);
    for (const VectorStep& step : region.epilogue) out += " " + step.what;
    out += "\n";
  }
  return out;
}

void expect_reads_back(const Graph& graph) {
  const auto text = write_network(graph);
  ASSERT_TRUE(text.ok()) << to_string(text.errors());
  const auto again = read_network_text(*text, "again.yaml", {});
  ASSERT_TRUE(again.ok()) << to_string(again.errors());
  EXPECT_EQ(total_macs(*again), total_macs(graph));
  for (TensorKind kind : {TensorKind::kInput, TensorKind::kParameter, TensorKind::kActivation}) {
    EXPECT_EQ(elements(*again, kind), elements(graph, kind)) << static_cast<int>(kind);
  }
  EXPECT_EQ(outline(*again), outline(graph));
  EXPECT_EQ(again->dtype_open, graph.dtype_open);
}

TEST(Convert, EveryNetworkToYamlAndBack) {
  for (const std::string& path : networks()) {
    SCOPED_TRACE(path);
    WorkloadOptions options;
    options.batch = 2;
    const auto graph = read_workload(path, options);
    ASSERT_TRUE(graph.ok());
    if (std::filesystem::path(path).stem() == "lstm") {
      // A reshape more each time: the language's own form of the result is written after it.
      EXPECT_TRUE(write_network(*graph).ok());
      continue;
    }
    expect_reads_back(*graph);
  }
}

TEST(Convert, LayersInPlaceToYaml) {
  for (const char* text : {"gemm:m=3,n=5,k=7,dtype=fp16", "gemm:m=3,n=5,k=7,batch=2",
                           "conv:n=2,c=4,h=9,k=6,r=3,stride=2,pad=1,groups=2"}) {
    SCOPED_TRACE(text);
    expect_reads_back(*read_workload(text, {}));
  }
}

TEST(Convert, OddFormsToYaml) {
  const auto graph = read_network_text(
      "inputs: {\"an input\": [2, 4, 9, 9], yes: [5, 2, 3], h: [2, 2, 4]}\n"
      "layers:\n"
      "- {name: a, op: conv, input: \"an input\", channels: 4, kernel: 3, pad: [0, 1, 2, 1], bias: "
      "false}\n"
      "- {name: b, op: conv_transpose, channels: 6, kernel: 2, stride: 2, output_pad: 1, groups: "
      "2}\n"
      "- {op: layer_norm, parameters: false}\n"
      "- {op: clip, low: -1e-7, high: 6}\n"
      "- {op: resize, size: [7, 30]}\n"
      "- {op: slice, axis: 2, begin: 1, end: 6, step: 2}\n"
      "- {op: hard_sigmoid}\n"
      "- {op: group_norm, groups: 3, epsilon: 1.0e-6}\n"
      "- {name: out, op: top_k, k: 2, axis: 1}\n"
      "- {name: cell, op: gru, inputs: [yes, h], hidden: 4, directions: 2}\n"
      "- {name: low, op: arg_min, input: cell.h, axis: 2}\n"
      "outputs: [out.indices, low]\n",
      "odd.yaml", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  const auto text = write_network(*graph);
  ASSERT_TRUE(text.ok()) << to_string(text.errors());
  const auto again = read_network_text(*text, "again.yaml", {});
  ASSERT_TRUE(again.ok()) << to_string(again.errors()) << *text;
  EXPECT_EQ(total_macs(*again), total_macs(*graph));
  EXPECT_EQ(elements(*again, TensorKind::kParameter), elements(*graph, TensorKind::kParameter));
}

TEST(Convert, KnownNumbersStayKnown) {
  // 1 - x, as masks of attention are made: the 1 is part of the instruction.
  const auto graph = read_network_text(
      "inputs: {x: [4, 8]}\n"
      "layers:\n"
      "- {name: one, op: parameter, shape: [1], value: 1}\n"
      "- {op: sub, inputs: [one, x]}\n",
      "mask.yaml", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  const auto text = write_network(*graph);
  ASSERT_TRUE(text.ok());
  EXPECT_NE(text->find("shape: [1], value: 1}"), std::string::npos) << *text;
  expect_reads_back(*graph);
  const auto several = read_network_text(
      "inputs: {x: [4, 8]}\n"
      "layers:\n"
      "- {name: two, op: parameter, shape: [2], value: 1}\n"
      "- {op: sub, inputs: [two, x]}\n",
      "mask.yaml", {});
  ASSERT_FALSE(several.ok());
  EXPECT_NE(several.errors()[0].message.find("single element"), std::string::npos);
}

TEST(Convert, EveryNetworkToScaleSimAndBack) {
  for (const std::string& path : networks()) {
    SCOPED_TRACE(path);
    WorkloadOptions options;
    options.batch = 2;
    const auto graph = read_workload(path, options);
    ASSERT_TRUE(graph.ok());
    const auto regions = fuse(*graph, {});
    ASSERT_TRUE(regions.ok());
    const auto again = read_topology_text(*write_topology(*regions), "again.csv", {});
    ASSERT_TRUE(again.ok()) << to_string(again.errors());
    EXPECT_EQ(total_macs(*again), total_macs(*graph));
  }
}

TEST(Convert, ScaleSimFormFollowsTheNetwork) {
  const auto rows = [](const char* text) {
    const auto regions = fuse(*read_workload(text, {}), {});
    return *write_topology(*regions);
  };
  EXPECT_EQ(rows("gemm:m=3,n=5,k=7"), "Layer, M, N, K,\ngemm, 3, 5, 7,\n");
  EXPECT_NE(
      rows("conv:c=3,h=224,k=96,r=11,stride=4,pad=2").find("conv, 227, 227, 11, 11, 3, 96, 4,"),
      std::string::npos);
}

}  // namespace
}  // namespace takt
