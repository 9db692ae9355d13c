// SPDX-License-Identifier: Apache-2.0
#include "sim/app/select_layers.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

/// x -> conv1 -> t1 -> conv2 -> t2 -> add(t2, t1) -> y, each conv with weights of its own.
RegionGraph chain() {
  RegionGraph g;
  const auto tensor = [&g](const char* name, TensorKind kind, bool output = false) {
    StoredTensor t;
    t.name = name;
    t.kind = kind;
    t.is_output = output;
    g.tensors.push_back(t);
    return TensorId{static_cast<std::uint32_t>(g.tensors.size() - 1)};
  };
  const TensorId x = tensor("x", TensorKind::kInput);
  const TensorId t1 = tensor("t1", TensorKind::kActivation);
  const TensorId t2 = tensor("t2", TensorKind::kActivation);
  const TensorId y = tensor("y", TensorKind::kActivation, true);
  const TensorId w1 = tensor("w1", TensorKind::kParameter);
  const TensorId w2 = tensor("w2", TensorKind::kParameter);
  const auto conv = [&g](const char* name, TensorId in, TensorId weight, TensorId out) {
    Region r;
    r.kind = Region::Kind::kMatrix;
    r.name = name;
    r.fused = {std::string(name) + "_relu"};
    r.matrix.input.tensor = in;
    r.matrix.weight.tensor = weight;
    r.output.tensor = out;
    g.regions.push_back(r);
  };
  conv("conv1", x, w1, t1);
  conv("conv2", t1, w2, t2);
  Region add;
  add.name = "add";
  add.operands.resize(2);
  add.operands[0].tensor = t2;
  add.operands[1].tensor = t1;
  add.output.tensor = y;
  g.regions.push_back(add);
  return g;
}

TEST(SelectLayers, NoNameIsTheWholeNetwork) {
  EXPECT_EQ(select_layers(chain(), {})->regions.size(), 3U);
}

TEST(SelectLayers, WhatOthersMadeOrReadCrossesTheHostLink) {
  const auto part = select_layers(chain(), {"conv2"});
  ASSERT_TRUE(part.ok());
  ASSERT_EQ(part->regions.size(), 1U);
  EXPECT_EQ(part->tensors[1].kind, TensorKind::kInput);  // t1
  EXPECT_TRUE(part->tensors[2].is_output);               // t2
  EXPECT_FALSE(part->tensors[3].is_output);              // y is not made
  EXPECT_EQ(part->tensors[5].kind, TensorKind::kParameter);
}

TEST(SelectLayers, BetweenKeptLayersNothingCrosses) {
  const auto part = select_layers(chain(), {"add", "conv2"});
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->regions[0].name, "conv2");  // the network's order
  EXPECT_EQ(part->tensors[2].kind, TensorKind::kActivation);
  EXPECT_FALSE(part->tensors[2].is_output);
  EXPECT_TRUE(part->tensors[3].is_output);
}

TEST(SelectLayers, EveryUnknownNameIsAnError) {
  const auto part = select_layers(chain(), {"conv3", "conv1_relu"});
  ASSERT_FALSE(part.ok());
  ASSERT_EQ(part.errors().size(), 2U);
  EXPECT_EQ(part.errors()[0].hint, "did you mean 'conv1'?");
  EXPECT_EQ(part.errors()[1].hint, "'conv1_relu' is part of layer 'conv1'");
}

/// Two regions that write the channels of one tensor [n, h, w, c] = [2, 3, 5, 4 + 6].
RegionGraph joined() {
  RegionGraph g;
  g.tensors.resize(2);
  g.tensors[0].name = "x";
  g.tensors[0].kind = TensorKind::kInput;
  g.tensors[1].name = "all";
  g.tensors[1].elements = 2 * 3 * 5 * 10;
  g.tensors[1].is_output = true;
  std::int64_t first = 0;
  for (const auto& [name, channels] : {std::pair<const char*, std::int64_t>{"a", 4}, {"b", 6}}) {
    Region r;
    r.name = name;
    r.kind = Region::Kind::kMatrix;
    r.matrix.n = 2, r.matrix.p = 3, r.matrix.q = 5, r.matrix.o = channels;
    r.matrix.input.tensor = TensorId{0};
    r.output.tensor = TensorId{1};
    r.output.offset = first;
    r.output.stride_n = 150, r.output.stride_h = 50, r.output.stride_w = 10, r.output.stride_c = 1;
    g.regions.push_back(r);
    View place;
    place.stored = TensorId{1};
    place.offset = first;
    place.dims = {{{2, 150}}, {{channels, 1}}, {{15, 10}}};  // rows and columns are one piece
    g.places.push_back(place);
    first += channels;
  }
  return g;
}

TEST(SelectLayers, APartOfATensorIsWrittenOnItsOwn) {
  const auto part = select_layers(joined(), {"b"});
  ASSERT_TRUE(part.ok());
  const ActivationView& out = part->regions.at(0).output;
  const StoredTensor& own = part->tensors.at(out.tensor.index);
  EXPECT_EQ(own.name, "b");
  EXPECT_EQ(own.elements, 2 * 3 * 5 * 6);
  EXPECT_TRUE(own.is_output);
  EXPECT_FALSE(part->tensors[1].is_output);
  EXPECT_EQ(out.offset, 0);
  EXPECT_EQ(out.stride_n, 90);
  EXPECT_EQ(out.stride_h, 30);
  EXPECT_EQ(out.stride_w, 6);
  EXPECT_EQ(out.stride_c, 1);
  EXPECT_EQ(part->places[1].stored, out.tensor);
  EXPECT_EQ(part->places[1].at({1, 2, 14}), 90 + 14 * 6 + 2);
  EXPECT_EQ(part->places[0].stored, TensorId{1});  // nobody made it
}

TEST(SelectLayers, AllPartsOfATensorStayTogether) {
  const auto part = select_layers(joined(), {"a", "b"});
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->tensors.size(), 2U);
  EXPECT_TRUE(part->tensors[1].is_output);
}

TEST(SelectLayers, AReaderOfATensorNeedsAllItsMakers) {
  RegionGraph graph = joined();
  Region reader;
  reader.name = "c";
  reader.operands.resize(1);
  reader.operands[0].tensor = TensorId{1};
  reader.output.tensor = TensorId{2};
  graph.tensors.resize(3);
  graph.regions.push_back(reader);
  const auto part = select_layers(graph, {"a", "c"});
  ASSERT_FALSE(part.ok());
  EXPECT_EQ(part.errors()[0].name, "E-partial-tensor");
  EXPECT_EQ(part.errors()[0].hint, "its other parts are made by b");
  EXPECT_TRUE(select_layers(graph, {"c"}).ok());
}

}  // namespace
}  // namespace takt
