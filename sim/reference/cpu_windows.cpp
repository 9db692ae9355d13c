// SPDX-License-Identifier: Apache-2.0
// Pools, local response norm and resizing.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/ir/resize_mode.h"
#include "sim/reference/cpu_node.h"

namespace takt::cpu {
namespace {

using Numbers = std::vector<double>;

std::int64_t integer(double x) { return static_cast<std::int64_t>(x); }

/// What a window has gathered so far.
struct Gathered {
  double sum = 0, top = -std::numeric_limits<double>::infinity();
  std::int64_t inside = 0, padding = 0;
};

/// A pool's windows run over one image plane: element (p, q) sees rows p*u - pad + r*d.
class Windows {
 public:
  Windows(const WindowAttrs& window, const Shape& in, const Shape& out)
      : w_(window),
        height_(in[2]),
        width_(in.size() > 3 ? in[3] : 1),
        rows_(out[2]),
        columns_(out.size() > 3 ? out[3] : 1) {}

  template <class Store>
  void run(const double* plane, const Store& store) const {
    for (std::int64_t p = 0; p < rows_; ++p) {
      for (std::int64_t q = 0; q < columns_; ++q) store(at(plane, p, q));
    }
  }

 private:
  Gathered at(const double* plane, std::int64_t p, std::int64_t q) const {
    Gathered all;
    for (std::int64_t r = 0; r < w_.kernel[0]; ++r) {
      for (std::int64_t s = 0; s < w_.kernel[1]; ++s) {
        const std::int64_t y = p * w_.stride[0] - w_.pad_begin[0] + r * w_.dilation[0];
        const std::int64_t z = q * w_.stride[1] - w_.pad_begin[1] + s * w_.dilation[1];
        const bool beyond = y >= height_ + w_.pad_end[0] || z >= width_ + w_.pad_end[1];
        if (beyond) continue;  // only there because the size was rounded up
        if (y < 0 || z < 0 || y >= height_ || z >= width_) {
          ++all.padding;
          continue;
        }
        const double x = plane[y * width_ + z];
        all.sum += x;
        all.top = std::max(all.top, x);
        ++all.inside;
      }
    }
    return all;
  }

  const WindowAttrs& w_;
  std::int64_t height_, width_, rows_, columns_;
};

Numbers pool(const Node& node) {
  const auto& window = node.attributes<WindowAttrs>();
  const bool largest = node.op().kind == OpKind::kMaxPool, quantised = node.quantised();
  const Array x = node.input(0);
  Numbers y;
  const auto store = [&](const Gathered& all) {
    const std::int64_t count = all.inside + (window.count_include_pad ? all.padding : 0);
    if (largest) {
      y.push_back(all.top);
    } else if (quantised) {
      y.push_back(static_cast<double>(nearest(integer(all.sum), std::max<std::int64_t>(1, count))));
    } else {
      y.push_back(all.sum / static_cast<double>(count));
    }
  };
  const std::int64_t planes = x.shape[0] * x.shape[1];
  const std::int64_t each = planes == 0 ? 0 : x.size() / planes;
  for (std::int64_t i = 0; i < planes; ++i) {
    const double* plane = x.x.data() + i * each;
    if (window.global) {
      Gathered all;
      all.inside = each;
      for (std::int64_t k = 0; k < each; ++k) {
        all.sum += plane[k];
        all.top = std::max(all.top, plane[k]);
      }
      store(all);
    } else {
      Windows(window, x.shape, node.out_shape()).run(plane, store);
    }
  }
  return y;
}

// (bias + alpha / size * squares)^beta in 16-bit fixed point.
double quantised_lrn(double x, double squares, const LrnAttrs& a, const Steps& steps) {
  const auto unit = static_cast<double>(steps.unit);
  const auto bias = integer(std::nearbyint(a.bias * 65536));
  const auto slope =
      integer(std::nearbyint(a.alpha / static_cast<double>(a.size) * 4294967296.0 / (unit * unit)));
  const std::int64_t grown = integer(squares) * slope;
  const std::int64_t base = bias + (grown >> 16);  // an arithmetic shift: floor
  std::int64_t power = 0;
  if (a.beta == 0.75) {
    const std::int64_t r = root(base << 16);
    power = (r * root(r << 16)) >> 16;
  } else {
    power = integer(std::nearbyint(65536 * std::pow(static_cast<double>(base) / 65536, a.beta)));
  }
  return steps.clamp(
      static_cast<double>(nearest(integer(x) * 65536, std::max<std::int64_t>(1, power))));
}

Numbers lrn(const Node& node) {
  const auto& a = node.attributes<LrnAttrs>();
  const Array x = node.input(0);
  const std::int64_t channels = x.shape[1];
  std::int64_t spatial = 1;
  for (std::size_t d = 2; d < x.shape.size(); ++d) spatial *= x.shape[d];
  const Steps steps(node.out_type());
  Numbers y(x.x.size());
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const std::int64_t c = i / spatial % channels;
    double squares = 0;
    for (std::int64_t k = -((a.size - 1) / 2); k <= a.size / 2; ++k) {
      if (c + k < 0 || c + k >= channels) continue;
      const double v = x.x[static_cast<std::size_t>(i + k * spatial)];
      squares += v * v;
    }
    const double v = x.x[static_cast<std::size_t>(i)];
    y[static_cast<std::size_t>(i)] =
        node.quantised()
            ? quantised_lrn(v, squares, a, steps)
            : v / std::pow(a.bias + a.alpha / static_cast<double>(a.size) * squares, a.beta);
  }
  return y;
}

// One dimension after the other; weights of quantised numbers are whole 4096ths, so nothing is
// rounded before the end.
Numbers resize(const Node& node) {
  const ResizeMode mode = *resize_mode_from(node.attributes<MoveAttrs>().mode);
  const Shape& out = node.out_shape();
  Array x = node.input(0);
  const bool fixed = node.quantised() && mode.kernel != "nearest";
  std::int64_t one = 1;
  for (std::size_t d = 0; d < out.size(); ++d) {
    const auto taps = resize_taps(mode, d, x.shape[d], out[d]);
    const double scale = d < mode.scales.size() ? mode.scales[d] : 1;
    if (x.shape[d] == out[d] && scale == 1) continue;
    std::int64_t inner = 1, outer = 1;
    for (std::size_t i = 0; i < out.size(); ++i) (i < d ? outer : inner) *= i == d ? 1 : x.shape[i];
    Numbers y;
    y.reserve(static_cast<std::size_t>(outer * out[d] * inner));
    for (std::int64_t o = 0; o < outer; ++o) {
      for (const std::vector<ResizeTap>& of : taps) {
        for (std::int64_t i = 0; i < inner; ++i) {
          double sum = 0;
          for (const ResizeTap& tap : of) {
            const double weight = fixed ? std::nearbyint(4096 * tap.weight) : tap.weight;
            sum += weight * x.x[static_cast<std::size_t>((o * x.shape[d] + tap.index) * inner + i)];
          }
          y.push_back(sum);
        }
      }
    }
    x.x = std::move(y);
    x.shape[d] = out[d];
    if (fixed) one *= 4096;
  }
  const Steps steps(node.out_type());
  for (double& v : x.x) {
    if (fixed) v = steps.clamp(static_cast<double>(nearest(integer(v), one)));
  }
  return x.x;
}

}  // namespace

Made over_windows(const Node& node) {
  Made made;
  switch (node.op().kind) {
    case OpKind::kLrn: made.outputs.push_back(lrn(node)); break;
    case OpKind::kResize: made.outputs.push_back(resize(node)); break;
    default: made.outputs.push_back(pool(node)); break;
  }
  return made;
}

}  // namespace takt::cpu
