// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/seeded.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/gemm_program.h"

namespace takt::test {
namespace {

TEST(Seeded, BitsArePinned) {
  // docs/values.md, worked out once by a separate program in another language.
  EXPECT_EQ(name_hash("x0"), 0x08F10807B58D7275ULL);
  EXPECT_EQ(random_bits(0, name_hash("x0"), 0), 0x616B0C29D3F240F7ULL);
  EXPECT_EQ(random_bits(0, name_hash("x0"), 12345), 0xBE97E17F3850B6F7ULL);
  EXPECT_EQ(random_bits(42, name_hash("conv1.weight"), 7), 0xBAB3CD748F22AD94ULL);
}

TEST(Seeded, RulesOfTheTable) {
  SeedRule rule;
  EXPECT_EQ(seeded_element(rule, DType::kInt8, 0), -127);
  EXPECT_EQ(seeded_element(rule, DType::kInt8, ~0ULL), 127);
  EXPECT_EQ(seeded_element(rule, DType::kInt8, 1ULL << 63), 0);
  rule.kind = SeedRule::Kind::kBelow;
  rule.limit = 1000;
  EXPECT_EQ(seeded_element(rule, DType::kInt64, ~0ULL), 999);
  rule.kind = SeedRule::Kind::kFraction;
  EXPECT_EQ(seeded_element(rule, DType::kFp32, 0), -1);
  EXPECT_EQ(seeded_element(rule, DType::kFp32, 1ULL << 63), 0);
  EXPECT_EQ(seeded_element(rule, DType::kFp32, ~0ULL), 1 - 0x1p-23);
}

TEST(Seeded, WholeNumbersAreUniform) {
  const Graph graph = gemm_graph({4000, {64, 4}});
  const Semantics semantics(graph, DType::kInt8);
  const TensorValues x = initial_values(semantics, {0}, 5);
  std::array<int, 255> seen{};
  double sum = 0;
  for (std::int64_t i = 0; i < x.elements(); ++i) {
    ++seen[static_cast<std::size_t>(x.at(i) + 127)];
    sum += x.at(i);
  }
  // 256000 draws of 255 values: 1004 each, standard deviation 32; six of them.
  for (const int n : seen) EXPECT_NEAR(n, 1004, 190);
  EXPECT_LT(std::abs(sum / static_cast<double>(x.elements())), 1);
}

TEST(Seeded, OtherSeedsAndNamesGiveOtherTensors) {
  Graph graph = gemm_graph({16, {16, 16, 16}});
  const Semantics semantics(graph, DType::kInt8);
  const TensorValues a = initial_values(semantics, {1}, 0), b = initial_values(semantics, {1}, 1),
                     c = initial_values(semantics, {3}, 0);
  int same_seed = 0, same_name = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    same_seed += a.at(i) == b.at(i);
    same_name += a.at(i) == c.at(i);
  }
  EXPECT_LT(same_seed, 10);
  EXPECT_LT(same_name, 10);
}

TEST(Seeded, RowNumbersStayInTheirTable) {
  Graph graph;
  graph.tensors.resize(3);
  graph.tensors[0].name = "ids";
  graph.tensors[0].shape = {500};
  graph.tensors[0].dtype = DType::kInt64;
  graph.tensors[0].kind = TensorKind::kInput;
  graph.tensors[1].name = "table";
  graph.tensors[1].shape = {11, 4};
  graph.tensors[1].kind = TensorKind::kParameter;
  graph.tensors[2].shape = {500, 4};
  Op gather;
  gather.kind = OpKind::kGather;
  gather.inputs = {{1}, {0}};
  gather.outputs = {{2}};
  gather.attributes = MoveAttrs{};
  graph.ops.push_back(gather);
  const Semantics semantics(graph, DType::kInt8);
  const TensorValues ids = initial_values(semantics, {0}, 0);
  EXPECT_EQ(ids.dtype(), DType::kInt64);
  std::vector<int> seen(11, 0);
  for (std::int64_t i = 0; i < ids.elements(); ++i) ++seen.at(static_cast<std::size_t>(ids.at(i)));
  for (const int n : seen) EXPECT_GT(n, 0);
}

TEST(Seeded, TheWorkloadsOwnValues) {
  Graph graph;
  graph.tensors.resize(2);
  graph.tensors[0].name = "eight";
  graph.tensors[0].constant = Tensor::FloatData{8};
  graph.tensors[0].kind = graph.tensors[1].kind = TensorKind::kParameter;
  graph.tensors[1].name = "many";
  graph.tensors[1].shape = {2};
  graph.tensors[1].constant = Tensor::FloatData{0.001, -0.001};
  const Semantics narrow(graph, DType::kInt8), wide(graph, DType::kFp32);
  EXPECT_EQ(initial_values(narrow, {0}, 0).at(0), 127);
  EXPECT_EQ(initial_values(wide, {0}, 0).at(0), 8);
  EXPECT_EQ(initial_values(wide, {1}, 0).at(1), static_cast<double>(-0.001F));
  // Seeded: both would be 0.
  EXPECT_GT(std::abs(initial_values(narrow, {1}, 0).at(0)) +
                std::abs(initial_values(narrow, {1}, 0).at(1)),
            1);
  graph.tensors[0].constant = Tensor::FloatData{-0.001};
  EXPECT_EQ(initial_values(narrow, {0}, 0).at(0), -1);
}

}  // namespace
}  // namespace takt::test
