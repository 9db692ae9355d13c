// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/ir/edit.h"
#include "tests/unit/infer/small_graph.h"

namespace takt {
namespace {

using test::SmallGraph;
using testing::HasSubstr;

/// input → relu → relu, the second an output.
SmallGraph sound() {
  SmallGraph g;
  const TensorId x = g.value({2, 3}, DType::kFp32, TensorKind::kInput);
  const TensorId y = g.op(OpKind::kUnary, UnaryAttrs{UnaryKind::kRelu}, {x}).outputs[0];
  const TensorId z = g.op(OpKind::kUnary, UnaryAttrs{UnaryKind::kRelu}, {y}).outputs[0];
  g.graph.tensor(z).is_output = true;
  EXPECT_TRUE(infer_shapes(g.graph).empty());
  return g;
}

std::string first_error(const Graph& graph) {
  const Diagnostics errors = verify(graph);
  return errors.empty() ? "" : errors[0].path + ": " + errors[0].message;
}

TEST(Verify, PassesASoundGraph) { EXPECT_EQ(first_error(sound().graph), ""); }

TEST(Verify, FindsWrongOrder) {
  SmallGraph g = sound();
  std::swap(g.graph.ops[0], g.graph.ops[1]);
  EXPECT_EQ(first_error(g.graph), "node 'op1': tensor 't1' is used before it is made");
}

TEST(Verify, FindsACycle) {
  SmallGraph g = sound();
  g.graph.ops[0].inputs[0] = g.graph.ops[1].outputs[0];
  EXPECT_THAT(first_error(g.graph), HasSubstr("used before it is made"));
}

TEST(Verify, FindsAValueMadeTwiceOrNever) {
  SmallGraph g = sound();
  g.graph.ops[1].outputs[0] = g.graph.ops[0].outputs[0];
  const Diagnostics errors = verify(g.graph);
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].message, "tensor 't1' is made a second time");
  EXPECT_EQ(errors[1].message, "nothing makes it");
}

TEST(Verify, FindsAnOpThatMakesAnInput) {
  SmallGraph g = sound();
  g.graph.ops[0].outputs[0] = g.graph.ops[0].inputs[0];
  EXPECT_THAT(first_error(g.graph), HasSubstr("made a second time"));
}

TEST(Verify, FindsIdsOutOfRange) {
  SmallGraph g = sound();
  g.graph.ops[0].inputs[0] = TensorId{99};
  EXPECT_THAT(first_error(g.graph), HasSubstr("no tensor of the graph"));
}

TEST(Verify, FindsNamesMissingAndTwice) {
  SmallGraph g = sound();
  g.graph.ops[1].name = "op0";
  EXPECT_EQ(first_error(g.graph), "node 'op0': the name is given twice");
  g.graph.ops[1].name = "";
  EXPECT_THAT(first_error(g.graph), HasSubstr("without a name"));
}

TEST(Verify, FindsWrongShapesAndTypes) {
  SmallGraph g = sound();
  g.graph.tensor(TensorId{1}).shape = {3, 2};
  EXPECT_EQ(first_error(g.graph), "node 'op0': tensor 't1' is [3, 2] fp32, not [2, 3] fp32");
  g = sound();
  g.graph.tensor(TensorId{2}).dtype = DType::kInt8;
  EXPECT_THAT(first_error(g.graph), HasSubstr("is [2, 3] int8"));
  g = sound();
  g.graph.tensor(TensorId{0}).shape = {-1};
  EXPECT_THAT(first_error(g.graph), HasSubstr("out of bounds"));
}

TEST(Verify, FindsConstantsOfTheWrongSizeOrKind) {
  SmallGraph g = sound();
  g.graph.tensor(TensorId{0}).constant = Tensor::FloatData{1, 2};
  EXPECT_THAT(first_error(g.graph), HasSubstr("holds 2 elements, its shape [2, 3] has 6"));
  g.graph.tensor(TensorId{0}).constant = Tensor::IntData(6);
  EXPECT_THAT(first_error(g.graph), HasSubstr("holds whole numbers"));
}

TEST(Verify, FindsAGraphWithoutOutput) {
  SmallGraph g = sound();
  g.graph.tensor(TensorId{2}).is_output = false;
  EXPECT_THAT(first_error(g.graph), HasSubstr("has no output"));
}

TEST(Edit, PruneTakesOutWhatReachesNoOutput) {
  SmallGraph g = sound();
  const TensorId unused = g.value({5});
  g.op(OpKind::kUnary, UnaryAttrs{}, {unused});
  g.op(OpKind::kUnary, UnaryAttrs{}, {g.graph.ops[0].outputs[0]});
  ASSERT_TRUE(infer_shapes(g.graph).empty());
  prune(g.graph);
  EXPECT_EQ(g.graph.ops.size(), 2U);
  EXPECT_EQ(g.graph.tensors.size(), 3U);
  EXPECT_EQ(first_error(g.graph), "");
}

TEST(Edit, TheIndexKnowsMakersAndReaders) {
  const SmallGraph g = sound();
  const GraphIndex index(g.graph);
  EXPECT_EQ(index.maker(TensorId{0}), GraphIndex::kNobody);
  EXPECT_EQ(index.maker(TensorId{2}), 1);
  EXPECT_EQ(index.readers(TensorId{1}), std::vector<int>{1});
  EXPECT_TRUE(index.readers(TensorId{2}).empty());
}

}  // namespace
}  // namespace takt
