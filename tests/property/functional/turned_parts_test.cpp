// SPDX-License-Identifier: Apache-2.0
// Elementwise work on operands in other orders, whose result lies in a part of a concatenation, in
// one of a part, or is a slice of something: it may take more loops than a region has. The played
// program computes what the oracle does.
#include <gtest/gtest.h>

#include <numeric>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "tests/support/random_image_network.h"
#include "tests/support/random_network.h"
#include "tests/support/right_values.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

/// Parts of concatenations made by elementwise ops out of turned and sliced tensors.
class TurnedParts : RandomGraph {
 public:
  explicit TurnedParts(Random& random) : RandomGraph(random) {}

  Graph make() {
    graph_.name = "turned";
    Shape dims;
    const std::int64_t rank = pick(2, 4);
    for (std::int64_t d = 0; d < rank; ++d) dims.push_back(pick(0, 3) == 0 ? 1 : pick(2, 9));
    TensorId x = made(dims);
    for (std::int64_t depth = pick(1, 3); depth > 0; --depth) x = joined(x);
    if (pick(0, 1) == 0) x = made_of(x);
    graph_.tensor(x).is_output = true;
    check();
    return std::move(graph_);
  }

 private:
  std::vector<std::int64_t> random_order(std::size_t rank) {
    std::vector<std::int64_t> order(rank);
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = rank - 1; i > 0; --i) {
      std::swap(order[i], order[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(i)))]);
    }
    return order;
  }

  /// An input seen in this shape: as it is, turned, a slice of a longer one, or both.
  TensorId source(const Shape& dims) {
    const std::vector<std::int64_t> order = random_order(dims.size());
    const bool turned = pick(0, 2) > 0;
    Shape stored = dims;
    for (std::size_t d = 0; turned && d < dims.size(); ++d) {
      stored[static_cast<std::size_t>(order[d])] = dims[d];
    }
    Shape whole = stored;
    MoveAttrs cut;
    cut.begin.assign(dims.size(), 0);
    cut.step.assign(dims.size(), 1);
    cut.end = stored;
    const bool sliced = pick(0, 2) == 0;
    const auto d = static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(dims.size()) - 1));
    if (sliced) whole[d] += pick(1, 4);
    TensorId x = tensor(named("x"), whole, TensorKind::kInput);
    if (sliced) x = op(OpKind::kSlice, {x}, cut, named("slice"));
    if (turned) x = op(OpKind::kTranspose, {x}, TransposeAttrs{order}, named("transpose"));
    return x;
  }

  TensorId made(const Shape& dims) { return made_of(source(dims)); }

  TensorId made_of(TensorId x) {
    const Shape dims = shape(x);
    switch (pick(0, 4)) {
      case 0: return op(OpKind::kUnary, {x}, UnaryAttrs{UnaryKind::kRelu, 0, 0}, named("relu"));
      case 1: {
        const TensorId y = op(OpKind::kSum, {x, source(dims), source(dims)}, {}, named("sum"));
        return op(OpKind::kUnary, {y}, UnaryAttrs{UnaryKind::kRelu, 0, 0}, named("relu"));
      }
      case 2: {
        // A softmax needs rows whole, along one dimension; its mask may be the same along another.
        if (pick(0, 1) == 0) {
          Shape mask = dims;
          mask[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(dims.size()) - 1))] = 1;
          x = op(OpKind::kBinary, {x, source(mask)}, BinaryAttrs{BinaryKind::kAdd}, named("mask"));
        }
        AxesAttrs axes;
        axes.axes = {pick(0, static_cast<std::int64_t>(dims.size()) - 1)};
        return op(OpKind::kSoftmax, {x}, axes, named("softmax"));
      }
      default:
        return op(OpKind::kBinary, {x, source(dims)}, BinaryAttrs{BinaryKind::kAdd}, named("add"));
    }
  }

  TensorId joined(TensorId x) {
    Shape beside = shape(x);
    const auto d = static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(beside.size()) - 1));
    beside[d] = pick(1, 6);
    const TensorId y = pick(0, 2) == 0 ? source(beside) : made(beside);
    MoveAttrs join;
    join.axis = static_cast<std::int64_t>(d);
    const bool first = pick(0, 1) == 0;
    return op(OpKind::kConcat, {first ? x : y, first ? y : x}, join, named("join"));
  }

  std::string named(const char* what) { return what + std::to_string(next_++); }

  int next_ = 0;
};

bool try_values(std::uint64_t seed, DType precision) {
  Random random(seed * 49'979'693);
  Machine machine = random_machine(random);
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 16);
  const Graph graph = TurnedParts(random).make();
  FuseOptions fusing;
  fusing.precision = precision;
  const auto regions = fused(graph, fusing);
  const auto backend = make_tpu_backend(machine);
  CompileOptions options;
  options.play = 1;
  const Result<CompiledNetwork> network = compile(regions, *backend, options);
  EXPECT_TRUE(network.ok()) << to_string(network.errors());
  if (!network) return false;
  expect_right_values(network->program, graph, precision, seed);
  return true;
}

TEST(TurnedParts, WholeNumbersAreRight) {
  constexpr std::uint64_t kSeeds = 1200;
  EXPECT_GE(for_seeds(kSeeds, [](std::uint64_t s) { return try_values(s, DType::kInt8); }),
            kSeeds / kSeedStep);
}

TEST(TurnedParts, FloatsAreRight) {
  constexpr std::uint64_t kSeeds = 300;
  EXPECT_GE(for_seeds(kSeeds, [](std::uint64_t s) { return try_values(s, DType::kBf16); }),
            kSeeds / kSeedStep);
}

}  // namespace
}  // namespace takt::test
