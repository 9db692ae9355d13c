// SPDX-License-Identifier: Apache-2.0
// Convolutions and matrix products by OpenBLAS. A dgemm of whole numbers is exact below 2^53, in
// whatever order it adds.
#include <cblas.h>

#include <algorithm>

#include "sim/base/check.h"
#include "sim/reference/cpu_node.h"

namespace takt::cpu {
namespace {

blasint blas_size(std::int64_t n) {
  CHECK(n >= 0 && n <= INT32_MAX) << "a matrix of " << n << " rows";
  return static_cast<blasint>(n);
}

/// c[m, n] = a b, where a is [m, k] or its transpose, b is [k, n] or its transpose.
struct Product {
  std::int64_t m = 0, n = 0, k = 0;
  bool turn_a = false, turn_b = false;
  void run(const double* a, const double* b, double* c) const {
    if (m == 0 || n == 0) return;
    if (k == 0) {
      std::fill(c, c + m * n, 0.0);
      return;
    }
    cblas_dgemm(CblasRowMajor, turn_a ? CblasTrans : CblasNoTrans,
                turn_b ? CblasTrans : CblasNoTrans, blas_size(m), blas_size(n), blas_size(k), 1.0,
                a, blas_size(turn_a ? m : k), b, blas_size(turn_b ? k : n), 0.0, c, blas_size(n));
  }
};

/// Sums as the accumulators hold them, with the bias that `bias_at(i)` finds for each.
template <class BiasAt>
Made finished(const Node& node, std::vector<double> sums, std::int64_t k, double alpha,
              const BiasAt& bias_at) {
  const bool whole = node.whole(), quantised = node.quantised();
  const auto factor = static_cast<double>(bias_factor(k));
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double bias = bias_at(i);
    double& sum = sums[i];
    if (quantised) {
      sum = wrapped32(wrapped32(sum) + bias * factor);
    } else if (whole) {
      sum = wrapped32(sum) + bias;
    } else {
      sum = sum * alpha + bias;
    }
  }
  Made made;
  made.wide = quantised;
  made.outputs.push_back(std::move(sums));
  return made;
}

/// A [N, C, H, W] or [N, C, L] image as four extents.
std::array<std::int64_t, 4> image(const Shape& s) {
  return {s[0], s[1], s[2], s.size() > 3 ? s[3] : 1};
}

/// The window's pixels as rows: column (channel, tap) of `in`, one row a tap, one column a pixel.
class Columns {
 public:
  Columns(const WindowAttrs& window, const Shape& in, const Shape& out, std::int64_t taps_h,
          std::int64_t taps_w)
      : window_(window), in_(image(in)), out_(image(out)), r_(taps_h), s_(taps_w) {}

  /// Row (c, r, s) of channels [begin, begin + count) of one image: [count*R*S, P*Q].
  void gather(const double* x, std::int64_t begin, std::int64_t count,
              std::vector<double>& columns) const {
    columns.assign(static_cast<std::size_t>(count * r_ * s_ * out_[2] * out_[3]), 0);
    double* to = columns.data();
    for (std::int64_t row = 0; row < count * r_ * s_; ++row) {
      const std::int64_t c = begin + row / s_ / r_, r = row / s_ % r_, s = row % s_;
      const double* plane = x + c * in_[2] * in_[3];
      for (std::int64_t p = 0; p < out_[2]; ++p, to += out_[3]) {
        const std::int64_t y =
            p * window_.stride[0] + r * window_.dilation[0] - window_.pad_begin[0];
        if (y < 0 || y >= in_[2]) continue;
        for (std::int64_t q = 0; q < out_[3]; ++q) {
          const std::int64_t z =
              q * window_.stride[1] + s * window_.dilation[1] - window_.pad_begin[1];
          if (z >= 0 && z < in_[3]) to[q] = plane[y * in_[3] + z];
        }
      }
    }
  }

 private:
  const WindowAttrs& window_;
  std::array<std::int64_t, 4> in_, out_;
  std::int64_t r_, s_;
};

}  // namespace

Made convolution(const Node& node) {
  const auto& window = node.attributes<WindowAttrs>();
  const Array x = node.input(0), w = node.input(1);
  const Shape& out = node.out_shape();
  const auto in_image = image(x.shape), out_image = image(out);
  const std::int64_t taps_h = w.shape[2], taps_w = w.shape.size() > 3 ? w.shape[3] : 1;
  const std::int64_t each = w.shape[1], outputs = w.shape[0] / window.groups;
  Product product;
  product.m = outputs;
  product.n = out_image[2] * out_image[3];
  product.k = each * taps_h * taps_w;
  std::vector<double> sums(static_cast<std::size_t>(node.out_size()));
  std::vector<double> columns;
  const Columns unfold(window, x.shape, out, taps_h, taps_w);
  for (std::int64_t n = 0; n < in_image[0]; ++n) {
    const double* picture = x.x.data() + n * in_image[1] * in_image[2] * in_image[3];
    for (std::int64_t g = 0; g < window.groups; ++g) {
      unfold.gather(picture, g * each, each, columns);
      product.run(w.x.data() + g * outputs * product.k, columns.data(),
                  sums.data() + (n * window.groups + g) * outputs * product.n);
    }
  }
  const std::vector<double> bias = node.has(2) ? node.input(2).x : std::vector<double>();
  const auto pixels = static_cast<std::size_t>(product.n),
             channels = static_cast<std::size_t>(out[1]);
  return finished(node, std::move(sums), product.k, 1,
                  [&](std::size_t i) { return bias.empty() ? 0 : bias[i / pixels % channels]; });
}

// The weights' transpose times the image gives, for every pixel, what it adds to its window.
Made transposed_convolution(const Node& node) {
  const auto& window = node.attributes<WindowAttrs>();
  const Array x = node.input(0), w = node.input(1);
  const auto in = image(x.shape), out = image(node.out_shape());
  const std::int64_t taps_h = w.shape[2], taps_w = w.shape.size() > 3 ? w.shape[3] : 1;
  const std::int64_t inputs = in[1] / window.groups, outputs = w.shape[1];
  Product product;
  product.turn_a = true;
  product.m = outputs * taps_h * taps_w;
  product.n = in[2] * in[3];
  product.k = inputs;
  std::vector<double> sums(static_cast<std::size_t>(node.out_size()), 0);
  std::vector<double> columns(static_cast<std::size_t>(product.m * product.n));
  for (std::int64_t i = 0; i < in[0] * window.groups; ++i) {
    product.run(w.x.data() + i % window.groups * inputs * product.m,
                x.x.data() + i * inputs * product.n, columns.data());
    double* plane = sums.data() + i * outputs * out[2] * out[3];
    for (std::int64_t at = 0; at < product.m * product.n; ++at) {
      const std::int64_t row = at / product.n, pixel = at % product.n;
      const std::int64_t o = row / taps_w / taps_h, r = row / taps_w % taps_h, s = row % taps_w;
      const std::int64_t y =
          pixel / in[3] * window.stride[0] + r * window.dilation[0] - window.pad_begin[0];
      const std::int64_t z =
          pixel % in[3] * window.stride[1] + s * window.dilation[1] - window.pad_begin[1];
      const bool inside = y >= 0 && y < out[2] && z >= 0 && z < out[3];
      if (inside) plane[(o * out[2] + y) * out[3] + z] += columns[static_cast<std::size_t>(at)];
    }
  }
  const std::vector<double> bias = node.has(2) ? node.input(2).x : std::vector<double>();
  const auto pixels = static_cast<std::size_t>(out[2] * out[3]),
             channels = static_cast<std::size_t>(out[1]);
  return finished(node, std::move(sums), inputs * taps_h * taps_w, 1,
                  [&](std::size_t i) { return bias.empty() ? 0 : bias[i / pixels % channels]; });
}

Made matrix_product(const Node& node) {
  const auto& attrs = node.attributes<MatMulAttrs>();
  const Array a = node.input(0), b = node.input(1);
  Shape a_shape = a.shape, b_shape = b.shape;
  if (a_shape.size() == 1) a_shape.insert(a_shape.begin(), 1);
  if (b_shape.size() == 1) b_shape.push_back(1);
  Product product;
  product.turn_a = attrs.transpose_a && a.shape.size() > 1;
  product.turn_b = attrs.transpose_b && b.shape.size() > 1;
  const std::size_t a_rank = a_shape.size(), b_rank = b_shape.size();
  product.m = a_shape[a_rank - (product.turn_a ? 1 : 2)];
  product.k = a_shape[a_rank - (product.turn_a ? 2 : 1)];
  product.n = b_shape[b_rank - (product.turn_b ? 2 : 1)];
  // Leading dimensions broadcast: the matrices of each operand in the result's order.
  a_shape.resize(a_rank - 2);
  b_shape.resize(b_rank - 2);
  const std::size_t rank = std::max(a_shape.size(), b_shape.size());
  Shape batch(rank, 1);
  const auto lead = [&](Shape& shape) {
    shape.insert(shape.begin(), rank - shape.size(), 1);
    for (std::size_t d = 0; d < rank; ++d) batch[d] = shape[d] != 1 ? shape[d] : batch[d];
  };
  lead(a_shape);
  lead(b_shape);
  const auto positions = [&](const Shape& shape) {
    std::vector<std::int64_t> strides = steps_of(shape), out;
    for (std::size_t d = 0; d < rank; ++d) strides[d] = shape[d] == 1 ? 0 : strides[d];
    walk(batch, strides, 0, [&](std::int64_t at) { out.push_back(at); });
    return out;
  };
  const std::vector<std::int64_t> left = positions(a_shape), right = positions(b_shape);
  std::vector<double> sums(static_cast<std::size_t>(node.out_size()));
  for (std::size_t i = 0; i < left.size() && !sums.empty(); ++i) {
    product.run(a.x.data() + left[i] * product.m * product.k,
                b.x.data() + right[i] * product.k * product.n,
                sums.data() + static_cast<std::int64_t>(i) * product.m * product.n);
  }
  const std::vector<double> bias =
      node.has(2) ? node.stretched(2, node.out_shape()) : std::vector<double>();
  const double beta = node.whole() ? 1 : attrs.beta;
  return finished(node, std::move(sums), product.k, attrs.alpha,
                  [&](std::size_t i) { return bias.empty() ? 0 : beta * bias[i]; });
}

}  // namespace takt::cpu
