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
  // base in 16-bit fixed point; base^0.75 = sqrt(base) * sqrt(sqrt(base)), the usual one.
  const auto unit = static_cast<double>(unit_of(out_type_));
  const auto bias = static_cast<std::int64_t>(std::nearbyint(attrs.bias * 0x1p16));
  const auto slope =
      static_cast<std::int64_t>(std::nearbyint(attrs.alpha / size * 0x1p32 / (unit * unit)));
  const auto base = static_cast<std::uint64_t>(
      bias + floor_div(static_cast<std::int64_t>(squares) * slope, 65536));
  const auto power_of = [&]() -> std::uint64_t {
    if (attrs.beta != 0.75) {
      return static_cast<std::uint64_t>(
          std::nearbyint(65536 * std::pow(static_cast<double>(base) / 65536, attrs.beta)));
    }
    const std::uint64_t root = isqrt(base << 16);
    return root * isqrt(root << 16) >> 16;
  };
  const std::uint64_t power = std::max<std::uint64_t>(1, power_of());
  const std::int64_t y =
      round_div(static_cast<std::int64_t>(x) * 65536, static_cast<std::int64_t>(power));
  return static_cast<double>(saturate(y, out_type_));
}

// Quantised weights are whole 4096ths in each dimension that is interpolated.
void Semantics::prepare_resize(Prepared& p, const Op& o) const {
  const ResizeMode mode = *resize_mode_from(std::get<MoveAttrs>(o.attributes).mode);
  const Shape& in = graph_.tensor(o.inputs[0]).shape;
  const Shape& out = graph_.tensor(o.outputs[0]).shape;
  const bool fixed = quantised(o.outputs[0]) && mode.kernel != "nearest";
  for (std::size_t d = 0; d < in.size(); ++d) {
    p.taps.push_back(resize_taps(mode, d, in[d], out[d]));
    const double scale = d < mode.scales.size() ? mode.scales[d] : 1;
    if (!fixed || (in[d] == out[d] && scale == 1)) continue;
    p.taps_unit *= 4096;
    for (auto& of : p.taps.back()) {
      for (ResizeTap& tap : of) tap.weight = std::nearbyint(4096 * tap.weight);
    }
  }
}

double Semantics::Evaluation::resize(std::int64_t index) {
  const Shape& out_shape = s_.graph().tensor(op_.outputs[0]).shape;
  const double sum = resized(split_index(out_shape, index), 0, 0);
  if (!quantised_) return rounded(out_type_, sum);
  const std::int64_t y = round_div(static_cast<std::int64_t>(sum), p_.taps_unit);
  return static_cast<double>(saturate(y, out_type_));
}

/// The weighted sum over this dimension and those inside it.
double Semantics::Evaluation::resized(const std::vector<std::int64_t>& at, std::size_t dimension,
                                      std::int64_t position) {
  if (dimension == at.size()) return input(0, position);
  const std::int64_t extent = s_.graph().tensor(op_.inputs[0]).shape[dimension];
  double sum = 0;
  for (const ResizeTap& tap : p_.taps[dimension][static_cast<std::size_t>(at[dimension])]) {
    sum += tap.weight * resized(at, dimension + 1, position * extent + tap.index);
  }
  return sum;
}

}  // namespace takt
