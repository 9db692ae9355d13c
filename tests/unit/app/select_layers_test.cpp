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

}  // namespace
}  // namespace takt
