// SPDX-License-Identifier: Apache-2.0
// Resize and its predecessor Upsample.
#include <cmath>

#include "sim/ir/resize_mode.h"
#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

/// floor(in * scale), in single precision as the scale is stored; -1 if it is no size.
std::int64_t scaled(std::int64_t size, double scale) {
  const float length = std::floor(static_cast<float>(size) * static_cast<float>(scale));
  if (!(length >= 0) || length > 0x1p40F) return -1;
  return static_cast<std::int64_t>(length);
}

/// Puts the sizes of `axes` (all of them if not given) into `out`.
template <class Value, class SizeOf>
void set_sizes(OnnxNode& node, const std::vector<Value>& values, Shape& out, SizeOf size_of) {
  OnnxNode::Ints axes;
  if (const auto given = node.opset() >= 18 ? node.ints_attribute("axes") : std::nullopt) {
    axes = *given;
  } else {
    for (std::int64_t i = 0; i < node.rank(0); ++i) axes.push_back(i);
  }
  if (values.size() != axes.size()) {
    return node.fail("has " + std::to_string(values.size()) + " sizes for " +
                     std::to_string(axes.size()) + " dimensions");
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto at = static_cast<std::size_t>(node.axis(axes[i], node.rank(0)));
    if (node.failed()) return;
    out[at] = size_of(out[at], values[i]);
    if (out[at] < 0) return node.fail("scales dimension " + std::to_string(at) + " out of bounds");
  }
}

/// The scales of all dimensions, if any of them says more than the sizes do.
std::vector<double> uneven_scales(OnnxNode& node, const std::vector<double>& scales,
                                  const Shape& sizes) {
  const auto axes = node.opset() >= 18 ? node.ints_attribute("axes") : std::nullopt;
  std::vector<double> all(sizes.size(), 1);
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const std::int64_t axis = axes ? node.axis((*axes)[i], node.rank(0)) : static_cast<int>(i);
    if (node.failed()) return {};
    all[static_cast<std::size_t>(axis)] = scales[i];
  }
  const Shape& from = node.shape(0);
  for (std::size_t d = 0; d < all.size(); ++d) {
    if (all[d] * static_cast<double>(from[d]) != static_cast<double>(sizes[d])) return all;
  }
  return {};
}

void finish(OnnxNode& node, Shape sizes, ResizeMode mode) {
  std::string kernel = node.string_attribute("mode", "nearest");
  if (kernel == "bilinear") kernel = "linear";
  if (kernel != "nearest" && kernel != "linear" && kernel != "cubic") {
    return node.fail("mode is '" + kernel + "'");
  }
  mode.kernel = kernel;
  if (kernel != "nearest") mode.rounding = ResizeMode(kernel).rounding;
  MoveAttrs attrs;
  attrs.end = std::move(sizes);
  attrs.mode = to_text(mode);
  if (!resize_mode_from(attrs.mode)) return node.fail("resizes by '" + attrs.mode + "'");
  node.finish(OpKind::kResize, attrs, {node.in(0)});
}

void upsample(OnnxNode& node) {
  if (!node.require(1)) return;
  std::optional<std::vector<double>> scales;
  if (node.opset() < 9) {
    scales = node.floats_attribute("scales");
  } else if (node.has(1)) {
    scales = node.floats_of(1, "scales");
  }
  if (!scales && !node.failed()) node.fail("its scales are missing");
  if (!scales) return;
  Shape sizes = node.shape(0);
  set_sizes(node, *scales, sizes, scaled);
  if (node.failed()) return;
  ResizeMode mode;
  mode.coordinates = "asymmetric";
  mode.scales = uneven_scales(node, *scales, sizes);
  finish(node, sizes, mode);
}

/// Opset 10: x, scales. From 11 on: x, roi, scales, sizes, of which one of the last two is given.
void resize(OnnxNode& node) {
  if (!node.require(1)) return;
  ResizeMode mode;
  mode.coordinates = "asymmetric";
  if (node.opset() >= 11) {
    mode.coordinates = node.string_attribute("coordinate_transformation_mode", "half_pixel");
    mode.rounding = node.string_attribute("nearest_mode", "round_prefer_floor");
    mode.cubic = node.float_attribute("cubic_coeff_a", -0.75F);
    mode.exclude_outside = node.int_attribute("exclude_outside", 0) != 0;
    mode.antialias = node.int_attribute("antialias", 0) != 0;
  }
  if (mode.coordinates == "tf_crop_and_resize") return node.unsupported("tf_crop_and_resize");
  if (node.string_attribute("keep_aspect_ratio_policy", "stretch") != "stretch") {
    return node.unsupported("keep_aspect_ratio_policy");
  }
  const std::size_t at = node.opset() < 11 ? 1 : 2;
  Shape sizes = node.shape(0);
  const bool has_sizes = node.opset() >= 11 && node.has(3);
  if (has_sizes) {
    const auto given = node.ints_of(3, "sizes");
    if (!given) return;
    set_sizes(node, *given, sizes, [](std::int64_t, std::int64_t size) { return size; });
    if (!node.failed()) finish(node, sizes, mode);
    return;
  }
  if (!node.has(at)) return node.fail("its scales and sizes are missing");
  const auto scales = node.floats_of(at, "scales");
  if (!scales) return;
  set_sizes(node, *scales, sizes, scaled);
  if (node.failed()) return;
  mode.scales = uneven_scales(node, *scales, sizes);
  finish(node, sizes, mode);
}

}  // namespace

std::vector<OnnxConverter> onnx_resize_operators() {
  return {{"Resize", resize}, {"Upsample", upsample}};
}

}  // namespace takt
