// SPDX-License-Identifier: Apache-2.0
#include "sim/functional/semantics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace takt {
namespace {

/// One op on given operands.
class OneOp : public ElementSource {
 public:
  OneOp(OpKind kind, Attributes attributes, DType dtype, std::vector<Shape> inputs, Shape output) {
    graph_.dtype_open = false;
    Op op;
    op.name = "op";
    op.kind = kind;
    op.attributes = std::move(attributes);
    for (Shape& shape : inputs) op.inputs.push_back(add(std::move(shape), dtype));
    op.outputs.push_back(add(std::move(output), dtype));
    graph_.ops.push_back(std::move(op));
    values_.resize(inputs.size());
  }
  OneOp& operand(std::size_t i, std::vector<double> values) {
    values_[i] = std::move(values);
    return *this;
  }
  double at(TensorId tensor, std::int64_t index) override {
    return values_.at(tensor.index).at(static_cast<std::size_t>(index));
  }
  std::vector<double> run() {
    Semantics semantics(graph_, DType::kInt8);
    EXPECT_EQ(semantics.unsupported({0}), "");
    std::vector<double> out;
    for (std::int64_t i = 0; i < semantics.elements(graph_.ops[0].outputs[0]); ++i) {
      out.push_back(semantics.element({0}, 0, i, *this));
    }
    return out;
  }
  Graph& graph() { return graph_; }

 private:
  TensorId add(Shape shape, DType dtype) {
    Tensor t;
    t.shape = std::move(shape);
    t.dtype = dtype;
    graph_.tensors.push_back(t);
    return {static_cast<std::uint32_t>(graph_.tensors.size() - 1)};
  }
  Graph graph_;
  std::vector<std::vector<double>> values_;
};

using Values = std::vector<double>;

TEST(Semantics, AddIsWideAndBroadcasts) {
  OneOp add(OpKind::kBinary, BinaryAttrs{BinaryKind::kAdd}, DType::kInt8, {{2, 3}, {3}}, {2, 3});
  add.operand(0, {1, 2, 3, 100, 101, 102}).operand(1, {100, 0, -1});
  EXPECT_EQ(add.run(), (Values{101, 2, 2, 200, 101, 101}));
}

TEST(Semantics, SoftmaxOfWholeNumbers) {
  OneOp op(OpKind::kSoftmax, AxesAttrs{{1}}, DType::kInt8, {{2, 2}}, {2, 2});
  op.operand(0, {5, 5, 16, 0});
  const Values y = op.run();
  EXPECT_EQ(y[0], 1 << 23);
  EXPECT_EQ(y[1], 1 << 23);
  // e = 65536, 24109; 2^24 * 65536 / 89645 = 12265175.2
  EXPECT_EQ(y[2], 12265175);
  EXPECT_EQ(y[3], std::floor(24109.0 * 16777216 / 89645 + 0.5));
}

TEST(Semantics, SoftmaxOfFloatsAddsUpToOne) {
  OneOp op(OpKind::kSoftmax, AxesAttrs{{0}}, DType::kFp64, {{3, 2}}, {3, 2});
  op.operand(0, {1, 2, 3, 4, 5, 6});
  const Values y = op.run();
  EXPECT_NEAR(y[0] + y[2] + y[4], 1, 1e-12);
  EXPECT_NEAR(y[4], 1 / (1 + std::exp(-2.0) + std::exp(-4.0)), 1e-12);
}

TEST(Semantics, LayerNormOfWholeNumbers) {
  OneOp op(OpKind::kLayerNorm, AxesAttrs{{1}}, DType::kInt8, {{1, 4}, {4}, {4}}, {1, 4});
  op.operand(0, {-30, 10, 10, 10}).operand(1, {32, 32, 64, 1}).operand(2, {0, 1, 0, 0});
  // mean 0, deviation sqrt(300) * 256 = 4434.05 -> 4434; y = round(32 * 256 x / 4434).
  EXPECT_EQ(op.run(), (Values{-55 * 32, 18 * 32 + 32, 18 * 64, 18}));
}

TEST(Semantics, NormsOfFloats) {
  OneOp op(OpKind::kGroupNorm, AxesAttrs{{}, ReduceKind::kSum, true, false, 0, 2}, DType::kFp64,
           {{1, 4, 1, 1}, {4}, {4}}, {1, 4, 1, 1});
  op.operand(0, {1, 3, 10, 30}).operand(1, {1, 1, 2, 2}).operand(2, {0, 0, 0, 5});
  EXPECT_EQ(op.run(), (Values{-1, 1, -2, 7}));
}

TEST(Semantics, Pools) {
  WindowAttrs window;
  window.kernel[0] = window.kernel[1] = 2;
  window.stride[0] = window.stride[1] = 2;
  window.pad_begin[0] = window.pad_begin[1] = 1;
  window.pad_end[0] = window.pad_end[1] = 1;
  const Values x{-5, 2, 3, 4, 5, 6, 7, 8, 9};
  OneOp max(OpKind::kMaxPool, window, DType::kInt8, {{1, 1, 3, 3}}, {1, 1, 2, 2});
  EXPECT_EQ(max.operand(0, x).run(), (Values{-5, 3, 7, 9}));
  OneOp average(OpKind::kAveragePool, window, DType::kInt8, {{1, 1, 3, 3}}, {1, 1, 2, 2});
  EXPECT_EQ(average.operand(0, x).run(), (Values{-5, 3, 6, 7}));
  window.count_include_pad = true;
  OneOp padded(OpKind::kAveragePool, window, DType::kInt8, {{1, 1, 3, 3}}, {1, 1, 2, 2});
  EXPECT_EQ(padded.operand(0, x).run(), (Values{-1, 1, 3, 7}));
}

TEST(Semantics, Moves) {
  const Values x{0, 1, 2, 3, 4, 5};
  OneOp transpose(OpKind::kTranspose, TransposeAttrs{{1, 0}}, DType::kInt8, {{2, 3}}, {3, 2});
  EXPECT_EQ(transpose.operand(0, x).run(), (Values{0, 3, 1, 4, 2, 5}));
  MoveAttrs slice;
  slice.begin = {0, 2};
  slice.end = {2, 0};
  slice.step = {1, -2};
  OneOp sliced(OpKind::kSlice, slice, DType::kInt8, {{2, 3}}, {2, 2});
  EXPECT_EQ(sliced.operand(0, x).run(), (Values{2, 0, 5, 3}));
  MoveAttrs axis;
  axis.axis = 1;
  OneOp concat(OpKind::kConcat, axis, DType::kInt8, {{2, 1}, {2, 2}}, {2, 3});
  EXPECT_EQ(concat.operand(0, {7, 8}).operand(1, {1, 2, 3, 4}).run(), (Values{7, 1, 2, 8, 3, 4}));
  OneOp gather(OpKind::kGather, axis, DType::kInt32, {{2, 3}, {2}}, {2, 2});
  EXPECT_EQ(gather.operand(0, x).operand(1, {2, -3}).run(), (Values{2, 0, 5, 3}));
  MoveAttrs pad;
  pad.begin = {1, 0};
  pad.end = {0, 1};
  OneOp padded(OpKind::kPad, pad, DType::kInt8, {{1, 2}}, {2, 3});
  EXPECT_EQ(padded.operand(0, {4, 5}).run(), (Values{0, 0, 0, 4, 5, 0}));
}

TEST(Semantics, Reductions) {
  const Values x{1, -2, 3, 4, 5, -6};
  const auto reduce = [&](ReduceKind kind, DType dtype) {
    OneOp op(OpKind::kReduce, AxesAttrs{{1}, kind, false}, dtype, {{2, 3}}, {2});
    return op.operand(0, x).run();
  };
  EXPECT_EQ(reduce(ReduceKind::kSum, DType::kInt8), (Values{2, 3}));
  EXPECT_EQ(reduce(ReduceKind::kMean, DType::kInt8), (Values{1, 1}));
  EXPECT_EQ(reduce(ReduceKind::kMax, DType::kInt8), (Values{3, 5}));
  EXPECT_EQ(reduce(ReduceKind::kL1, DType::kInt8), (Values{6, 15}));
  EXPECT_EQ(reduce(ReduceKind::kL2, DType::kInt8), (Values{3, 8}));
  EXPECT_EQ(reduce(ReduceKind::kProd, DType::kFp64), (Values{-6, -120}));
  EXPECT_NEAR(reduce(ReduceKind::kLogSumExp, DType::kFp64)[0],
              std::log(std::exp(1) + std::exp(-2) + std::exp(3)), 1e-12);
}

TEST(Semantics, LocalResponseNorm) {
  OneOp real(OpKind::kLrn, LrnAttrs{3, 3, 0.75, 1}, DType::kFp64, {{1, 3, 1, 1}}, {1, 3, 1, 1});
  EXPECT_NEAR(real.operand(0, {1, 2, 3}).run()[0], std::pow(6, -0.75), 1e-12);
  OneOp whole(OpKind::kLrn, LrnAttrs{3, 3, 0.75, 1}, DType::kInt8, {{1, 3, 1, 1}}, {1, 3, 1, 1});
  // The same numbers in steps of 1/32: 32, 64, 96.
  EXPECT_EQ(whole.operand(0, {32, 64, 96}).run()[0], std::round(32 * std::pow(6, -0.75)));
}

TEST(Semantics, BiasCountsAsMuchAsTheSum) {
  OneOp op(OpKind::kMatMul, MatMulAttrs{}, DType::kInt8, {{1, 16}, {16, 1}, {1}}, {1, 1});
  op.operand(2, {-3});
  Semantics semantics(op.graph(), DType::kInt8);
  EXPECT_EQ(semantics.with_bias({0}, 1000, 0, op), 1000 - 3 * 64);
  EXPECT_EQ(semantics.with_bias({0}, 0x1p31, 0, op), 0x1p31 - 192);
}

TEST(Semantics, SaysWhatHasNoValues) {
  MoveAttrs resize;
  resize.mode = "linear antialias";
  OneOp op(OpKind::kResize, resize, DType::kInt8, {{1, 1, 4, 4}}, {1, 1, 2, 2});
  Semantics semantics(op.graph(), DType::kInt8);
  EXPECT_EQ(semantics.unsupported({0}), "resizing with antialias has no values");
}

}  // namespace
}  // namespace takt
