// SPDX-License-Identifier: Apache-2.0
// LSTM, GRU and RNN.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/ir/macs.h"
#include "tests/support/onnx_model.h"

namespace takt {
namespace {

using test::Ints;
using test::OnnxModel;
using testing::HasSubstr;

TEST(OnnxRecurrent, LstmFromZeroAndBatchFirst) {
  OnnxModel m;
  m.input("x", Ints{3, 5, 8});
  m.weight("w", {2, 64, 8});
  m.weight("r", {2, 64, 16});
  m.weight("b", {2, 128});
  m.ints("state", {3, 2, 16});
  m.node("ConstantOfShape", {"state"}, {"h0"});
  m.node("LSTM", {"x", "w", "r", "b", "", "h0", "h0"}, {"y", "", "c"})
      .with("hidden_size", 16)
      .with("layout", 1)
      .with("direction", "bidirectional");
  m.output("y");
  m.output("c");
  const auto graph = m.read();
  ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
  const Op* lstm = test::find_op(*graph, "y");
  ASSERT_NE(lstm, nullptr);
  EXPECT_EQ(lstm->inputs.size(), 4U);  // a state of zeros is none
  EXPECT_EQ(test::find_tensor(*graph, "y")->shape, (Shape{3, 5, 2, 16}));
  EXPECT_EQ(test::find_tensor(*graph, "c")->shape, (Shape{3, 2, 16}));
  EXPECT_EQ(total_macs(*graph), 3U * 5 * 2 * 64 * (8 + 16));
}

TEST(OnnxRecurrent, WhatARecurrentLayerCannotBe) {
  const auto message = [](auto change) {
    OnnxModel m;
    m.input("x", Ints{5, 3, 8});
    m.weight("w", {1, 16, 8});
    m.weight("r", {1, 16, 16});
    auto node = m.node("RNN", {"x", "w", "r"}, {"y"});
    node.with("hidden_size", 16);
    change(node);
    m.output("y");
    const auto graph = m.read();
    return graph ? "none" : graph.errors().front().message;
  };
  EXPECT_EQ(message([](test::NodeRef&) {}), "none");
  EXPECT_THAT(message([](test::NodeRef& n) { n.with("clip", 1.0F); }), HasSubstr("clip"));
  EXPECT_THAT(message([](test::NodeRef& n) { n.with("direction", "up"); }), HasSubstr("direction"));
  EXPECT_THAT(message([](test::NodeRef& n) { n.with("hidden_size", 4); }), testing::StrEq("none"));
}

}  // namespace
}  // namespace takt
