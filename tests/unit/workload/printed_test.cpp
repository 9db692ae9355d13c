// SPDX-License-Identifier: Apache-2.0
// A printed graph reads back to the same graph.
#include <gtest/gtest.h>

#include <filesystem>

#include "sim/base/random.h"
#include "sim/ir/print.h"
#include "sim/workload/workload.h"

namespace takt {
namespace {

TEST(Printed, EveryNetworkReadsBack) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TAKT_SOURCE_DIR) + "/workloads")) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path().string());
    ++files;
    const auto graph = read_workload(entry.path().string(), {});
    ASSERT_TRUE(graph.ok());
    const std::string text = to_text(*graph);
    const auto again = read_graph_text(text, "x.ir");
    ASSERT_TRUE(again.ok()) << to_string(again.errors());
    EXPECT_EQ(to_text(*again), text);
    EXPECT_EQ(again->hash, graph->hash);
  }
  EXPECT_GE(files, 19);
}

Graph small() {
  Graph graph;
  graph.name = "a \"quoted\"\\ name";
  graph.hash = "0123";
  graph.dtype_open = false;
  const auto tensor = [&](const std::string& name, Shape shape, TensorKind kind) {
    Tensor made;
    made.name = name;
    made.shape = std::move(shape);
    made.kind = kind;
    graph.tensors.push_back(std::move(made));
    return TensorId{static_cast<std::uint32_t>(graph.tensors.size() - 1)};
  };
  const TensorId x = tensor("x\ny", {2, 3}, TensorKind::kInput);
  const TensorId c = tensor("c", {}, TensorKind::kParameter);
  graph.tensor(c).constant = Tensor::FloatData{0.1};
  const TensorId n = tensor("numbers", {2}, TensorKind::kParameter);
  graph.tensor(n).dtype = DType::kInt64;
  graph.tensor(n).constant = Tensor::IntData{-1, INT64_MAX};
  const TensorId sum = tensor("sum", {2, 3}, TensorKind::kActivation);
  const TensorId out = tensor("out", {2, 3}, TensorKind::kActivation);
  graph.tensor(out).is_output = true;
  graph.ops.push_back({"add", OpKind::kBinary, {x, c}, {sum}, BinaryAttrs{BinaryKind::kSub}, ""});
  graph.ops.push_back({"act",
                       OpKind::kUnary,
                       {sum},
                       {out},
                       UnaryAttrs{UnaryKind::kElu, 1e-300, 0},
                       "node 3 'act'"});
  return graph;
}

TEST(Printed, OddNamesAndConstants) {
  const std::string text = to_text(small());
  const auto again = read_graph_text(text, "x.ir");
  ASSERT_TRUE(again.ok()) << to_string(again.errors());
  EXPECT_EQ(to_text(*again), text);
  EXPECT_EQ(again->tensors[0].name, "x\ny");
  EXPECT_EQ(std::get<Tensor::FloatData>(again->tensors[1].constant)[0], 0.1);
  EXPECT_EQ(std::get<UnaryAttrs>(again->ops[1].attributes).alpha, 1e-300);
}

TEST(Printed, DamagedTextIsRefusedWithItsPlace) {
  const std::string text = to_text(small());
  Random random(7);
  int refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::string damaged = text;
    const std::size_t at = random.between(0, damaged.size() - 1);
    if (random.between(0, 1)) {
      damaged[at] = static_cast<char>(random.between(1, 126));
    } else {
      damaged.erase(at, random.between(1, 9));
    }
    const auto result = read_graph_text(damaged, "x.ir");
    if (result.ok()) continue;
    ++refused;
    EXPECT_EQ(result.errors()[0].place.file, "x.ir");
  }
  EXPECT_GT(refused, 500);
}

TEST(Printed, Mistakes) {
  for (const char* text :
       {"", "graph 2 \"x\" hash \"\" dtype open\n", "graph 1 \"x hash", "tensor",
        "graph 1 \"x\" hash \"\" dtype open\nt1 \"a\" input fp32 [1]\n",
        "graph 1 \"x\" hash \"\" dtype open\nt0 \"a\" input fp31 [1]\n",
        "graph 1 \"x\" hash \"\" dtype open\nt0 \"a\" parameter fp32 [3] = real 1 2\n",
        "graph 1 \"x\" hash \"\" dtype open\nt0 \"a\" parameter fp32 [99999999999] = real 1\n",
        "graph 1 \"x\" hash \"\" dtype open\nop \"a\" conv t0 -> t1\n",
        "graph 1 \"x\" hash \"\" dtype open\nt0 \"a\" input fp32 [1]\nop \"a\" unary t0 -> t0 "
        "size=1\n"}) {
    const auto result = read_graph_text(text, "x.ir");
    EXPECT_FALSE(result.ok()) << text;
  }
}

}  // namespace
}  // namespace takt
