// SPDX-License-Identifier: Apache-2.0
// Concat, Split, Pad, Transpose, Gather, Expand, Tile.
#include <algorithm>

#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

void concat(OnnxNode& node) {
  if (!node.require(std::max<std::size_t>(node.input_count(), 1))) return;
  MoveAttrs attrs;
  attrs.axis = node.axis(node.int_attribute("axis", 0), node.rank(0));
  node.finish(OpKind::kConcat, attrs, node.inputs());
}

/// The sizes of the parts: given, or as equal as can be with the last one smaller (opset 18).
std::optional<OnnxNode::Ints> part_sizes(OnnxNode& node, std::int64_t length) {
  const auto given = node.attribute_or_input("split", 1, 13);
  if (given || node.failed()) return given;
  const auto outputs = static_cast<std::int64_t>(node.output_count());
  const std::int64_t parts = node.int_attribute("num_outputs", outputs);
  if (parts < 1 || parts != outputs) {
    node.fail("has " + std::to_string(outputs) + " outputs, not " + std::to_string(parts));
    return std::nullopt;
  }
  if (node.opset() < 18 && length % parts != 0) {
    node.fail("cannot split " + std::to_string(length) + " into " + std::to_string(parts) +
              " equal parts");
    return std::nullopt;
  }
  const std::int64_t size = length / parts + (length % parts != 0);
  OnnxNode::Ints sizes;
  for (std::int64_t rest = length; rest > 0 || sizes.size() < node.output_count();) {
    sizes.push_back(std::min(size, rest));
    rest -= sizes.back();
  }
  return sizes;
}

void split(OnnxNode& node) {
  if (!node.require(1)) return;
  MoveAttrs attrs;
  attrs.axis = node.axis(node.int_attribute("axis", 0), node.rank(0));
  if (node.failed()) return;
  const std::int64_t length = node.shape(0)[static_cast<std::size_t>(attrs.axis)];
  const auto sizes = part_sizes(node, length);
  if (!sizes || node.failed()) return;
  std::int64_t at = 0;
  for (const std::int64_t size : *sizes) {
    if (size < 0 || size > length - at) break;
    attrs.begin.push_back(at);
    attrs.end.push_back(at += size);
  }
  if (sizes->size() != node.output_count() || attrs.end.size() != sizes->size() || at != length) {
    return node.fail("its parts " + to_string(*sizes) + " do not make " + std::to_string(length));
  }
  std::vector<std::string> outputs;
  for (std::size_t i = 0; i < node.output_count(); ++i) outputs.push_back(node.output_name(i));
  node.finish_all(OpKind::kSplit, attrs, {node.in(0)}, outputs);
}

/// Pads by dimension: those of `axes` (opset 18), the others 0.
bool spread_pads(OnnxNode& node, const OnnxNode::Ints& pads, MoveAttrs& attrs) {
  const auto rank = static_cast<std::size_t>(node.rank(0));
  OnnxNode::Ints axes;
  if (node.opset() >= 18 && node.has(3)) {
    axes = node.ints_of(3, "axes").value_or(OnnxNode::Ints{});
  } else {
    for (std::size_t i = 0; i < rank; ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (!node.failed() && pads.size() != 2 * axes.size()) {
    node.fail("has " + std::to_string(pads.size()) + " pads for " + std::to_string(axes.size()) +
              " dimensions");
  }
  if (node.failed()) return false;
  attrs.begin.assign(rank, 0);
  attrs.end.assign(rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto at = static_cast<std::size_t>(node.axis(axes[i], node.rank(0)));
    if (node.failed()) return false;
    attrs.begin[at] = pads[i];
    attrs.end[at] = pads[axes.size() + i];
  }
  return true;
}

void pad(OnnxNode& node) {
  if (!node.require(1)) return;
  const auto pads = node.attribute_or_input("pads", 1, 11);
  if (node.failed()) return;
  if (!pads) return node.fail("its pads are missing");
  MoveAttrs attrs;
  attrs.mode = node.string_attribute("mode", "constant");
  if (attrs.mode != "constant" && attrs.mode != "reflect" && attrs.mode != "edge" &&
      attrs.mode != "wrap") {
    return node.fail("mode is '" + attrs.mode + "'");
  }
  if (node.opset() < 11) {
    attrs.value = node.float_attribute("value", 0);
  } else if (node.has(2)) {
    const auto value = node.floats_of(2, "constant_value");
    if (value && value->size() != 1) node.fail("its value is not one number");
    if (value && value->size() == 1) attrs.value = value->front();
  }
  if (!node.failed() && spread_pads(node, *pads, attrs)) {
    node.finish(OpKind::kPad, attrs, {node.in(0)});
  }
}

void transpose(OnnxNode& node) {
  if (!node.require(1)) return;
  auto permutation = node.ints_attribute("perm");
  if (!permutation) {
    permutation.emplace();
    for (std::int64_t i = node.rank(0); i-- > 0;) permutation->push_back(i);
  }
  node.finish(OpKind::kTranspose, TransposeAttrs{*permutation}, {node.in(0)});
}

void expand(OnnxNode& node) {
  if (!node.require(2)) return;
  const auto shape = node.ints_of(1, "the new shape");
  if (!shape) return;
  MoveAttrs attrs;
  attrs.end = *shape;
  node.finish(OpKind::kExpand, attrs, {node.in(0)});
}

/// Tile = a new dimension before each repeated one, expanded, and merged with it:
/// [a, b] by [r, 1] is [1, a, b] → [r, a, b] → [r*a, b].
void tile(OnnxNode& node) {
  if (!node.require(2)) return;
  const auto repeats = node.ints_of(1, "repeats");
  if (!repeats) return;
  const Shape& x = node.shape(0);
  if (repeats->size() != x.size()) return node.fail("needs one repeat for each dimension");
  Shape split, wide, merged;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t times = (*repeats)[i];
    const auto size = element_count({x[i], times});
    if (!size) return node.fail("cannot repeat " + to_string(x) + " by " + to_string(*repeats));
    if (times != 1) {
      split.push_back(1);
      wide.push_back(times);
    }
    split.push_back(x[i]);
    wide.push_back(x[i]);
    merged.push_back(*size);
  }
  const TensorId parts = node.reshape(node.in(0), split, "split");
  MoveAttrs attrs;
  attrs.end = wide;
  const TensorId repeated = node.emit(OpKind::kExpand, attrs, {parts}, "repeat");
  if (!node.failed()) node.set(0, node.reshape(repeated, merged, ""));
}

/// Known indices that follow each other at equal distances are a slice, which moves nothing.
bool gather_as_slice(OnnxNode& node, std::int64_t axis) {
  const auto* known = std::get_if<Tensor::IntData>(&node.tensor(node.in(1)).constant);
  const Shape& x = node.shape(0);
  const std::int64_t size = x[static_cast<std::size_t>(axis)];
  if (!known) return false;
  OnnxNode::Ints rows(*known);
  for (std::int64_t& row : rows) {
    if (row < -size || row >= size) {
      node.fail("index " + std::to_string(row) + " is outside axis " + std::to_string(axis) +
                " of " + to_string(x));
      return true;
    }
    if (row < 0) row += size;
  }
  if (node.rank(1) > 1 || rows.empty()) return false;
  const std::int64_t step = rows.size() > 1 ? rows[1] - rows[0] : 1;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i] - rows[i - 1] != step) return false;
  }
  if (step == 0) return false;
  MoveAttrs attrs;
  attrs.begin.assign(x.size(), 0);
  attrs.end = x;
  attrs.step.assign(x.size(), 1);
  const auto at = static_cast<std::size_t>(axis);
  attrs.begin[at] = rows.front();
  attrs.end[at] = rows.back() + (step > 0 ? 1 : -1);
  attrs.step[at] = step;
  if (node.rank(1) == 1) {
    node.finish(OpKind::kSlice, attrs, {node.in(0)});
    return true;
  }
  Shape without = x;
  without.erase(without.begin() + axis);
  const TensorId row = node.emit(OpKind::kSlice, attrs, {node.in(0)}, "row");
  if (!node.failed()) node.set(0, node.reshape(row, without, ""));
  return true;
}

void gather(OnnxNode& node) {
  if (!node.require(2)) return;
  MoveAttrs attrs;
  attrs.axis = node.axis(node.int_attribute("axis", 0), node.rank(0));
  if (node.failed() || gather_as_slice(node, attrs.axis)) return;
  node.finish(OpKind::kGather, attrs, {node.in(0), node.in(1)});
}

}  // namespace

std::vector<OnnxConverter> onnx_move_operators() {
  return {{"Concat", concat}, {"Split", split}, {"Pad", pad},      {"Transpose", transpose},
          {"Expand", expand}, {"Tile", tile},   {"Gather", gather}};
}

}  // namespace takt
