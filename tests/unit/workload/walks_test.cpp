// SPDX-License-Identifier: Apache-2.0
// No walk of a vector region leaves the tensor it walks over.
#include <gtest/gtest.h>

#include <filesystem>

#include "sim/ir/fuse.h"
#include "sim/workload/workload.h"
#include "sim/workload/yaml_network.h"

namespace takt {
namespace {

void expect_inside(const RegionGraph& graph, const Region& region, const ActivationView& view) {
  const VectorWork& v = region.vector;
  const std::int64_t extents[] = {v.images, v.rows, v.row_elements / v.row_run, v.row_run};
  const std::int64_t strides[] = {view.stride_n, view.stride_h, view.stride_w, view.stride_c};
  std::int64_t low = view.offset, high = view.offset;
  for (std::size_t i = 0; i < 4; ++i) {
    (strides[i] < 0 ? low : high) += (extents[i] - 1) * strides[i];
  }
  const StoredTensor& tensor = graph.tensors[view.tensor.index];
  EXPECT_GE(low, 0) << region.name << " on " << tensor.name;
  EXPECT_LT(high, tensor.elements) << region.name << " on " << tensor.name;
}

void expect_all_inside(const Graph& graph) {
  const auto regions = fuse(graph, {});
  ASSERT_TRUE(regions.ok()) << to_string(regions.errors());
  for (const Region& region : regions->regions) {
    if (region.kind != Region::Kind::kVector) continue;
    expect_inside(*regions, region, region.output);
    for (const VectorOperand& operand : region.operands) {
      if (operand.access == VectorOperand::Access::kAligned) {
        expect_inside(*regions, region, operand.view);
      }
    }
  }
}

TEST(Walks, StayInsideInEveryNetwork) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TAKT_SOURCE_DIR) + "/workloads")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().string());
    const auto graph = read_workload(entry.path().string(), {});
    ASSERT_TRUE(graph.ok());
    expect_all_inside(*graph);
  }
}

TEST(Walks, StayInsideAnImageCutIntoWindows) {
  // The windows of MaxViT, and their grid: four loops of which no two are one.
  for (const char* order : {"[0, 2, 4, 3, 5, 1]", "[0, 3, 5, 2, 4, 1]"}) {
    const auto graph = read_network_text(
        "inputs: {x: [2, 64, 56, 56]}\n"
        "layers:\n"
        "  - {op: conv, channels: 64}\n"
        "  - {op: reshape, shape: [2, 64, 8, 7, 8, 7]}\n"
        "  - {op: transpose, order: " +
            std::string(order) +
            "}\n"
            "  - {op: reshape, shape: [2, -1, 64]}\n"
            "  - {op: layer_norm}\n",
        "windows.yaml", {});
    ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
    expect_all_inside(*graph);
  }
}

TEST(Walks, WhatReadsARefusedResultIsStillLookedAt) {
  const auto graph = read_network_text(
      "inputs: {x: [1, 3, 4, 4, 4]}\n"
      "layers:\n"
      "  - {name: big, op: resize, size: [8, 8, 8]}\n"
      "  - {op: exp}\n"
      "  - {name: bigger, op: resize, size: [9, 9, 9]}\n",
      "refused.yaml", {});
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  const auto regions = fuse(*graph, {});
  ASSERT_FALSE(regions.ok());
  EXPECT_EQ(regions.errors().size(), 2U);
  EXPECT_EQ(exit_code(regions.errors()), 4);
}

}  // namespace
}  // namespace takt
