// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/functional/player.h"
#include "sim/ir/fuse.h"
#include "sim/reference/compare.h"
#include "sim/reference/products.h"
#include "sim/workload/yaml_network.h"
#include "tests/support/gemm_program.h"

namespace takt::test {
namespace {

TensorValues filled(DType dtype, std::int64_t elements, Random& random) {
  TensorValues values(dtype, elements);
  for (std::int64_t i = 0; i < elements; ++i) {
    values.set(i, static_cast<double>(random.between(0, 200)) - 100);
  }
  return values;
}

struct ConvCase {
  Graph graph;
  Shape x, w, y;
  WindowAttrs window;
};

/// A convolution of random sizes, groups, strides, dilations and pads.
ConvCase random_conv(Random& random) {
  ConvCase c;
  const auto pick = [&](std::uint64_t low, std::uint64_t high) {
    return static_cast<std::int64_t>(random.between(low, high));
  };
  c.window.groups = pick(1, 3);
  const std::int64_t each = pick(1, 4), outputs = pick(1, 4);
  c.x = {pick(1, 2), each * c.window.groups, pick(5, 9), pick(5, 9)};
  c.w = {outputs * c.window.groups, each, pick(1, 3), pick(1, 3)};
  c.y = {c.x[0], c.w[0], 0, 0};
  for (std::size_t d = 0; d < 2; ++d) {
    c.window.kernel[d] = c.w[2 + d];
    c.window.stride[d] = pick(1, 2);
    c.window.dilation[d] = pick(1, 2);
    c.window.pad_begin[d] = pick(0, 2);
    c.window.pad_end[d] = pick(0, 2);
    const std::int64_t room = c.x[2 + d] + c.window.pad_begin[d] + c.window.pad_end[d] -
                              (c.w[2 + d] - 1) * c.window.dilation[d] - 1;
    c.y[2 + d] = room / c.window.stride[d] + 1;
  }
  c.graph.dtype_open = false;
  for (const Shape& shape : {c.x, c.w, c.y}) {
    Tensor t;
    t.shape = shape;
    t.dtype = DType::kInt8;
    c.graph.tensors.push_back(t);
  }
  Op op;
  op.kind = OpKind::kConv;
  op.inputs = {{0}, {1}};
  op.outputs = {{2}};
  op.attributes = c.window;
  c.graph.ops.push_back(op);
  return c;
}

/// The definition, index by index.
double conv_at(const ConvCase& c, const TensorValues& x, const TensorValues& w, std::int64_t n,
               std::int64_t o, std::int64_t p, std::int64_t q) {
  const std::int64_t each = c.w[1], outputs = c.w[0] / c.window.groups;
  double sum = 0;
  for (std::int64_t i = 0; i < each; ++i) {
    for (std::int64_t r = 0; r < c.w[2]; ++r) {
      for (std::int64_t s = 0; s < c.w[3]; ++s) {
        const std::int64_t h =
            p * c.window.stride[0] + r * c.window.dilation[0] - c.window.pad_begin[0];
        const std::int64_t v =
            q * c.window.stride[1] + s * c.window.dilation[1] - c.window.pad_begin[1];
        if (h < 0 || h >= c.x[2] || v < 0 || v >= c.x[3]) continue;
        const std::int64_t channel = o / outputs * each + i;
        sum += x.at(((n * c.x[1] + channel) * c.x[2] + h) * c.x[3] + v) *
               w.at(((o * each + i) * c.w[2] + r) * c.w[3] + s);
      }
    }
  }
  return sum;
}

TEST(Products, ConvolutionsByTheirDefinition) {
  Random random(11);
  for (int i = 0; i < 40; ++i) {
    const ConvCase c = random_conv(random);
    const Semantics semantics(c.graph, DType::kInt8);
    const TensorValues x = filled(DType::kInt8, semantics.elements({0}), random);
    const TensorValues w = filled(DType::kInt8, semantics.elements({1}), random);
    const std::vector<double> y = products(semantics, {0}, x, w);
    std::size_t at = 0;
    for (std::int64_t n = 0; n < c.y[0]; ++n) {
      for (std::int64_t o = 0; o < c.y[1]; ++o) {
        for (std::int64_t p = 0; p < c.y[2]; ++p) {
          for (std::int64_t q = 0; q < c.y[3]; ++q) {
            ASSERT_EQ(y[at++], conv_at(c, x, w, n, o, p, q)) << "case " << i;
          }
        }
      }
    }
  }
}

TEST(Products, MatrixProductsBroadcastAndTurn) {
  Graph graph;
  graph.dtype_open = false;
  for (const Shape& shape : {Shape{2, 1, 3, 4}, Shape{5, 6, 3}, Shape{2, 5, 4, 6}}) {
    Tensor t;
    t.shape = shape;
    t.dtype = DType::kInt8;
    graph.tensors.push_back(t);
  }
  Op op;
  op.kind = OpKind::kMatMul;
  op.inputs = {{0}, {1}};
  op.outputs = {{2}};
  MatMulAttrs attrs;
  attrs.transpose_a = attrs.transpose_b = true;
  op.attributes = attrs;
  graph.ops.push_back(op);
  const Semantics semantics(graph, DType::kInt8);
  EXPECT_EQ(semantics.reduction({0}), 3);
  Random random(2);
  const TensorValues a = filled(DType::kInt8, 24, random), b = filled(DType::kInt8, 90, random);
  const std::vector<double> y = products(semantics, {0}, a, b);
  for (std::int64_t i = 0; i < 2 * 5 * 4 * 6; ++i) {
    const std::int64_t n = i % 6, m = i / 6 % 4, inner = i / 24 % 5, outer = i / 120;
    double sum = 0;
    for (std::int64_t k = 0; k < 3; ++k) {
      sum += a.at((outer * 3 + k) * 4 + m) * b.at((inner * 6 + n) * 3 + k);
    }
    ASSERT_EQ(y[static_cast<std::size_t>(i)], sum) << i;
  }
}

TEST(Oracle, SumsAreFullAndDoNotSaturate) {
  // CONTRACT of values: at every sum's result over 30 % are not zero, under 1 % saturate.
  GemmShape shape;
  shape.m = 64;
  shape.widths = {9, 64, 576, 3, 2048, 100, 1, 50, 64, 64, 64, 64, 64, 64};
  const Graph graph = gemm_graph(shape);
  Semantics semantics(graph, DType::kInt8);
  const Result<NetworkValues> values = Oracle(semantics, {}).run();
  ASSERT_TRUE(values.ok());
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    const TensorValues& y = values->tensors[graph.ops[i].outputs[0].index];
    double not_zero = 0, saturated = 0;
    for (std::int64_t e = 0; e < y.elements(); ++e) {
      not_zero += y.at(e) != 0;
      saturated += y.at(e) == 127 || y.at(e) == -128;
    }
    const auto n = static_cast<double>(y.elements());
    EXPECT_GT(not_zero / n, 0.3) << "op " << i;
    EXPECT_LT(saturated / n, 0.01) << "op " << i;
  }
}

TEST(Oracle, FloatsKeepTheirSize) {
  GemmShape shape;
  shape.m = 16;
  shape.widths = {512, 512, 512, 512, 512, 512, 512, 512, 512};
  Graph graph = gemm_graph(shape);
  graph.dtype_open = true;
  for (Tensor& t : graph.tensors) t.dtype = DType::kFp32;
  Semantics semantics(graph, DType::kFp16);
  const Result<NetworkValues> values = Oracle(semantics, {}).run();
  ASSERT_TRUE(values.ok());
  double squares = 0;
  const TensorValues& y = values->tensors.back();
  EXPECT_EQ(y.dtype(), DType::kFp16);
  for (std::int64_t e = 0; e < y.elements(); ++e) squares += y.at(e) * y.at(e);
  // Without ReLUs the variance doubles a layer: 1/3 * 2^8.
  const double variance = squares / static_cast<double>(y.elements());
  EXPECT_GT(variance, 20);
  EXPECT_LT(variance, 400);
}

TEST(Oracle, RefusesWhatHasNoValues) {
  Graph graph = gemm_graph({});
  graph.ops[0].kind = OpKind::kResize;
  graph.ops[0].attributes = MoveAttrs{};
  Semantics semantics(graph, DType::kInt8);
  const Result<NetworkValues> values = Oracle(semantics, {}).run();
  ASSERT_FALSE(values.ok());
  EXPECT_EQ(values.errors()[0].name, "E-values");
  EXPECT_EQ(values.errors()[0].path, "node 'gemm0'");
}

TEST(Compare, CountsAndNamesWhatDiffers) {
  const GemmShape shape;
  const GemmProgram gemm(shape);
  const Graph graph = gemm_graph(shape);
  Semantics semantics(graph, DType::kInt8);
  const Result<NetworkValues> values = Oracle(semantics, {}).run();
  const Program program = gemm.build();
  const TensorValues& y = values->tensors[2];
  std::vector<std::byte> bytes(y.bytes(), y.bytes() + y.elements());
  bytes[3] = static_cast<std::byte>(static_cast<int>(y.at(3)) + 2);
  const ValueCheck check = compare_values(
      *program.graph, *values, [&](TensorId) -> const std::vector<std::byte>& { return bytes; });
  EXPECT_EQ(check.compared, 800U);
  EXPECT_EQ(check.mismatches, 1U);
  EXPECT_EQ(check.max_abs_error, 2);
  ASSERT_EQ(check.findings.size(), 1U);
  EXPECT_NE(
      check.findings[0].find("1 of 800 values of 'x1' differ, the first at [0, 3]: expected "),
      std::string::npos);
}

TEST(Compare, BoundGrowsWithTheSums) {
  EXPECT_LT(float_bound({100}, DType::kFp32), float_bound({10000}, DType::kFp32));
  EXPECT_LT(float_bound({100}, DType::kFp32), float_bound({100, 100}, DType::kFp32));
  EXPECT_LT(float_bound({100}, DType::kFp32), 1e-5);
  EXPECT_GT(float_bound({100}, DType::kBf16), 1e-3);
}

/// Two linear layers, of 64 and of 256 terms.
Graph two_layers() {
  return *read_network_text(
      "name: two\n"
      "inputs: {x: [batch, 64]}\n"
      "layers:\n"
      "- {name: first, op: linear, features: 256}\n"
      "- {name: second, op: linear, features: 16}\n",
      "two.yaml", {});
}
RegionGraph regions_of(const Graph& graph, DType precision) {
  FuseOptions fusing;
  fusing.precision = precision;
  return *fuse(graph, fusing);
}

TEST(Compare, ALayersBoundHoldsTheLayersUpToIt) {
  const RegionGraph regions = regions_of(two_layers(), DType::kFp16);
  ASSERT_EQ(regions.regions.size(), 2U);
  const std::vector<double> bounds = float_bounds(regions);
  const auto of = [&](std::size_t region) {
    return bounds[regions.regions[region].output.tensor.index];
  };
  EXPECT_DOUBLE_EQ(of(0), float_bound({64}, DType::kFp16));
  EXPECT_DOUBLE_EQ(of(1), float_bound({64, 256}, DType::kFp16));
  EXPECT_EQ(std::count(bounds.begin(), bounds.end(), 0.0),
            static_cast<std::ptrdiff_t>(bounds.size()) - 2);
}

// What a later layer may differ by, an earlier one may not.
TEST(Compare, AnEarlyLayerIsHeldToItsOwnBound) {
  const Graph graph = two_layers();
  const RegionGraph regions = regions_of(graph, DType::kFp32);
  Semantics semantics(graph, DType::kFp32);
  const NetworkValues values = *Oracle(semantics, {}).run();
  const double late = float_bound({64, 256}, DType::kFp32);
  for (const std::size_t region : {0, 1}) {
    const TensorId changed = regions.regions[region].output.tensor;
    std::vector<std::vector<std::byte>> stored;
    for (std::uint32_t i = 0; i < regions.tensors.size(); ++i) {
      stored.push_back(stored_bytes(regions, {i}, values));
    }
    std::vector<std::byte>& bytes = stored[changed.index];
    double largest = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
      largest = std::max(largest, std::abs(load_element(DType::kFp32, &bytes[at])));
    }
    const double off = load_element(DType::kFp32, bytes.data()) + 0.9 * late * largest;
    store_element(DType::kFp32, bytes.data(), rounded(DType::kFp32, off));
    const ValueCheck check = compare_values(
        regions, values,
        [&](TensorId id) -> const std::vector<std::byte>& { return stored[id.index]; });
    EXPECT_EQ(check.mismatches, region == 0 ? 1U : 0U);
  }
}

}  // namespace
}  // namespace takt::test
