// SPDX-License-Identifier: Apache-2.0
// Operators that give the same elements another shape.
#include <algorithm>

#include "sim/base/math.h"
#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

void reshape_to(OnnxNode& node, Shape shape) {
  MoveAttrs attrs;
  attrs.end = std::move(shape);
  node.finish(OpKind::kReshape, attrs, {node.in(0)});
}

/// 0 copies the input's dimension (unless allowzero), -1 takes what is left.
void reshape(OnnxNode& node) {
  if (!node.require(2)) return;
  auto shape = node.ints_of(1, "the new shape");
  if (!shape) return;
  const bool copies = node.int_attribute("allowzero", 0) == 0;
  for (std::size_t i = 0; i < shape->size(); ++i) {
    if ((*shape)[i] != 0 || !copies) continue;
    if (i >= node.shape(0).size()) {
      return node.fail("its shape " + to_string(*shape) + " copies a dimension that " +
                       to_string(node.shape(0)) + " does not have");
    }
    (*shape)[i] = node.shape(0)[i];
  }
  reshape_to(node, *shape);
}

void flatten(OnnxNode& node) {
  if (!node.require(1)) return;
  const Shape& x = node.shape(0);
  // The one axis that may stand behind the last dimension.
  std::int64_t axis = node.int_attribute("axis", 1);
  if (axis != node.rank(0)) axis = node.axis(axis, node.rank(0));
  if (node.failed()) return;
  const auto cut = static_cast<std::size_t>(axis);
  reshape_to(node, {product(x, 0, cut), product(x, cut, x.size())});
}

void squeeze(OnnxNode& node) {
  if (!node.require(1)) return;
  const Shape& x = node.shape(0);
  const auto given = node.attribute_or_input("axes", 1, 13);
  if (node.failed()) return;
  std::vector<bool> away(x.size(), false);
  for (std::size_t i = 0; i < x.size() && !given; ++i) away[i] = x[i] == 1;
  for (const std::int64_t axis : given.value_or(OnnxNode::Ints{})) {
    const auto at = static_cast<std::size_t>(node.axis(axis, node.rank(0)));
    if (node.failed()) return;
    if (x[at] != 1)
      return node.fail("axis " + std::to_string(axis) + " of " + to_string(x) + " is not 1");
    away[at] = true;
  }
  Shape shape;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!away[i]) shape.push_back(x[i]);
  }
  reshape_to(node, shape);
}

void unsqueeze(OnnxNode& node) {
  if (!node.require(1)) return;
  const auto given = node.attribute_or_input("axes", 1, 13);
  if (node.failed()) return;
  if (!given) return node.fail("its axes are missing");
  if (given->size() > kMaxRank) return node.fail("has too many axes");
  const auto axes =
      node.sorted_axes(*given, node.rank(0) + static_cast<std::int64_t>(given->size()));
  if (!axes) return;
  Shape shape = node.shape(0);
  for (const std::int64_t axis : *axes) shape.insert(shape.begin() + axis, 1);
  reshape_to(node, shape);
}

/// The block size of the two below, if it divides and the input is an image.
std::optional<std::int64_t> block_of(OnnxNode& node) {
  if (!node.require(1)) return std::nullopt;
  const std::int64_t block = node.int_attribute("blocksize", 0);
  if (node.rank(0) != 4)
    node.fail("its input must be [N, C, H, W], not " + to_string(node.shape(0)));
  if (block < 1 || block > (1 << 20)) node.fail("blocksize must be 1 or more");
  if (node.failed()) return std::nullopt;
  return block;
}

void depth_to_space(OnnxNode& node) {
  const auto block = block_of(node);
  if (!block) return;
  const std::int64_t b = *block;
  const Shape& x = node.shape(0);
  if (x[1] % (b * b) != 0)
    return node.fail(std::to_string(b) + "x" + std::to_string(b) + " does not divide its channels");
  const std::string mode = node.string_attribute("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") return node.fail("mode is '" + mode + "'");
  const std::int64_t n = x[0], c = x[1] / (b * b), h = x[2], w = x[3];
  const bool depth_first = mode == "DCR";
  const TensorId parts = node.reshape(
      node.in(0), depth_first ? Shape{n, b, b, c, h, w} : Shape{n, c, b, b, h, w}, "blocks");
  const TensorId order = node.transpose(
      parts, depth_first ? OnnxNode::Ints{0, 3, 4, 1, 5, 2} : OnnxNode::Ints{0, 1, 4, 2, 5, 3},
      "order");
  if (!node.failed()) node.set(0, node.reshape(order, {n, c, h * b, w * b}, ""));
}

void space_to_depth(OnnxNode& node) {
  const auto block = block_of(node);
  if (!block) return;
  const std::int64_t b = *block;
  const Shape& x = node.shape(0);
  if (x[2] % b != 0 || x[3] % b != 0) return node.fail("blocksize does not divide " + to_string(x));
  const std::int64_t n = x[0], c = x[1], h = x[2] / b, w = x[3] / b;
  const TensorId parts = node.reshape(node.in(0), {n, c, h, b, w, b}, "blocks");
  const TensorId order = node.transpose(parts, {0, 3, 5, 1, 2, 4}, "order");
  if (!node.failed()) node.set(0, node.reshape(order, {n, b * b * c, h, w}, ""));
}

}  // namespace

std::vector<OnnxConverter> onnx_shape_operators() {
  return {{"Reshape", reshape},
          {"Flatten", flatten},
          {"Squeeze", squeeze},
          {"Unsqueeze", unsqueeze},
          {"DepthToSpace", depth_to_space},
          {"SpaceToDepth", space_to_depth}};
}

}  // namespace takt
