// SPDX-License-Identifier: Apache-2.0
// Reductions read what lies as it lies: tensors with dimensions of one index, transposed ones,
// slices, and parts of a concatenation. The played program computes what the oracle does.
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "tests/support/random_image_network.h"
#include "tests/support/random_network.h"
#include "tests/support/right_values.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

/// One reduction of a view.
class ReducedView : RandomGraph {
 public:
  explicit ReducedView(Random& random) : RandomGraph(random) {}

  Graph make() {
    graph_.name = "reduced";
    Shape dims;
    for (int d = 0; d < 4; ++d) dims.push_back(pick(0, 2) == 0 ? 1 : pick(2, 14));
    TensorId x = tensor("x", dims, TensorKind::kInput);
    if (pick(0, 2) == 0)
      x = op(OpKind::kTranspose, {x}, TransposeAttrs{random_order()}, "transposed");
    if (pick(0, 1) == 0) x = part_of(x);
    x = reduced(x);
    if (pick(0, 2) == 0) x = used(x);
    graph_.tensor(x).is_output = true;
    check();
    return std::move(graph_);
  }

 private:
  std::vector<std::int64_t> random_order() {
    std::vector<std::int64_t> order{0, 1, 2, 3};
    for (std::size_t i = 3; i > 0; --i) {
      std::swap(order[i], order[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(i)))]);
    }
    return order;
  }

  /// A slice, or one half of a concatenation that goes elsewhere too.
  TensorId part_of(TensorId x) {
    const Shape in = shape(x);
    const auto d = static_cast<std::size_t>(pick(0, 3));
    MoveAttrs attrs;
    if (pick(0, 1) == 0) {
      attrs.begin = {0, 0, 0, 0};
      attrs.end = in;
      attrs.step = {1, 1, 1, 1};
      attrs.begin[d] = pick(0, in[d] - 1);
      attrs.end[d] = pick(attrs.begin[d] + 1, in[d]);
      attrs.step[d] = pick(1, 2);
      return op(OpKind::kSlice, {x}, attrs, "slice");
    }
    const TensorId y = op(OpKind::kUnary, {x}, UnaryAttrs{UnaryKind::kRelu, 0, 0}, "relu");
    attrs.axis = static_cast<std::int64_t>(d);
    const bool first = pick(0, 1) == 0;
    const TensorId join = op(OpKind::kConcat, {first ? y : x, first ? x : y}, attrs, "join");
    graph_.tensor(join).is_output = true;
    return y;
  }

  /// Part of a concatenation, or added to a slice: then rows of the result lie in two loops.
  TensorId used(TensorId x) {
    Shape wide = shape(x);
    if (wide.empty()) return x;
    const auto d = static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(wide.size()) - 1));
    MoveAttrs attrs;
    if (pick(0, 1) == 0) {
      attrs.axis = static_cast<std::int64_t>(d);
      return op(OpKind::kConcat, {x, tensor("beside", wide, TensorKind::kInput)}, attrs, "joined");
    }
    attrs.begin.assign(wide.size(), 0);
    attrs.step.assign(wide.size(), 1);
    attrs.end = wide;
    wide[d] += 3;
    const TensorId whole = tensor("whole", wide, TensorKind::kInput);
    const TensorId part = op(OpKind::kSlice, {whole}, attrs, "part");
    return op(OpKind::kBinary, {x, part}, BinaryAttrs{BinaryKind::kAdd}, "sum");
  }

  TensorId reduced(TensorId x) {
    const Shape in = shape(x);
    if (pick(0, 2) == 0) {
      WindowAttrs pool;
      pool.global = true;
      pool.kernel[0] = in[2];
      pool.kernel[1] = in[3];
      return op(OpKind::kMaxPool, {x}, pool, "pool");
    }
    AxesAttrs axes;
    for (std::int64_t d = 0; d < 4; ++d) {
      if (pick(0, 1) == 0) axes.axes.push_back(d);
    }
    if (axes.axes.empty()) axes.axes.push_back(pick(0, 3));
    axes.reduce = pick(0, 1) == 0 ? ReduceKind::kMean : ReduceKind::kMax;
    axes.keep_dims = pick(0, 1) == 0;
    return op(OpKind::kReduce, {x}, axes, "reduce");
  }
};

bool try_values(std::uint64_t seed) {
  Random random(seed * 32'452'843);
  Machine machine = random_machine(random);
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 16);
  const Graph graph = ReducedView(random).make();
  FuseOptions fusing;
  fusing.precision = DType::kInt8;
  const auto regions = fused(graph, fusing);
  const auto backend = make_tpu_backend(machine);
  const Result<CompiledNetwork> network = compile(regions, *backend, CompileOptions{});
  EXPECT_TRUE(network.ok()) << to_string(network.errors());
  if (!network) return false;
  expect_right_values(network->program, graph, DType::kInt8, seed);
  return true;
}

TEST(ReducedViews, AreReadAsTheyLie) {
  constexpr std::uint64_t kSeeds = 600;
  EXPECT_GE(for_seeds(kSeeds, try_values), kSeeds / kSeedStep);
}

}  // namespace
}  // namespace takt::test
