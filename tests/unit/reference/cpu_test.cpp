// SPDX-License-Identifier: Apache-2.0
// Two implementations of docs/values.md, by whole tensors with OpenBLAS and by elements with plain
// loops, on every operator and type.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/base/check.h"
#include "sim/ir/infer.h"
#include "sim/reference/reference_executor.h"

namespace takt {
namespace {

/// An operator on inputs of given shapes; a shape {-1} is an absent operand.
struct Case {
  std::string name;
  OpKind kind;
  Attributes attributes;
  std::vector<Shape> inputs;
  std::size_t outputs = 1;
};

Graph graph_of(const Case& one) {
  Graph graph;
  Op op;
  op.name = "op";
  op.kind = one.kind;
  op.attributes = one.attributes;
  for (std::size_t i = 0; i < one.inputs.size(); ++i) {
    if (one.inputs[i] == Shape{-1}) {
      op.inputs.emplace_back();
      continue;
    }
    Tensor t;
    t.name = "in" + std::to_string(i);
    t.shape = one.inputs[i];
    t.kind = i == 0 ? TensorKind::kInput : TensorKind::kParameter;
    if (one.kind == OpKind::kWhere && i == 0) t.dtype = DType::kBool;
    if (one.kind == OpKind::kGather && i == 1) t.dtype = DType::kInt64;
    op.inputs.push_back({static_cast<std::uint32_t>(graph.tensors.size())});
    graph.tensors.push_back(t);
  }
  for (std::size_t i = 0; i < one.outputs; ++i) {
    Tensor t;
    t.name = "out" + std::to_string(i);
    t.is_output = true;
    op.outputs.push_back({static_cast<std::uint32_t>(graph.tensors.size())});
    graph.tensors.push_back(t);
  }
  graph.ops.push_back(op);
  const Diagnostics errors = infer_shapes(graph);
  CHECK(errors.empty()) << one.name << ": " << to_string(errors);
  return graph;
}

/// Two ways to add floats may fall on two neighbours of the type, at worst.
bool alike(double a, double b, double largest, DType type) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  return info(type).is_float && std::abs(a - b) <= float_bound({512}, type) * largest;
}

void expect_alike(const Case& one, DType precision, std::uint64_t seed) {
  const Graph graph = graph_of(one);
  Semantics semantics(graph, precision);
  ReferenceOptions options;
  options.seed = seed;
  const auto loops = make_reference("functional")->run(semantics, options);
  const auto blas = make_reference("cpu")->run(semantics, options);
  ASSERT_TRUE(loops.ok() && blas.ok()) << one.name;
  EXPECT_EQ(loops->scales[0].multiplier, blas->scales[0].multiplier)
      << one.name << " " << to_string(precision);
  for (const TensorId id : graph.ops[0].outputs) {
    const TensorValues &a = loops->tensors[id.index], &b = blas->tensors[id.index];
    ASSERT_EQ(a.elements(), b.elements()) << one.name;
    ASSERT_GT(a.elements(), 0) << one.name;
    double largest = 0;
    for (std::int64_t i = 0; i < a.elements(); ++i) {
      if (std::isfinite(a.at(i))) largest = std::max(largest, std::abs(a.at(i)));
    }
    for (std::int64_t i = 0; i < a.elements(); ++i) {
      ASSERT_TRUE(alike(a.at(i), b.at(i), largest, a.dtype()))
          << one.name << " in " << to_string(precision) << ", seed " << seed << ", element " << i
          << ": " << a.at(i) << " by loops, " << b.at(i) << " by OpenBLAS";
    }
  }
}

WindowAttrs window(std::int64_t kernel, std::int64_t stride, std::int64_t pad,
                   std::int64_t groups = 1) {
  WindowAttrs w;
  w.kernel[0] = w.kernel[1] = kernel;
  w.stride[0] = w.stride[1] = stride;
  w.pad_begin[0] = w.pad_begin[1] = w.pad_end[0] = w.pad_end[1] = pad;
  w.groups = groups;
  return w;
}

AxesAttrs axes(std::vector<std::int64_t> which, ReduceKind reduce = ReduceKind::kSum) {
  AxesAttrs a;
  a.axes = std::move(which);
  a.reduce = reduce;
  return a;
}

MoveAttrs move(std::int64_t axis, std::vector<std::int64_t> begin = {},
               std::vector<std::int64_t> end = {}, std::vector<std::int64_t> step = {},
               std::string mode = "", double value = 0) {
  MoveAttrs m;
  m.axis = axis;
  m.begin = std::move(begin);
  m.end = std::move(end);
  m.step = std::move(step);
  m.mode = std::move(mode);
  m.value = value;
  return m;
}

RecurrentAttrs cell(std::int64_t hidden, std::int64_t directions, bool reverse = false,
                    bool late = false) {
  RecurrentAttrs r;
  r.hidden = hidden;
  r.directions = directions;
  r.reverse = reverse;
  r.linear_before_reset = late;
  return r;
}

std::vector<Case> products() {
  WindowAttrs dilated = window(3, 2, 2, 2);
  dilated.dilation[1] = 2;
  dilated.pad_begin[0] = 0;
  MatMulAttrs turned;
  turned.transpose_a = turned.transpose_b = true;
  turned.alpha = 0.5;
  turned.beta = 2;
  return {{"conv", OpKind::kConv, window(3, 1, 1), {{2, 5, 9, 8}, {7, 5, 3, 3}, {7}}},
          {"grouped conv", OpKind::kConv, dilated, {{1, 6, 11, 13}, {4, 3, 3, 3}}},
          {"depthwise conv", OpKind::kConv, window(3, 1, 1, 8), {{1, 8, 6, 6}, {8, 1, 3, 3}, {8}}},
          {"transposed conv",
           OpKind::kConvTranspose,
           window(3, 2, 1),
           {{2, 5, 4, 6}, {5, 7, 3, 3}, {7}}},
          {"grouped transposed conv",
           OpKind::kConvTranspose,
           window(4, 2, 1, 2),
           {{1, 6, 4, 5}, {6, 2, 4, 4}}},
          {"matmul", OpKind::kMatMul, MatMulAttrs{}, {{3, 1, 4, 70}, {5, 70, 6}, {6}}},
          {"gemm", OpKind::kMatMul, turned, {{70, 4}, {6, 70}, {4, 6}}}};
}

std::vector<Case> rows() {
  std::vector<Case> cases;
  for (const ReduceKind kind :
       {ReduceKind::kSum, ReduceKind::kMean, ReduceKind::kMax, ReduceKind::kMin, ReduceKind::kProd,
        ReduceKind::kL1, ReduceKind::kL2, ReduceKind::kSumSquare, ReduceKind::kLogSum,
        ReduceKind::kLogSumExp}) {
    cases.push_back({"reduce " + std::to_string(static_cast<int>(kind)),
                     OpKind::kReduce,
                     axes({1, 3}, kind),
                     {{3, 4, 5, 6}}});
  }
  AxesAttrs logarithm = axes({1});
  logarithm.logarithm = true;
  AxesAttrs grouped;
  grouped.groups = 2;
  AxesAttrs last = axes({1}, ReduceKind::kMin);
  last.k = -1;
  AxesAttrs best = axes({1}, ReduceKind::kMax), worst = axes({0}, ReduceKind::kMin);
  best.k = worst.k = 3;
  cases.push_back({"softmax", OpKind::kSoftmax, axes({1, 2}), {{3, 7, 4}}});
  cases.push_back({"log softmax", OpKind::kSoftmax, logarithm, {{3, 7, 4}}});
  cases.push_back({"layer norm", OpKind::kLayerNorm, axes({2}), {{2, 3, 33}, {33}, {33}}});
  cases.push_back({"rms norm", OpKind::kRmsNorm, axes({2}), {{2, 3, 33}, {33}}});
  cases.push_back({"group norm", OpKind::kGroupNorm, grouped, {{2, 4, 3, 3}, {4}, {4}}});
  cases.push_back({"instance norm", OpKind::kInstanceNorm, AxesAttrs{}, {{2, 4, 5, 3}, {4}, {4}}});
  cases.push_back(
      {"batch norm", OpKind::kBatchNorm, AxesAttrs{}, {{2, 4, 5, 3}, {4}, {4}, {4}, {4}}});
  cases.push_back({"arg max", OpKind::kArgMax, axes({1}, ReduceKind::kMax), {{3, 200, 2}}});
  cases.push_back({"arg min, the last", OpKind::kArgMax, last, {{3, 200, 2}}});
  cases.push_back({"top k", OpKind::kTopK, best, {{3, 90, 2}}, 2});
  cases.push_back({"bottom k", OpKind::kTopK, worst, {{9, 4, 2}}, 2});
  return cases;
}

std::vector<Case> windows() {
  WindowAttrs counts = window(3, 2, 1), global;
  counts.count_include_pad = counts.ceil_mode = true;
  global.global = true;
  LrnAttrs usual, steep;
  usual.size = steep.size = 5;
  usual.alpha = steep.alpha = 0.5;
  steep.beta = 1.5;
  std::vector<Case> cases{
      {"max pool", OpKind::kMaxPool, window(3, 2, 1), {{2, 3, 9, 8}}},
      {"average pool", OpKind::kAveragePool, window(2, 1, 1), {{2, 3, 9, 8}}},
      {"average pool with its padding", OpKind::kAveragePool, counts, {{2, 3, 10, 8}}},
      {"global pool", OpKind::kAveragePool, global, {{2, 3, 9, 8}}},
      {"lrn", OpKind::kLrn, usual, {{1, 8, 3, 3}}},
      {"steep lrn", OpKind::kLrn, steep, {{1, 8, 3, 3}}}};
  for (const char* mode :
       {"nearest", "nearest half_pixel round_prefer_floor", "linear", "linear align_corners",
        "cubic", "cubic asymmetric exclude_outside", "nearest tf_half_pixel_for_nn ceil"}) {
    cases.push_back({std::string("larger ") + mode,
                     OpKind::kResize,
                     move(0, {}, {1, 2, 7, 9}, {}, mode),
                     {{1, 2, 4, 5}}});
    cases.push_back({std::string("smaller ") + mode,
                     OpKind::kResize,
                     move(0, {}, {1, 2, 3, 2}, {}, mode),
                     {{1, 2, 8, 7}}});
  }
  return cases;
}

std::vector<Case> moves() {
  std::vector<Case> cases{
      {"transpose", OpKind::kTranspose, TransposeAttrs{{2, 0, 1}}, {{2, 3, 4}}},
      {"slice", OpKind::kSlice, move(0, {1, 0, 3}, {2, 3, 0}, {1, 2, -1}), {{2, 3, 4}}},
      {"concat", OpKind::kConcat, move(1), {{2, 3, 4}, {2, 1, 4}, {2, 2, 4}}},
      {"split", OpKind::kSplit, move(1, {0, 3}, {3, 5}), {{2, 5, 4}}, 2},
      {"gather", OpKind::kGather, move(1), {{2, 6, 3}, {2, 2}}},
      {"expand", OpKind::kExpand, move(0, {}, {2, 3, 4}), {{3, 1}}}};
  for (const char* mode : {"constant", "reflect", "edge", "wrap"}) {
    cases.push_back({std::string("pad ") + mode,
                     OpKind::kPad,
                     move(0, {0, 2, 1}, {1, 2, 3}, {}, mode, 0.01),
                     {{3, 4, 5}}});
  }
  return cases;
}

std::vector<Case> elementwise() {
  std::vector<Case> cases;
  for (int kind = 0; kind <= static_cast<int>(UnaryKind::kThresholdedRelu); ++kind) {
    UnaryAttrs attrs;
    attrs.kind = static_cast<UnaryKind>(kind);
    if (attrs.kind == UnaryKind::kNot) continue;
    attrs.alpha = 0.25;
    attrs.beta = 0.5;
    cases.push_back({"unary " + std::to_string(kind), OpKind::kUnary, attrs, {{4, 300}}});
  }
  for (int kind = 0; kind <= static_cast<int>(BinaryKind::kPRelu); ++kind) {
    const auto which = static_cast<BinaryKind>(kind);
    if (which == BinaryKind::kAnd || which == BinaryKind::kOr || which == BinaryKind::kXor)
      continue;
    const Shape first = which == BinaryKind::kPRelu ? Shape{5, 3, 70} : Shape{5, 1, 70};
    cases.push_back(
        {"binary " + std::to_string(kind), OpKind::kBinary, BinaryAttrs{which}, {first, {3, 1}}});
  }
  cases.push_back({"clip", OpKind::kClip, ClipAttrs{-0.5, 2}, {{300}}});
  cases.push_back({"sum", OpKind::kSum, std::monostate{}, {{3, 40}, {40}, {1, 40}}});
  cases.push_back({"where", OpKind::kWhere, std::monostate{}, {{3, 40}, {40}, {3, 1}}});
  return cases;
}

std::vector<Case> recurrent() {
  const std::vector<Shape> lstm{{5, 2, 6}, {2, 28, 6}, {2, 28, 7}, {2, 56},
                                {-1},      {2, 2, 7},  {2, 2, 7}};
  const std::vector<Shape> gru{{5, 2, 6}, {1, 21, 6}, {1, 21, 7}, {1, 42}};
  return {{"lstm", OpKind::kLstm, cell(7, 2), lstm, 3},
          {"gru", OpKind::kGru, cell(7, 1, true), gru, 2},
          {"gru, reset after", OpKind::kGru, cell(7, 1, false, true), gru, 2},
          {"rnn", OpKind::kRnn, cell(7, 1), {{5, 2, 6}, {1, 7, 6}, {1, 7, 7}}, 2}};
}

class Both : public testing::TestWithParam<DType> {
 protected:
  void expect_all(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      for (const std::uint64_t seed : {1U, 2U}) expect_alike(one, GetParam(), seed);
    }
  }
};

TEST_P(Both, Products) { expect_all(products()); }
TEST_P(Both, Rows) { expect_all(rows()); }
TEST_P(Both, Windows) { expect_all(windows()); }
TEST_P(Both, Moves) { expect_all(moves()); }
TEST_P(Both, Elementwise) { expect_all(elementwise()); }
TEST_P(Both, Recurrent) { expect_all(recurrent()); }

INSTANTIATE_TEST_SUITE_P(Types, Both,
                         testing::Values(DType::kInt8, DType::kInt16, DType::kFp8, DType::kBf16,
                                         DType::kFp16, DType::kFp32),
                         [](const auto& type) { return std::string(to_string(type.param)); });

}  // namespace
}  // namespace takt
