// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random image networks of what random_network.h leaves out: grouped and depthwise convolutions
// with channel multipliers, dilations, uneven and deep padding, concatenations and slices.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "sim/ir/fuse.h"
#include "tests/support/random_graph.h"

namespace takt::test {

class ImageNetworkMaker : RandomGraph {
 public:
  explicit ImageNetworkMaker(Random& random) : RandomGraph(random) {}

  Graph make() {
    graph_.name = "random_image";
    std::vector<TensorId> made{
        tensor("x", {pick(1, 2), pick(1, 12), pick(3, 11), pick(3, 11)}, TensorKind::kInput)};
    const std::int64_t length = pick(1, 4);
    for (std::int64_t i = 0; i < length; ++i) {
      const TensorId x = made[random_.between(0, made.size() - 1)];
      made.push_back(block(x, "l" + std::to_string(i)));
    }
    // What nobody reads leaves the network.
    for (std::size_t i = 1; i < made.size(); ++i) {
      bool read = false;
      for (const Op& op : graph_.ops) {
        read = read || std::count(op.inputs.begin(), op.inputs.end(), made[i]) > 0;
      }
      if (!read) graph_.tensor(made[i]).is_output = true;
    }
    check();
    return std::move(graph_);
  }

 private:
  TensorId block(TensorId x, const std::string& name) {
    switch (pick(0, 5)) {
      case 0: return sliced(x, name);
      case 1: return joined(x, name);
      default: return conv(x, name);
    }
  }

  /// Groups of one to four, or one a channel; up to three outputs a channel and group.
  TensorId conv(TensorId x, const std::string& name) {
    const Shape in = shape(x);
    std::vector<std::int64_t> divisors;
    for (std::int64_t g = 1; g <= in[1]; ++g) {
      if (in[1] % g == 0 && (g <= 4 || g == in[1])) divisors.push_back(g);
    }
    WindowAttrs w;
    w.groups = pick(0, 1) == 0 ? in[1] : divisors[random_.between(0, divisors.size() - 1)];
    for (int d = 0; d < 2; ++d) {
      w.kernel[d] = pick(1, 4);
      w.stride[d] = pick(1, 3);
      w.dilation[d] = pick(1, 2);
      const std::int64_t span = (w.kernel[d] - 1) * w.dilation[d] + 1;
      const bool deep = pick(0, 5) == 0;  // whole windows see nothing but padding
      w.pad_begin[d] = pick(0, deep ? 3 * span : w.kernel[d] - 1);
      w.pad_end[d] = pick(0, deep ? 3 * span : w.kernel[d] - 1);
      const std::int64_t lacks =
          span - in[static_cast<std::size_t>(d) + 2] - w.pad_begin[d] - w.pad_end[d];
      w.pad_end[d] += std::max<std::int64_t>(0, lacks);
    }
    const std::int64_t outs = w.groups * pick(1, w.groups == 1 ? 20 : 3);
    const TensorId weights = tensor(name + ".w", {outs, in[1] / w.groups, w.kernel[0], w.kernel[1]},
                                    TensorKind::kParameter);
    std::vector<TensorId> inputs{x, weights};
    if (pick(0, 1) == 0) inputs.push_back(tensor(name + ".b", {outs}, TensorKind::kParameter));
    TensorId y = op(OpKind::kConv, inputs, w, name);
    if (shape(y) == in && pick(0, 1) == 0) {
      y = op(OpKind::kBinary, {y, x}, BinaryAttrs{BinaryKind::kAdd}, name + ".add");
    }
    if (pick(0, 1) == 0) return y;
    return op(OpKind::kUnary, {y}, UnaryAttrs{UnaryKind::kRelu, 0, 0}, name + ".relu");
  }

  /// A piece of the channels, of the rows, or every other column; a convolution of it.
  TensorId sliced(TensorId x, const std::string& name) {
    const Shape in = shape(x);
    MoveAttrs piece;
    piece.begin = {0, 0, 0, 0};
    piece.end = in;
    piece.step = {1, 1, 1, 1};
    const auto d = static_cast<std::size_t>(pick(1, 3));
    piece.begin[d] = pick(0, in[d] - 1);
    piece.end[d] = pick(piece.begin[d] + 1, in[d]);
    if (d == 3) piece.step[d] = pick(1, 2);
    return conv(op(OpKind::kSlice, {x}, piece, name + ".slice"), name);
  }

  /// Two branches from one tensor, side by side in the channels.
  TensorId joined(TensorId x, const std::string& name) {
    const TensorId a = conv(x, name + ".a");
    MoveAttrs join;
    join.axis = 1;
    const bool twice = pick(0, 2) == 0;
    const TensorId b =
        twice ? op(OpKind::kUnary, {a}, UnaryAttrs{UnaryKind::kSigmoid, 0, 0}, name + ".b")
              : one_by_one(a, name + ".b");
    return op(OpKind::kConcat, {a, b}, join, name + ".join");
  }

  TensorId one_by_one(TensorId x, const std::string& name) {
    const Shape in = shape(x);
    const TensorId weights = tensor(name + ".w", {pick(1, 9), in[1], 1, 1}, TensorKind::kParameter);
    return op(OpKind::kConv, {x, weights}, WindowAttrs{}, name);
  }
};

inline std::shared_ptr<const RegionGraph> fused(const Graph& graph, FuseOptions options = {}) {
  Result<RegionGraph> regions = fuse(graph, options);
  CHECK(regions.ok()) << to_string(regions.errors());
  return std::make_shared<const RegionGraph>(std::move(regions).value());
}

}  // namespace takt::test
