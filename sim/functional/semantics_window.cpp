// SPDX-License-Identifier: Apache-2.0
// Pools, local response norm, resizing: elements of a neighbourhood.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/functional/semantics_state.h"

namespace takt {
namespace {

/// [N, C, H, W] with W = 1 if there is no such dimension.
struct Image {
  std::int64_t channels, height, width;
  explicit Image(const Shape& shape)
      : channels(shape[1]), height(shape[2]), width(shape.size() > 3 ? shape[3] : 1) {}
  std::int64_t at(std::int64_t plane, std::int64_t h, std::int64_t w) const {
    return (plane * height + h) * width + w;
  }
};

}  // namespace

double Semantics::Evaluation::pool(std::int64_t index) {
  const auto& window = std::get<WindowAttrs>(op_.attributes);
  const Shape& in_shape = s_.graph().tensor(op_.inputs[0]).shape;
  const Shape& out_shape = s_.graph().tensor(op_.outputs[0]).shape;
  const bool largest = op_.kind == OpKind::kMaxPool;
  double total = 0, high = -std::numeric_limits<double>::infinity();
  std::int64_t count = 0;
  const auto take = [&](std::int64_t position) {
    const double x = input(0, position);
    total += x;
    high = std::max(high, x);
    ++count;
  };
  if (window.global) {
    std::int64_t spatial = 1;
    for (std::size_t d = 2; d < in_shape.size(); ++d) spatial *= in_shape[d];
    for (std::int64_t i = 0; i < spatial; ++i) take(index * spatial + i);
  } else {
    const Image in(in_shape), out(out_shape);
    const std::int64_t w = index % out.width, h = index / out.width % out.height;
    const std::int64_t plane = index / out.width / out.height;
    std::int64_t outside = 0;
    for (std::int64_t r = 0; r < window.kernel[0]; ++r) {
      const std::int64_t y = h * window.stride[0] + r * window.dilation[0] - window.pad_begin[0];
      for (std::int64_t s = 0; s < window.kernel[1]; ++s) {
        const std::int64_t x = w * window.stride[1] + s * window.dilation[1] - window.pad_begin[1];
        if (y >= 0 && y < in.height && x >= 0 && x < in.width) {
          take(in.at(plane, y, x));
        } else if (y < in.height + window.pad_end[0] && x < in.width + window.pad_end[1]) {
          ++outside;  // padding, which counts if asked for; what ceil_mode adds never does
        }
      }
    }
    if (window.count_include_pad) count += outside;
  }
  if (largest) return high;
  if (quantised_) {
    return static_cast<double>(
        round_div(static_cast<std::int64_t>(total), std::max<std::int64_t>(1, count)));
  }
  return rounded(out_type_, total / static_cast<double>(count));
}

double Semantics::Evaluation::lrn(std::int64_t index) {
  const auto& attrs = std::get<LrnAttrs>(op_.attributes);
  const Shape& shape = s_.graph().tensor(op_.inputs[0]).shape;
  std::int64_t spatial = 1;
  for (std::size_t d = 2; d < shape.size(); ++d) spatial *= shape[d];
  const std::int64_t channel = index / spatial % shape[1];
  const std::int64_t low = std::max<std::int64_t>(0, channel - (attrs.size - 1) / 2);
  const std::int64_t high = std::min(shape[1] - 1, channel + attrs.size / 2);
  double squares = 0;
  for (std::int64_t c = low; c <= high; ++c) {
    const double x = input(0, index + (c - channel) * spatial);
    squares += x * x;
  }
  const double x = input(0, index);
  const auto size = static_cast<double>(attrs.size);
  if (!quantised_) {
    const double base = attrs.bias + attrs.alpha / size * squares;
    return rounded(out_type_, x / std::pow(base, attrs.beta));
  }
  // base in 16-bit fixed point; base^0.75 = sqrt(base) * sqrt(sqrt(base)).
  const auto unit = static_cast<double>(unit_of(out_type_));
  const auto bias = static_cast<std::int64_t>(std::nearbyint(attrs.bias * 0x1p16));
  const auto slope =
      static_cast<std::int64_t>(std::nearbyint(attrs.alpha / size * 0x1p32 / (unit * unit)));
  const auto base = static_cast<std::uint64_t>(
      bias + floor_div(static_cast<std::int64_t>(squares) * slope, 65536));
  const std::uint64_t root = isqrt(base << 16);
  const std::uint64_t power = std::max<std::uint64_t>(1, root * isqrt(root << 16) >> 16);
  const std::int64_t y =
      round_div(static_cast<std::int64_t>(x) * 65536, static_cast<std::int64_t>(power));
  return static_cast<double>(saturate(y, out_type_));
}

double Semantics::Evaluation::resize(std::int64_t index) {
  const Shape& in_shape = s_.graph().tensor(op_.inputs[0]).shape;
  const Shape& out_shape = s_.graph().tensor(op_.outputs[0]).shape;
  const std::vector<std::int64_t> at = split_index(out_shape, index);
  std::int64_t position = 0;
  for (std::size_t d = 0; d < at.size(); ++d) {
    position = position * in_shape[d] + at[d] * in_shape[d] / out_shape[d];
  }
  return input(0, position);
}

}  // namespace takt
