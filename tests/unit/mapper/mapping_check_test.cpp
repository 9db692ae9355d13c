// SPDX-License-Identifier: Apache-2.0
// Given mappings that are not of the network, or do not fit: errors at their place.
#include "sim/mapper/mapping_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "tests/support/random_network.h"

namespace takt::test {
namespace {

/// A convolution 8 x 8 x 16 -> 8 x 8 x 32 with 3 x 3 taps, and a pooling behind it.
std::shared_ptr<const RegionGraph> network() {
  Graph graph;
  graph.name = "net";
  const auto tensor = [&](const char* name, Shape shape, TensorKind kind) {
    Tensor t;
    t.name = name;
    t.shape = std::move(shape);
    t.kind = kind;
    graph.tensors.push_back(std::move(t));
    return TensorId{static_cast<std::uint32_t>(graph.tensors.size() - 1)};
  };
  const auto op = [&](OpKind kind, const char* name, std::vector<TensorId> in, TensorId out,
                      const WindowAttrs& w) {
    Op o;
    o.name = o.source = name;
    o.kind = kind;
    o.inputs = std::move(in);
    o.outputs = {out};
    o.attributes = w;
    graph.ops.push_back(std::move(o));
  };
  const TensorId x = tensor("x", {2, 16, 8, 8}, TensorKind::kInput);
  const TensorId w = tensor("w", {32, 16, 3, 3}, TensorKind::kParameter);
  const TensorId y = tensor("y", {}, TensorKind::kActivation);
  const TensorId z = tensor("z", {}, TensorKind::kActivation);
  graph.tensor(z).is_output = true;
  WindowAttrs conv;
  conv.kernel[0] = conv.kernel[1] = 3;
  for (auto* pad : {conv.pad_begin, conv.pad_end}) pad[0] = pad[1] = 1;
  op(OpKind::kConv, "conv", {x, w}, y, conv);
  WindowAttrs pool;
  pool.kernel[0] = pool.kernel[1] = pool.stride[0] = pool.stride[1] = 2;
  op(OpKind::kMaxPool, "pool", {y}, z, pool);
  const Diagnostics errors = infer_shapes(graph);
  CHECK(errors.empty()) << to_string(errors);
  return std::make_shared<const RegionGraph>(fuse(graph, FuseOptions{}).value());
}

Machine machine(std::uint32_t cores) {
  Random random(4);
  Machine m = random_machine(random);
  m.name = "small";
  m.cores = cores;
  m.matrix.count = 1;
  m.matrix.accumulator_rows = 256;
  m.buffers.resize(1);
  m.buffers[0].size = Bytes(8192);
  m.weights = m.unified;
  return m;
}

RegionMapping conv_mapping() {
  RegionMapping m;
  m.n = 1, m.p = 2, m.q = 8, m.o = 8, m.c = 16;
  return m;
}
RegionMapping pool_mapping() {
  RegionMapping m;
  m.engine = WorkUnit::kVector;
  m.rows = 1;
  return m;
}

std::string message(const std::string& layer, const RegionMapping& m, std::uint32_t cores = 2) {
  const auto graph = network();
  GivenMappings given;
  given[layer] = m;
  given[layer].place = {"m.yaml", 3, 11};
  const auto backend = make_tpu_backend(machine(cores));
  CompileOptions options;
  options.given = given;
  const Result<CompiledNetwork> compiled = compile(graph, *backend, options);
  if (compiled.ok()) return "fits";
  EXPECT_EQ(exit_code(compiled.errors()), 3);
  return to_string(compiled.errors());
}

template <class Change>
std::string conv_fault(Change change) {
  RegionMapping m = conv_mapping();
  change(m);
  const std::string text = message("conv", m);
  const std::string head =
      "m.yaml:3:11: error: layer 'conv': the mapping is not one of this layer: ";
  const std::string tail = " [E-mapping]\n";
  EXPECT_THAT(text, testing::AllOf(testing::StartsWith(head), testing::EndsWith(tail)));
  if (text.size() < head.size() + tail.size()) return text;
  return text.substr(head.size(), text.size() - head.size() - tail.size());
}

TEST(MappingCheck, TakesWhatFits) {
  EXPECT_EQ(message("conv", conv_mapping()), "fits");
  EXPECT_EQ(message("pool", pool_mapping()), "fits");
}

TEST(MappingCheck, UnknownLayersGetASuggestion) {
  EXPECT_EQ(message("conf", conv_mapping()),
            "m.yaml:3:11: error: layer 'conf': the network has no such layer [E-mapping]\n"
            "  hint: did you mean 'conv'?\n");
}

TEST(MappingCheck, TilesLieWithinTheLayer) {
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m.p = 9; }), "tile p is 9, the whole layer's p is 8");
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m.g = 2; }), "tile g is 2, the whole layer's g is 1");
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m.c = 0; }), "tile c is 0");
}

TEST(MappingCheck, GroupsSideBySide) {
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m.pack = 2; }), "groups_a_pass is 2, a tile has 1");
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m.pack = 0; }), "groups_a_pass is 0");
}

TEST(MappingCheck, ProductsOnTheVectorUnit) {
  const auto lanes = [](RegionMapping& m) {
    m.engine = WorkUnit::kVector;
    m.fetch = WeightFetch::kTile;
  };
  RegionMapping fits = conv_mapping();
  lanes(fits);
  EXPECT_EQ(message("conv", fits), "fits");
  EXPECT_THAT(conv_fault([&](RegionMapping& m) { lanes(m), m.c = 1; }),
              testing::HasSubstr("a lane keeps one sum while tile c is less than 16: 128 are more "
                                 "than the "));
  EXPECT_EQ(conv_fault([&](RegionMapping& m) {
              lanes(m), m.c = 1, m.order = TileOrder::kGiven, m.given_loops = loops_of({});
            }),
            "lanes keep the sums of one tile: with loops of its own its tile c must be 16");
  RegionMapping parts = conv_mapping();
  lanes(parts);
  parts.p = parts.q = 1, parts.o = 4, parts.c = 3;
  EXPECT_EQ(message("conv", parts), "fits");
  EXPECT_EQ(conv_fault([&](RegionMapping& m) { lanes(m), m.fetch = WeightFetch::kPass; }),
            "the vector unit has no passes to fetch weights by");
  EXPECT_EQ(conv_fault([&](RegionMapping& m) { lanes(m), m.pack = 2; }),
            "groups_a_pass is the array's, the layer is for the vector unit");
}

TEST(MappingCheck, RowsAreCutByChannels) {
  RegionMapping m = pool_mapping();
  m.channels = 5;
  EXPECT_EQ(message("pool", m), "fits");
  m.channels = 33;
  EXPECT_THAT(message("pool", m),
              testing::HasSubstr("tile channels is 33, the whole layer's channels is 32"));
}

TEST(MappingCheck, UnitsAndSlots) {
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m = pool_mapping(); }),
            "it is for vector work, the layer is a matrix operator");
  EXPECT_THAT(message("pool", conv_mapping()),
              testing::HasSubstr("it is for the matrix unit, the layer is vector work"));
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m.weight_slots = 0; }),
            "it has 0 slots for weight tiles");
}

TEST(MappingCheck, CutsHaveACoreAndWorkForEveryPart) {
  using Cut = RegionMapping::Cut;
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m.cut = Cut::kRows, m.parts = 3; }),
            "it is cut into 3 parts, machine 'small' has 2 cores");
  EXPECT_EQ(conv_fault([](RegionMapping& m) { m.cut = Cut::kGroups, m.parts = 2; }),
            "2 parts of 1 groups leave a core without work");
  RegionMapping pool = pool_mapping();
  pool.cut = Cut::kChannels, pool.parts = 2;
  EXPECT_THAT(message("pool", pool),
              testing::HasSubstr("vector work is cut by images or rows, not by channels"));
  RegionMapping rows = conv_mapping();
  rows.cut = Cut::kRows, rows.parts = 2;
  EXPECT_EQ(message("conv", rows), "fits");
}

TEST(MappingCheck, WhatDoesNotFitSaysByHowMuch) {
  RegionMapping m = conv_mapping();
  m.p = 8, m.o = 32;
  m.input_slots = 100;
  EXPECT_EQ(
      message("conv", m),
      "m.yaml:3:11: error: layer 'conv': the mapping does not fit machine 'small': tiles need "
      "113 KiB, 'unified' has 8192 B left [E-mapping]\n");
}

}  // namespace
}  // namespace takt::test
