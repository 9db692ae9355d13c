// SPDX-License-Identifier: Apache-2.0
// Slice.
#include <algorithm>

#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

struct Bounds {
  OnnxNode::Ints starts, ends, axes, steps;
};

/// Attributes before opset 10, operands from it on.
std::optional<Bounds> read_bounds(OnnxNode& node) {
  Bounds bounds;
  const auto starts = node.attribute_or_input("starts", 1, 10);
  const auto ends = node.attribute_or_input("ends", 2, 10);
  const auto axes = node.attribute_or_input("axes", 3, 10);
  if (!node.failed() && (!starts || !ends)) node.fail("its starts or ends are missing");
  if (node.failed()) return std::nullopt;
  bounds.starts = *starts;
  bounds.ends = *ends;
  for (std::size_t i = 0; i < bounds.starts.size() && !axes; ++i) {
    bounds.axes.push_back(static_cast<std::int64_t>(i));
  }
  if (axes) bounds.axes = *axes;
  bounds.steps.assign(bounds.starts.size(), 1);
  if (node.opset() >= 10 && node.has(4)) {
    bounds.steps = node.ints_of(4, "steps").value_or(OnnxNode::Ints{});
  }
  const std::size_t count = bounds.starts.size();
  if (!node.failed() && (bounds.ends.size() != count || bounds.axes.size() != count ||
                         bounds.steps.size() != count)) {
    node.fail("its starts, ends, axes and steps are not equally many");
  }
  if (node.failed()) return std::nullopt;
  return bounds;
}

/// Bounds behind the end mean the end; negative ones count from it. Going backwards, -1 is the
/// place before the first element.
void slice_dimension(MoveAttrs& attrs, std::size_t at, std::int64_t size, std::int64_t start,
                     std::int64_t end, std::int64_t step) {
  if (start < 0) start += size;
  if (end < 0) end += size;
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  attrs.begin[at] = std::clamp(start, std::min(low, high), high);
  attrs.end[at] = std::clamp(end, std::min(low, high), high);
  // A longer step takes one element all the same.
  attrs.step[at] =
      std::clamp(step, -std::max<std::int64_t>(size, 1), std::max<std::int64_t>(size, 1));
}

void slice(OnnxNode& node) {
  if (!node.require(1)) return;
  const auto bounds = read_bounds(node);
  if (!bounds) return;
  const Shape& x = node.shape(0);
  MoveAttrs attrs;
  attrs.begin.assign(x.size(), 0);
  attrs.end = x;
  attrs.step.assign(x.size(), 1);
  for (std::size_t i = 0; i < bounds->axes.size(); ++i) {
    const auto at = static_cast<std::size_t>(node.axis(bounds->axes[i], node.rank(0)));
    if (node.failed()) return;
    if (bounds->steps[i] == 0) return node.fail("a step is 0");
    slice_dimension(attrs, at, x[at], bounds->starts[i], bounds->ends[i], bounds->steps[i]);
  }
  node.finish(OpKind::kSlice, attrs, {node.in(0)});
}

}  // namespace

std::vector<OnnxConverter> onnx_slice_operators() { return {{"Slice", slice}}; }

}  // namespace takt
