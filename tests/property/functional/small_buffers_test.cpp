// SPDX-License-Identifier: Apache-2.0
// The usual operators tile down to a small scratchpad: rows that do not fit whole are cut by
// channels, sums of the vector unit by parts of their reduction. The programs are verified, compute
// what the oracle does, and both ways occur.
#include <gtest/gtest.h>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "tests/support/random_image_network.h"
#include "tests/support/right_values.h"
#include "tests/support/row_machine.h"
#include "tests/support/seeds.h"

namespace takt::test {
namespace {

struct Ways {
  std::uint64_t cut_rows = 0, cut_sums = 0;
};

/// One operator, or two that fuse, on a tensor of which a row of pixels is larger than the buffer.
class WideLayer : RandomGraph {
 public:
  explicit WideLayer(Random& random) : RandomGraph(random) {}

  Graph make() {
    graph_.name = "wide";
    const TensorId x =
        tensor("x", {pick(1, 2), 8 * pick(8, 40), pick(2, 9), pick(6, 12)}, TensorKind::kInput);
    TensorId y = one_of(x);
    if (pick(0, 3) == 0) y = op(OpKind::kUnary, {y}, UnaryAttrs{UnaryKind::kSigmoid, 0, 0}, "last");
    graph_.tensor(y).is_output = true;
    check();
    return std::move(graph_);
  }

 private:
  TensorId one_of(TensorId x) {
    switch (pick(0, 10)) {
      case 0: return pool(x, OpKind::kMaxPool, false);
      case 1: return pool(x, OpKind::kAveragePool, pick(0, 1) == 0);
      case 2: return reduced(x);
      case 3: return normed(x);
      case 4: return op(OpKind::kLrn, {x}, LrnAttrs{5, 1e-4, 0.75, 1}, "lrn");
      case 5: return padded(x);
      case 6: return scaled(x);
      case 7: return joined(x);
      case 8:
      case 9: return product(x);
      default: return op(OpKind::kUnary, {x}, UnaryAttrs{UnaryKind::kRelu, 0, 0}, "relu");
    }
  }

  TensorId pool(TensorId x, OpKind kind, bool global) {
    WindowAttrs w;
    w.global = global;
    for (int d = 0; d < 2; ++d) {
      w.kernel[d] = global ? shape(x)[static_cast<std::size_t>(d) + 2] : pick(1, 2);
      w.stride[d] = global ? 1 : pick(1, 2);
    }
    return op(kind, {x}, w, "pool");
  }

  TensorId reduced(TensorId x) {
    AxesAttrs axes;
    axes.axes = pick(0, 1) == 0 ? std::vector<std::int64_t>{2, 3} : std::vector<std::int64_t>{3};
    axes.reduce = pick(0, 1) == 0 ? ReduceKind::kMean : ReduceKind::kMax;
    axes.keep_dims = pick(0, 1) == 0;
    return op(OpKind::kReduce, {x}, axes, "reduce");
  }

  TensorId normed(TensorId x) {
    const std::int64_t channels = shape(x)[1];
    const TensorId scale = tensor("scale", {channels}, TensorKind::kParameter);
    const TensorId shift = tensor("shift", {channels}, TensorKind::kParameter);
    AxesAttrs norm;
    if (pick(0, 1) == 0) return op(OpKind::kInstanceNorm, {x, scale, shift}, norm, "norm");
    norm.groups = channels / 4;
    return op(OpKind::kGroupNorm, {x, scale, shift}, norm, "norm");
  }

  TensorId padded(TensorId x) {
    MoveAttrs pads;
    pads.mode = "constant";
    pads.begin = {0, 0, pick(0, 2), pick(0, 2)};
    pads.end = {0, 0, pick(0, 2), pick(1, 2)};
    return op(OpKind::kPad, {x}, pads, "pad");
  }

  /// By a factor for each channel and image, as in squeeze and excitation.
  TensorId scaled(TensorId x) {
    const Shape in = shape(x);
    const TensorId by = tensor("by", {in[0], in[1], 1, 1}, TensorKind::kInput);
    return op(OpKind::kBinary, {x, by}, BinaryAttrs{BinaryKind::kMul}, "scale");
  }

  TensorId joined(TensorId x) {
    const TensorId other = tensor("other", shape(x), TensorKind::kInput);
    MoveAttrs join;
    join.axis = pick(1, 3);
    return op(OpKind::kConcat, {x, other}, join, "join");
  }

  /// All of an image to a few outputs: the first layer behind the last convolution. What a pool has
  /// made lies channel by channel, so that the sums go through it in two loops.
  TensorId product(TensorId x) {
    if (pick(0, 2) > 0) x = pool(x, OpKind::kMaxPool, false);
    const Shape in = shape(x);
    const std::int64_t length = in[1] * in[2] * in[3];
    MoveAttrs flat;
    flat.end = {in[0], length};
    const TensorId rows = op(OpKind::kReshape, {x}, flat, "flatten");
    const TensorId weights = tensor("w", {length, pick(1, 20)}, TensorKind::kParameter);
    return op(OpKind::kMatMul, {rows, weights}, MatMulAttrs{}, "product");
  }
};

Machine small_machine(Random& random, bool row_stationary) {
  Machine machine = row_stationary ? random_row_machine(random) : random_machine(random);
  machine.matrix.rows = std::min(machine.matrix.rows, 8U);
  machine.matrix.cols = std::min(machine.matrix.cols, 8U);
  machine.buffers[0].size = Bytes(4096ULL << random.between(0, 2));
  if (row_stationary) machine.matrix.accumulator_rows = machine.buffers[0].size.value();
  machine.cores = random.between(0, 3) == 0 ? 2 : 1;
  return machine;
}

bool try_values(std::uint64_t seed, DType precision, bool row_stationary, Ways& ways) {
  Random random(seed * 32'452'843);
  const Machine machine = small_machine(random, row_stationary);
  const Graph graph = WideLayer(random).make();
  FuseOptions fusing;
  fusing.precision = precision;
  const auto regions = fused(graph, fusing);
  const auto backend = make_tpu_backend(machine);
  const Result<CompiledNetwork> network = compile(regions, *backend, CompileOptions{});
  EXPECT_TRUE(network.ok()) << to_string(network.errors()) << machine.buffers[0].size.value();
  if (!network.ok()) return true;
  SCOPED_TRACE(network->mapping_file());
  for (std::size_t r = 0; r < regions->regions.size(); ++r) {
    const RegionMapping& mapping = network->decisions.mappings[r];
    const Region& region = regions->regions[r];
    ways.cut_rows += mapping.channels > 0;
    ways.cut_sums += products_on_lanes(region, mapping) && mapping.c < region.matrix.c;
  }
  expect_right_values(network->program, graph, precision, seed);
  return true;
}

void try_all(std::uint64_t seeds, DType precision, bool row_stationary) {
  Ways ways;
  for_seeds(seeds,
            [&](std::uint64_t seed) { return try_values(seed, precision, row_stationary, ways); });
  EXPECT_GT(ways.cut_rows, seeds / 10 / kSeedStep);
  if (!row_stationary) return;
  EXPECT_GT(ways.cut_sums, seeds / 50 / kSeedStep);
}

TEST(SmallBuffers, WholeNumbersOnASystolicArray) { try_all(200, DType::kInt8, false); }
TEST(SmallBuffers, WholeNumbersOnARowStationaryArray) { try_all(200, DType::kInt16, true); }
TEST(SmallBuffers, FloatsOnASystolicArray) { try_all(60, DType::kBf16, false); }

}  // namespace
}  // namespace takt::test
