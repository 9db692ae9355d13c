// SPDX-License-Identifier: Apache-2.0
// Regions compute the network: random small graphs, evaluated op by op and by the regions' walks.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "sim/base/random.h"
#include "sim/ir/fuse.h"
#include "sim/ir/macs.h"
#include "tests/unit/fuse/evaluate.h"
#include "tests/unit/fuse/graph_maker.h"

namespace takt::testing {
namespace {

RegionGraph fused(const Graph& graph) {
  FuseOptions options;
  options.precision = DType::kFp32;
  const auto result = fuse(graph, options);
  EXPECT_TRUE(result.ok());
  return *result;
}

std::uint64_t macs(const RegionGraph& regions) {
  std::uint64_t sum = 0;
  for (const Region& region : regions.regions) {
    sum += region.kind == Region::Kind::kMatrix ? region.matrix.macs() : 0;
  }
  return sum;
}

std::int64_t element(const ActivationView& v, const VectorWork& w, std::int64_t n, std::int64_t h,
                     std::int64_t i) {
  return v.offset + n * v.stride_n + h * v.stride_h + i / w.row_run * v.stride_w +
         i % w.row_run * v.stride_c;
}

/// Elements of a place in the order of its indices.
std::vector<std::int64_t> elements(const View& place) {
  const Shape shape = place.shape();
  std::vector<std::int64_t> out;
  for (std::int64_t flat = 0; flat < elements_of(shape); ++flat) {
    std::vector<std::int64_t> index(shape.size());
    std::int64_t rest = flat;
    for (std::size_t d = shape.size(); d-- > 0;) {
      index[d] = rest % shape[d];
      rest /= shape[d];
    }
    out.push_back(place.at(index));
  }
  return out;
}

/// The walk of a vector region writes each element of its result once, and an operand of the
/// result's shape is walked beside it element by element.
void expect_walks(const Graph& graph, const RegionGraph& regions) {
  for (const Region& region : regions.regions) {
    if (region.kind != Region::Kind::kVector || region.op == "copy") continue;
    TensorId result;
    for (OpId id : region.members) {
      const TensorId made = graph.ops[id.index].outputs[0];
      if (regions.places[made.index].stored.valid()) result = made;
    }
    ASSERT_TRUE(result.valid());
    const View& place = regions.places[result.index];
    ASSERT_EQ(region.output.tensor, place.stored);
    std::map<std::int64_t, std::int64_t> order;  // element of the result → its index
    for (std::int64_t at : elements(place)) {
      const auto index = static_cast<std::int64_t>(order.size());
      order[at] = index;
    }
    const VectorWork& w = region.vector;
    std::map<std::int64_t, std::int64_t> written;  // index → position in the walk
    for (std::int64_t k = 0; k < w.images * w.rows * w.row_elements; ++k) {
      const std::int64_t at = element(region.output, w, k / w.row_elements / w.rows,
                                      k / w.row_elements % w.rows, k % w.row_elements);
      ASSERT_TRUE(order.count(at)) << region.name << " writes element " << at;
      ASSERT_TRUE(written.emplace(order[at], k).second) << region.name << " writes twice";
    }
    ASSERT_EQ(written.size(), order.size()) << region.name;
    const Op& first = graph.ops[region.members[0].index];
    if (first.kind != OpKind::kBinary || region.members.size() != 1) continue;
    for (std::size_t i = 0; i < 2; ++i) {
      const View& from = regions.places[first.inputs[i].index];
      const VectorOperand& operand = region.operands.at(i);
      if (from.elements() != place.elements()) continue;
      const std::vector<std::int64_t> expected = elements(from);
      for (const auto& [index, k] : written) {
        ASSERT_EQ(element(operand.view, w, k / w.row_elements / w.rows, k / w.row_elements % w.rows,
                          k % w.row_elements),
                  expected[static_cast<std::size_t>(index)])
            << region.name;
      }
    }
  }
}

void expect_same(const Graph& graph, std::uint64_t seed) {
  const RegionGraph regions = fused(graph);
  EXPECT_EQ(macs(regions), total_macs(graph));
  expect_walks(graph, regions);
  const Values expected = evaluate(graph, seed);
  const Values got = evaluate(graph, regions, expected);
  for (std::size_t t = 0; t < expected.size(); ++t) {
    if (graph.tensors[t].is_output) {
      ASSERT_FALSE(got[t].empty()) << "an output is not stored";
    }
    for (std::size_t i = 0; i < got[t].size(); ++i) {
      ASSERT_NEAR(got[t][i], expected[t][i], 1e-9 * (1 + std::abs(expected[t][i])))
          << "tensor " << graph.tensors[t].name << " element " << i << "\n"
          << to_string(regions);
    }
  }
}

/// One step of a random image network: `values` are 4-D tensors, the last one is the newest.
void grow_image_network(GraphMaker& make, std::vector<TensorId>& values, Random& random) {
  const TensorId x = values.back();
  const Shape shape = make.shape(x);
  std::vector<TensorId> same, beside;
  for (TensorId other : values) {
    const Shape& o = make.shape(other);
    if (o == shape) same.push_back(other);
    if (o[2] == shape[2] && o[3] == shape[3]) beside.push_back(other);
  }
  const auto pick = [&](const std::vector<TensorId>& from) {
    return from[random.between(0, from.size() - 1)];
  };
  switch (random.between(0, 11)) {
    case 0:
    case 1: values.push_back(make.conv(x, 2 * random.between(1, 3), 3, 1, 1)); break;
    case 2: values.push_back(make.conv(x, 2 * random.between(1, 3), 1)); break;
    case 3:
      if (shape[2] > 3) values.push_back(make.conv(x, 4, 3, 2, 1, shape[1] % 2 ? 1 : 2));
      break;
    case 4: values.push_back(make.conv(x, shape[1], 3, 1, 1, shape[1])); break;
    case 5: values.push_back(make.unary(UnaryKind::kRelu, x)); break;
    case 6: values.push_back(make.binary(BinaryKind::kAdd, x, pick(same))); break;
    case 7: values.push_back(make.concat({x, pick(beside)}, 1)); break;
    case 8: {
      const TensorId gate = make.unary(UnaryKind::kSigmoid, make.global_pool(x));
      values.push_back(make.binary(BinaryKind::kMul, x, gate));
      break;
    }
    case 9: {
      if (shape[1] % 2) break;
      const auto parts = make.split(x, 1, 2);
      values.push_back(make.concat({parts[1], make.unary(UnaryKind::kTanh, parts[0])}, 1));
      break;
    }
    case 10: {
      const TensorId gate = make.unary(UnaryKind::kSigmoid, x);
      values.push_back(make.binary(BinaryKind::kMul, gate, x));
      break;
    }
    default:
      values.push_back(make.op(OpKind::kBatchNorm,
                               {x, make.parameter({shape[1]}), make.parameter({shape[1]}),
                                make.parameter({shape[1]}), make.parameter({shape[1]})},
                               AxesAttrs{}));
  }
}

TEST(FuseValues, RandomImageNetworks) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    GraphMaker make;
    std::vector<TensorId> values{
        make.input({static_cast<std::int64_t>(random.between(1, 2)),
                    static_cast<std::int64_t>(random.between(1, 4)), 5, 4})};
    const std::uint64_t steps = random.between(2, 9);
    for (std::uint64_t i = 0; i < steps; ++i) grow_image_network(make, values, random);
    TensorId last = values.back();
    if (last == values.front()) last = make.unary(UnaryKind::kRelu, last);
    if (random.between(0, 1)) {  // a classifier over all pixels: the reduction is cut in three
      const Shape s = make.shape(last);
      last = make.linear(make.reshape(last, {s[0], s[1] * s[2] * s[3]}), 3);
    }
    expect_same(make.output(last), seed);
    if (HasFatalFailure()) return;
  }
}

/// Attention with everything that moves heads about, in one of the orders networks use.
TensorId attention(GraphMaker& make, TensorId x, std::int64_t heads, Random& random) {
  const Shape s = make.shape(x);
  const std::int64_t each = s[2] / heads;
  const auto split_heads = [&](TensorId t) {
    return make.transpose(make.reshape(t, {s[0], s[1], heads, each}), {0, 2, 1, 3});
  };
  TensorId q, k, v;
  if (random.between(0, 1)) {
    const auto parts = make.split(make.linear(x, 3 * s[2]), 2, 3);
    q = split_heads(parts[0]);
    k = split_heads(parts[1]);
    v = split_heads(parts[2]);
  } else {
    q = split_heads(make.linear(x, s[2]));
    k = split_heads(make.linear(x, s[2]));
    v = split_heads(make.linear(x, s[2]));
  }
  TensorId scores = random.between(0, 1) ? make.matmul(q, k, true)
                                         : make.matmul(q, make.transpose(k, {0, 1, 3, 2}));
  if (random.between(0, 1)) {
    scores = make.binary(BinaryKind::kAdd, scores, make.input({s[0], 1, 1, s[1]}));
  } else {
    scores = make.binary(BinaryKind::kAdd, scores, make.parameter({1, 1, s[1], s[1]}));
  }
  const TensorId context = make.matmul(make.softmax(scores, 3), v);
  const TensorId merged = make.reshape(make.transpose(context, {0, 2, 1, 3}), {s[0], s[1], s[2]});
  return make.binary(BinaryKind::kAdd, make.linear(merged, s[2]), x);
}

TEST(FuseValues, RandomTransformers) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    GraphMaker make;
    const auto batch = static_cast<std::int64_t>(random.between(1, 3));
    TensorId x = make.input({batch, 3, 8});
    const std::uint64_t layers = random.between(1, 2);
    for (std::uint64_t i = 0; i < layers; ++i) {
      x = attention(make, x, static_cast<std::int64_t>(2 * random.between(1, 2)), random);
      const TensorId inner = make.unary(UnaryKind::kRelu, make.linear(x, 5));
      x = make.binary(BinaryKind::kAdd, make.linear(inner, 8), x);
    }
    expect_same(make.output(x), seed);
    if (HasFatalFailure()) return;
  }
}

TEST(FuseValues, HeadsThatStayInTheReduction) {
  // No transpose behind the context in memory order: [batch, heads, seq, each] read as [..,
  // heads*each] by a product whose output goes elsewhere too, so it is stored as it is made.
  GraphMaker make;
  const TensorId a = make.input({2, 2, 3, 4}), b = make.input({2, 2, 4, 5});
  const TensorId context = make.matmul(a, b);
  const TensorId merged = make.reshape(make.transpose(context, {0, 2, 1, 3}), {2, 3, 10});
  make.output(context);
  expect_same(make.output(make.linear(merged, 7)), 5);
}

TEST(FuseValues, ViewsThatNeedACopy) {
  GraphMaker make;
  const TensorId x = make.input({2, 6, 4});
  // [2, 4, 6] as [2, 4 * 6] transposed: the last dimension would need two strides and half of one.
  const TensorId t = make.reshape(make.transpose(x, {0, 2, 1}), {2, 3, 8});
  const Graph& graph = make.output(make.linear(t, 5));
  expect_same(graph, 3);
}

TEST(FuseValues, ChannelsShuffled) {
  GraphMaker make;
  TensorId x = make.conv(make.input({2, 3, 4, 4}), 6, 1);
  x = make.reshape(x, {2, 2, 3, 4, 4});
  x = make.reshape(make.transpose(x, {0, 2, 1, 3, 4}), {2, 6, 4, 4});
  expect_same(make.output(make.conv(x, 4, 3, 1, 1)), 9);
}

TEST(FuseValues, BroadcastProducts) {
  for (const auto& [a, b] : std::vector<std::pair<Shape, Shape>>{{{2, 3, 4, 5}, {5, 6}},
                                                                 {{2, 3, 4, 5}, {3, 5, 6}},
                                                                 {{2, 1, 4, 5}, {2, 3, 5, 6}},
                                                                 {{4, 5}, {2, 3, 5, 6}},
                                                                 {{2, 3, 4, 5}, {2, 1, 5, 6}},
                                                                 {{1, 4, 5}, {1, 5, 6}}}) {
    GraphMaker make;
    expect_same(make.output(make.matmul(make.input(a), make.input(b))), 4);
  }
}

TEST(FuseValues, DenseBlocksAreWrittenInPlace) {
  GraphMaker make;
  TensorId x = make.max_pool(make.input({1, 3, 8, 8}), 2, 2, 0);
  std::vector<TensorId> parts{x};
  for (int i = 0; i < 3; ++i) {
    const TensorId all = parts.size() == 1 ? x : make.concat(parts, 1);
    parts.push_back(make.conv(make.unary(UnaryKind::kRelu, all), 4, 3, 1, 1));
  }
  const Graph& graph = make.output(make.conv(make.concat(parts, 1), 2, 1));
  for (const Region& region : fused(graph).regions) EXPECT_NE(region.op, "copy");
  expect_same(graph, 8);
}

}  // namespace
}  // namespace takt::testing
