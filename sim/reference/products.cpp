// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/products.h"

#include <algorithm>

namespace takt {
namespace {

std::vector<double> unpack(const TensorValues& values) {
  std::vector<double> out(static_cast<std::size_t>(values.elements()));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = values.at(static_cast<std::int64_t>(i));
  return out;
}

/// out[n] += a[k] * b[k][n] for one row.
void add_row(const double* a, std::int64_t stride_a, const double* b, std::int64_t k,
             std::int64_t n, double* out) {
  for (std::int64_t i = 0; i < k; ++i) {
    const double x = a[i * stride_a];
    if (x == 0) continue;
    const double* row = b + i * n;
    for (std::int64_t j = 0; j < n; ++j) out[j] += x * row[j];
  }
}

std::vector<double> turned(const std::vector<double>& b, std::int64_t rows, std::int64_t cols) {
  std::vector<double> out(b.size());
  const std::int64_t each = rows * cols;
  if (each == 0) return out;
  for (std::int64_t m = 0; m < static_cast<std::int64_t>(b.size()) / each; ++m) {
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t c = 0; c < cols; ++c) {
        out[static_cast<std::size_t>(m * each + c * rows + r)] =
            b[static_cast<std::size_t>(m * each + r * cols + c)];
      }
    }
  }
  return out;
}

std::vector<double> matmul(const Semantics& s, const Op& op, const TensorValues& av,
                           const TensorValues& bv, StopFlag stop) {
  const auto& attrs = std::get<MatMulAttrs>(op.attributes);
  Shape a_shape = s.graph().tensor(op.inputs[0]).shape;
  Shape b_shape = s.graph().tensor(op.inputs[1]).shape;
  const Shape& out_shape = s.graph().tensor(op.outputs[0]).shape;
  // A vector on the left is one row, on the right one column.
  if (a_shape.size() == 1) a_shape.insert(a_shape.begin(), 1);
  if (b_shape.size() == 1) b_shape.push_back(1);
  std::vector<double> a = unpack(av), b = unpack(bv);
  auto turn = [](std::vector<double>& x, Shape& shape) {
    std::int64_t &rows = shape[shape.size() - 2], &cols = shape.back();
    x = turned(x, rows, cols);
    std::swap(rows, cols);
  };
  if (attrs.transpose_a) turn(a, a_shape);
  if (attrs.transpose_b) turn(b, b_shape);
  const std::int64_t m = a_shape[a_shape.size() - 2], k = a_shape.back(), n = b_shape.back();
  const Shape a_batch(a_shape.begin(), a_shape.end() - 2),
      b_batch(b_shape.begin(), b_shape.end() - 2);
  std::int64_t batches = 1;
  for (const std::int64_t extent : out_shape) batches *= extent;
  batches = m * n == 0 ? 0 : batches / (m * n);
  Shape batch(std::max(a_batch.size(), b_batch.size()), 1);
  for (std::size_t d = 0; d < batch.size(); ++d) {
    const auto of = [&](const Shape& shape) {
      return d + shape.size() < batch.size() ? 1 : shape[d + shape.size() - batch.size()];
    };
    batch[d] = std::max(of(a_batch), of(b_batch));
  }
  const OperandWalk a_walk = broadcast_walk(a_batch, batch),
                    b_walk = broadcast_walk(b_batch, batch);
  std::vector<double> out(static_cast<std::size_t>(batches * m * n), 0);
  for (std::int64_t i = 0; i < batches; ++i) {
    const double* left = a.data() + a_walk.at(i) * m * k;
    const double* right = b.data() + b_walk.at(i) * k * n;
    for (std::int64_t row = 0; row < m; ++row) {
      check_stop(stop);
      add_row(left + row * k, 1, right, k, n, out.data() + (i * m + row) * n);
    }
  }
  return out;
}

/// Sizes of a convolution with groups, the width 1 if there is none.
struct Conv {
  std::int64_t n, c, h, w, o, each, r, s, p, q;
  Conv(const Shape& x, const Shape& weights, const Shape& y)
      : n(x[0]),
        c(x[1]),
        h(x[2]),
        w(x.size() > 3 ? x[3] : 1),
        o(weights[0]),
        each(weights[1]),
        r(weights[2]),
        s(weights.size() > 3 ? weights[3] : 1),
        p(y[2]),
        q(y.size() > 3 ? y[3] : 1) {}
};

/// Weights [O][C][R][S] as [group][R][S][C][outputs of the group].
std::vector<double> weights_inside_out(const std::vector<double>& w, const Conv& c,
                                       std::int64_t groups) {
  std::vector<double> out(w.size());
  const std::int64_t outputs = c.o / groups;
  for (std::int64_t o = 0; o < c.o; ++o) {
    for (std::int64_t i = 0; i < c.each; ++i) {
      for (std::int64_t t = 0; t < c.r * c.s; ++t) {
        const std::int64_t to =
            ((o / outputs * c.r * c.s + t) * c.each + i) * outputs + o % outputs;
        out[static_cast<std::size_t>(to)] =
            w[static_cast<std::size_t>((o * c.each + i) * c.r * c.s + t)];
      }
    }
  }
  return out;
}

std::vector<double> convolution(const Semantics& semantics, const Op& op, const TensorValues& av,
                                const TensorValues& bv, StopFlag stop) {
  const auto& window = std::get<WindowAttrs>(op.attributes);
  const Graph& graph = semantics.graph();
  const Conv c(graph.tensor(op.inputs[0]).shape, graph.tensor(op.inputs[1]).shape,
               graph.tensor(op.outputs[0]).shape);
  const std::vector<double> x = unpack(av);
  const std::vector<double> w = weights_inside_out(unpack(bv), c, window.groups);
  const std::int64_t outputs = c.o / window.groups;
  std::vector<double> out(static_cast<std::size_t>(c.n * c.o * c.p * c.q));
  std::vector<double> pixel(static_cast<std::size_t>(outputs));
  for (std::int64_t i = 0; i < c.n * window.groups * c.p * c.q; ++i) {
    const std::int64_t q = i % c.q, p = i / c.q % c.p, g = i / c.q / c.p % window.groups;
    const std::int64_t n = i / c.q / c.p / window.groups;
    check_stop(stop);
    std::fill(pixel.begin(), pixel.end(), 0);
    for (std::int64_t t = 0; t < c.r * c.s; ++t) {
      const std::int64_t y =
          p * window.stride[0] + t / c.s * window.dilation[0] - window.pad_begin[0];
      const std::int64_t z =
          q * window.stride[1] + t % c.s * window.dilation[1] - window.pad_begin[1];
      if (y < 0 || y >= c.h || z < 0 || z >= c.w) continue;
      const double* in = x.data() + ((n * c.c + g * c.each) * c.h + y) * c.w + z;
      const double* weights = w.data() + (g * c.r * c.s + t) * c.each * outputs;
      add_row(in, c.h * c.w, weights, c.each, outputs, pixel.data());
    }
    for (std::int64_t o = 0; o < outputs; ++o) {
      out[static_cast<std::size_t>(((n * c.o + g * outputs + o) * c.p + p) * c.q + q)] =
          pixel[static_cast<std::size_t>(o)];
    }
  }
  return out;
}

/// Every input pixel times its weights [C][O/g][R][S] adds to a window of the output.
std::vector<double> transposed_convolution(const Semantics& semantics, const Op& op,
                                           const TensorValues& av, const TensorValues& bv,
                                           StopFlag stop) {
  const auto& window = std::get<WindowAttrs>(op.attributes);
  const Graph& graph = semantics.graph();
  const Shape& weights = graph.tensor(op.inputs[1]).shape;
  const Conv c(graph.tensor(op.inputs[0]).shape, weights, graph.tensor(op.outputs[0]).shape);
  const std::int64_t outputs = weights[1], inputs = c.c / window.groups;
  const std::vector<double> x = unpack(av), w = unpack(bv);
  std::vector<double> out(static_cast<std::size_t>(c.n * outputs * window.groups * c.p * c.q), 0);
  for (std::int64_t i = 0; i < c.n * c.c * c.h * c.w; ++i) {
    const std::int64_t z = i % c.w, y = i / c.w % c.h, channel = i / c.w / c.h % c.c;
    const std::int64_t n = i / c.w / c.h / c.c, g = channel / inputs;
    check_stop(stop);
    for (std::int64_t j = 0; j < outputs * c.r * c.s; ++j) {
      const std::int64_t s = j % c.s, r = j / c.s % c.r, o = j / c.s / c.r;
      const std::int64_t p = y * window.stride[0] - window.pad_begin[0] + r * window.dilation[0];
      const std::int64_t q = z * window.stride[1] - window.pad_begin[1] + s * window.dilation[1];
      if (p < 0 || p >= c.p || q < 0 || q >= c.q) continue;
      const std::int64_t to = ((n * window.groups + g) * outputs + o) * c.p * c.q + p * c.q + q;
      out[static_cast<std::size_t>(to)] +=
          x[static_cast<std::size_t>(i)] *
          w[static_cast<std::size_t>(channel * outputs * c.r * c.s + j)];
    }
  }
  return out;
}

}  // namespace

std::vector<double> products(const Semantics& semantics, OpId id, const TensorValues& a,
                             const TensorValues& b, StopFlag stop) {
  const Op& op = semantics.op(id);
  if (op.kind == OpKind::kConv) return convolution(semantics, op, a, b, stop);
  if (op.kind == OpKind::kConvTranspose) return transposed_convolution(semantics, op, a, b, stop);
  return matmul(semantics, op, a, b, stop);
}

}  // namespace takt
