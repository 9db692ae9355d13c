// SPDX-License-Identifier: Apache-2.0
// Convolutions and matrix products: sums by tensor cores or output by output, then bias and scale.
#include "geometry.h"
#include "product_parts.h"

namespace takt::gpu {
namespace {

/// Sums of products of one output each: depthwise convolutions, and types without a tensor core.
template <class X>
struct ConvBody {
  X x, weights;
  ConvShape g;
  bool whole;
  void* sums;
  TAKT_HD void operator()(std::int64_t index) const {
    const auto i = static_cast<std::uint32_t>(index);
    const int q = static_cast<int>(i % static_cast<std::uint32_t>(g.q));
    const std::uint32_t line = i / static_cast<std::uint32_t>(g.q);
    const int p = static_cast<int>(line % static_cast<std::uint32_t>(g.p));
    const std::uint32_t plane = line / static_cast<std::uint32_t>(g.p);
    const int o = static_cast<int>(plane % static_cast<std::uint32_t>(g.o));
    const std::int64_t n = plane / static_cast<std::uint32_t>(g.o);
    const int each = g.group_channels(), first = o / g.group_outputs() * each;
    std::int64_t total = 0;
    Real real_total = 0;
    for (int c = 0; c < each; ++c) {
      const std::int64_t image = (n * g.c + first + c) * g.h * g.w;
      const std::int64_t filter = (std::int64_t{o} * each + c) * g.r * g.s;
      for (int r = 0; r < g.r; ++r) {
        const int y = p * g.stride[0] - g.pad[0] + r * g.dilation[0];
        if (y < 0 || y >= g.h) continue;
        for (int s = 0; s < g.s; ++s) {
          const int z = q * g.stride[1] - g.pad[1] + s * g.dilation[1];
          if (z < 0 || z >= g.w) continue;
          const std::int64_t at = image + std::int64_t{y} * g.w + z, tap = filter + r * g.s + s;
          if (whole) total += x.whole(at) * weights.whole(tap);
          if (!whole) real_total += x.real(at) * weights.real(tap);
        }
      }
    }
    if (whole) static_cast<std::int32_t*>(sums)[index] = static_cast<std::int32_t>(total);
    if (!whole) static_cast<float*>(sums)[index] = static_cast<float>(real_total);
  }
};

struct MatMulBody {
  Any a, b;
  MatMulShape g;
  bool whole;
  void* sums;
  TAKT_HD void operator()(std::int64_t index) const {
    const std::int64_t col = index % g.n, row = index / g.n % g.m, z = index / g.n / g.m;
    const std::int64_t step_a = g.transpose_a ? g.m : 1, step_b = g.transpose_b ? 1 : g.n;
    std::int64_t at_a = g.a_matrix.at(z) * g.m * g.k + (g.transpose_a ? row : row * g.k);
    std::int64_t at_b = g.b_matrix.at(z) * g.n * g.k + (g.transpose_b ? col * g.k : col);
    std::int64_t total = 0;
    Real real_total = 0;
    for (std::int64_t k = 0; k < g.k; ++k, at_a += step_a, at_b += step_b) {
      if (whole) total += a.whole(at_a) * b.whole(at_b);
      if (!whole) real_total += a.real(at_a) * b.real(at_b);
    }
    if (whole) static_cast<std::int32_t*>(sums)[index] = static_cast<std::int32_t>(total);
    if (!whole) static_cast<float*>(sums)[index] = static_cast<float>(real_total);
  }
};

/// Bias and the factors of Gemm on a sum.
struct FinishBody {
  const void* sums;
  Walk sum, bias_walk;
  Any bias;  ///< no data = there is none
  bool whole, quantised;
  std::int64_t bias_factor;
  Real alpha, beta;
  Out out;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::int64_t at = sum.at(i);
    if (!whole) {
      Real value = static_cast<const float*>(sums)[at] * alpha;
      if (bias.data) value += beta * bias.real(bias_walk.at(i));
      out.real(i, value);
      return;
    }
    std::int64_t value = static_cast<const std::int32_t*>(sums)[at];
    if (bias.data) value += bias.whole(bias_walk.at(i)) * bias_factor;
    out.whole(i, quantised ? wrapped_to_32(value) : value);
  }
};

FinishBody finish_of(const Execution& run, const Op& op, std::int64_t length) {
  const Tensor& y = run.tensor(op.outputs[0]);
  FinishBody body{};
  body.whole = !info(y.type).is_float;
  body.quantised = is_quantised(y.type);
  body.bias_factor = body.quantised ? bias_factor(length) : 1;
  body.alpha = op.kind == "matmul" ? static_cast<Real>(op.real("alpha")) : 1;
  body.beta = op.kind == "matmul" ? static_cast<Real>(op.real("beta")) : 1;
  body.sum = walk_over({y.elements()}, {1});
  if (!op.has(2)) return body;
  body.bias = run.any(op.inputs[2]);
  if (op.kind == "matmul") {
    body.bias_walk = broadcast(run.tensor(op.inputs[2]).dims, y.dims);
  } else {
    const std::int64_t spatial = y.elements() / std::max<std::int64_t>(1, y.dims[0] * y.dims[1]);
    body.bias_walk = walk_over({y.dims[0], y.dims[1], spatial}, {0, 1, 0});
  }
  return body;
}

Launch conv(Execution& run, const Op& op) {
  const ConvShape g = conv_shape(run, op);
  const Any x = run.any(op.inputs[0]), weights = run.any(op.inputs[1]);
  FinishBody body = finish_of(run, op, g.length());
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  const Memory sums(static_cast<std::size_t>(count) * 4);
  body.sums = sums.data();
  const bool tile = has_tile(x.type) && x.type == weights.type && !g.is_depthwise();
  if (tile) {
    const std::int64_t spatial = std::int64_t{g.p} * g.q;
    body.sum = walk_over({g.n, g.o, spatial}, {spatial * g.o, 1, g.o});
  }
  const int multiprocessors = run.facts().multiprocessors;
  return [=](const Out& out) mutable {
    if (tile) {
      const ConvParts parts = conv_parts(x, weights, g);
      parts.results(sums.data(), plain_sums(), multiprocessors);
      wait();
    } else {
      const bool whole = body.whole;
      if (x.type != weights.type) {
        for_each(count, ConvBody<Any>{x, weights, g, whole, sums.data()});
      } else {
        by_type(x, [&](auto typed) {
          using X = decltype(typed);
          for_each(count, ConvBody<X>{typed, X(weights), g, whole, sums.data()});
        });
      }
    }
    body.out = out;
    for_each(count, body);
  };
}

Launch matmul(Execution& run, const Op& op) {
  const MatMulShape g = matmul_shape(run, op);
  const Any a = run.any(op.inputs[0]), b = run.any(op.inputs[1]);
  FinishBody body = finish_of(run, op, g.k);
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  const Memory sums(static_cast<std::size_t>(count) * 4);
  body.sums = sums.data();
  const bool tile = has_tile(a.type) && a.type == b.type;
  const int multiprocessors = run.facts().multiprocessors;
  return [=](const Out& out) mutable {
    if (tile) {
      const MatMulParts parts = matmul_parts(a, b, g);
      parts.results(sums.data(), plain_sums(), multiprocessors);
      wait();
    } else {
      for_each(count, MatMulBody{a, b, g, body.whole, sums.data()});
    }
    body.out = out;
    for_each(count, body);
  };
}

}  // namespace

Launch product(Execution& run, const Op& op) {
  return op.kind == "conv" ? conv(run, op) : matmul(run, op);
}

}  // namespace takt::gpu
