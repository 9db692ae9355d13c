// SPDX-License-Identifier: Apache-2.0
// Einsum as the ops it stands for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/ir/fuse.h"
#include "sim/ir/macs.h"
#include "tests/support/onnx_model.h"

namespace takt {
namespace {

using test::error_names;
using test::Ints;
using test::kinds;
using test::OnnxModel;
using testing::ElementsAre;
using testing::HasSubstr;

Result<Graph> read(const std::string& equation, const std::vector<Ints>& operands) {
  OnnxModel m;
  test::Names names;
  for (const Ints& shape : operands) {
    names.push_back("x" + std::to_string(names.size()));
    m.input(names.back(), shape);
  }
  m.node("Einsum", names, {"y"}).with("equation", equation.c_str());
  m.output("y");
  return m.read();
}

Shape result_of(const Graph& graph) {
  for (const Tensor& tensor : graph.tensors) {
    if (tensor.is_output) return tensor.shape;
  }
  return {-1};
}

struct Case {
  const char* equation;
  std::vector<Ints> operands;
  Shape result;
  std::uint64_t macs;
};

/// MACs of a contraction: the product of all its indices' lengths.
const Case kCases[] = {
    {"ij,jk->ik", {{2, 3}, {3, 5}}, {2, 5}, 30},
    {"ij,jk", {{2, 3}, {3, 5}}, {2, 5}, 30},
    {"ij,kj->ki", {{2, 3}, {5, 3}}, {5, 2}, 30},
    {"bij,bjk->bik", {{7, 2, 3}, {7, 3, 5}}, {7, 2, 5}, 210},
    {"b q h d, b k h d -> b h q k", {{2, 3, 4, 5}, {2, 6, 4, 5}}, {2, 4, 3, 6}, 720},
    {"bhqk,bkhd->bqhd", {{2, 4, 3, 6}, {2, 6, 4, 5}}, {2, 3, 4, 5}, 720},
    {"...ij,...jk->...ik", {{7, 8, 2, 3}, {7, 8, 3, 5}}, {7, 8, 2, 5}, 1680},
    {"...ij,jk->...ik", {{7, 8, 2, 3}, {3, 5}}, {7, 8, 2, 5}, 1680},
    {"...ij,...jk->...ik", {{7, 1, 2, 3}, {8, 3, 5}}, {7, 8, 2, 5}, 1680},
    {"abc,cde->abde", {{2, 3, 4}, {4, 5, 6}}, {2, 3, 5, 6}, 720},
    {"abcd,bdce->ae", {{2, 3, 4, 5}, {3, 5, 4, 6}}, {2, 6}, 720},
    {"i,i->", {{6}, {6}}, {}, 6},
    {"ij,j->i", {{4, 6}, {6}}, {4}, 24},
    {"ijk,jl->il", {{2, 3, 4}, {3, 5}}, {2, 5}, 30},  // k is summed before
    {"i,j->ij", {{4}, {6}}, {4, 6}, 0},
    {"ij,ij->ij", {{4, 6}, {4, 6}}, {4, 6}, 0},
    {"bi,bj->bji", {{2, 4}, {2, 6}}, {2, 6, 4}, 0},
    {"ij->ji", {{4, 6}}, {6, 4}, 0},
    {"ij->i", {{4, 6}}, {4}, 0},
    {"ba", {{4, 6}}, {6, 4}, 0},  // alphabetical
    {"...ij->...ji", {{2, 3, 4, 6}}, {2, 3, 6, 4}, 0},
    {"ij->", {{4, 6}}, {}, 0},
};

TEST(Einsum, ShapesAndMacs) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.equation);
    const auto graph = read(one.equation, one.operands);
    ASSERT_TRUE(graph.ok()) << to_string(graph.errors());
    EXPECT_EQ(result_of(*graph), one.result);
    EXPECT_EQ(total_macs(*graph), one.macs);
    EXPECT_TRUE(fuse(*graph, {}).ok());
  }
}

TEST(Einsum, AProductOfMatricesIsOneOp) {
  EXPECT_THAT(kinds(*read("bij,bjk->bik", {{7, 2, 3}, {7, 3, 5}})), ElementsAre(OpKind::kMatMul));
  EXPECT_THAT(kinds(*read("ij,ij->ij", {{2, 3}, {2, 3}})),
              testing::Each(testing::AnyOf(OpKind::kReshape, OpKind::kBinary)));
}

TEST(Einsum, WhatIsNotReadIsNamed) {
  const auto error = [](const char* equation, const std::vector<Ints>& operands) {
    const auto graph = read(equation, operands);
    return graph ? "none" : graph.errors().front().message;
  };
  EXPECT_THAT(error("ii->i", {{3, 3}}), HasSubstr("diagonal"));
  EXPECT_THAT(error("ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 5}}), HasSubstr("more than two operands"));
  for (const char* equation : {"ii->i", "ij,jk,kl->il"}) {
    const auto graph =
        read(equation, equation[1] == 'i' ? std::vector<Ints>{{3, 3}}
                                          : std::vector<Ints>{{2, 3}, {3, 4}, {4, 5}});
    ASSERT_FALSE(graph.ok());
    EXPECT_EQ(exit_code(graph.errors()), 4) << equation;
  }
  EXPECT_THAT(error("ij,jk->ik", {{2, 3}, {4, 5}}), HasSubstr("length 3 in one operand and 4"));
  EXPECT_THAT(error("ij,jk->iz", {{2, 3}, {3, 5}}), HasSubstr("in no operand"));
  EXPECT_THAT(error("ij,jk->ii", {{2, 3}, {3, 5}}), HasSubstr("twice in the result"));
  EXPECT_THAT(error("i.j->ij", {{2, 3}}), HasSubstr("character 2"));
  EXPECT_THAT(error("ijk->i", {{2, 3}}), HasSubstr("3 letters for operand 0"));
  EXPECT_THAT(error("ij->i", {{2, 3}, {2, 3}}), HasSubstr("has 1 operands, the node 2"));
  EXPECT_THAT(error("...i->i", {{2, 3}}), HasSubstr("lacks the ellipsis"));
}

}  // namespace
}  // namespace takt
