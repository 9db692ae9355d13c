// SPDX-License-Identifier: Apache-2.0
// Pools, local response norm, resizing to the nearest pixel.
#include <cmath>
#include <limits>

#include "execution.h"
#include "functions.h"

namespace takt::gpu {
namespace {

/// Two numbers of an attribute; the second of a one-dimensional window is its neutral value.
struct Both {
  int a = 0, b = 0;
};
Both both(const Op& op, const char* key) {
  const Dims list = op.whole_list(key);
  return {list.empty() ? 0 : static_cast<int>(list[0]),
          list.size() < 2 ? 0 : static_cast<int>(list[1])};
}

struct Geometry {
  int in_h, in_w, out_h, out_w;
  Both kernel, stride, dilation, pad_begin, pad_end;
};

template <class X>
struct PoolBody {
  X x;
  Out out;
  Geometry g;
  bool largest, count_padding, whole, quantised;
  TAKT_HD void operator()(std::int64_t index) const {
    const auto i = static_cast<std::uint32_t>(index);
    const auto w = static_cast<int>(i % static_cast<std::uint32_t>(g.out_w));
    const std::uint32_t line = i / static_cast<std::uint32_t>(g.out_w);
    const auto h = static_cast<int>(line % static_cast<std::uint32_t>(g.out_h));
    const std::int64_t plane = line / static_cast<std::uint32_t>(g.out_h);
    const std::int64_t base = plane * g.in_h * g.in_w;
    std::int64_t sum = 0, high = -(std::int64_t{1} << 40);
    Real real_sum = 0, real_high = -std::numeric_limits<Real>::infinity();
    std::int64_t count = 0;
    for (int r = 0; r < g.kernel.a; ++r) {
      const int y = h * g.stride.a + r * g.dilation.a - g.pad_begin.a;
      for (int s = 0; s < g.kernel.b; ++s) {
        const int z = w * g.stride.b + s * g.dilation.b - g.pad_begin.b;
        if (y < 0 || y >= g.in_h || z < 0 || z >= g.in_w) {
          // Padding counts if asked for; what ceil_mode adds never does.
          if (count_padding && y < g.in_h + g.pad_end.a && z < g.in_w + g.pad_end.b) ++count;
          continue;
        }
        ++count;
        const std::int64_t at = base + static_cast<std::int64_t>(y) * g.in_w + z;
        if (whole) {
          const std::int64_t value = x.whole(at);
          sum += value;
          high = most(high, value);
        } else {
          const Real value = x.real(at);
          real_sum += value;
          real_high = most(real_high, value);
        }
      }
    }
    count = most<std::int64_t>(1, count);
    if (whole) {
      out.whole(index, largest ? high : quantised ? round_div(sum, count) : sum / count);
    } else {
      out.real(index, largest ? real_high : real_sum / static_cast<Real>(count));
    }
  }
};

struct LrnBody {
  Any x;
  Out out;
  std::int64_t channels, spatial, size;
  bool quantised;
  Real alpha, beta, bias;
  std::int64_t whole_bias, whole_slope;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::int64_t channel = i / spatial % channels;
    const std::int64_t low = most<std::int64_t>(0, channel - (size - 1) / 2);
    const std::int64_t high = least<std::int64_t>(channels - 1, channel + size / 2);
    std::int64_t squares = 0;
    Real real_squares = 0;
    for (std::int64_t c = low; c <= high; ++c) {
      const std::int64_t at = i + (c - channel) * spatial;
      if (quantised) squares += x.whole(at) * x.whole(at);
      if (!quantised) real_squares += x.real(at) * x.real(at);
    }
    if (!quantised) {
      const Real base = bias + alpha / static_cast<Real>(size) * real_squares;
      out.real(i, x.real(i) / std::pow(base, beta));
      return;
    }
    const auto base =
        static_cast<std::uint64_t>(whole_bias + floor_div(squares * whole_slope, 65536));
    const std::uint64_t root = isqrt(base << 16);
    const std::uint64_t power = (root * isqrt(root << 16)) >> 16;
    out.whole(i, saturate(round_div(x.whole(i) * 65536,
                                    static_cast<std::int64_t>(power == 0 ? 1 : power)),
                          out.tensor.type));
  }
};

struct ResizeBody {
  Any x;
  Out out;
  bool is_float;
  int rank;
  std::int64_t in[4], to[4];
  TAKT_HD void operator()(std::int64_t index) const {
    std::int64_t rest = index, position = 0, stride = 1;
    for (int d = rank - 1; d >= 0; --d) {
      // The place is a quotient of floats (docs/values.md): whole numbers round otherwise.
      const double scale = static_cast<double>(to[d]) / static_cast<double>(in[d]);
      const std::int64_t out_at = rest % to[d];
      const auto from = static_cast<std::int64_t>(std::floor(static_cast<double>(out_at) / scale));
      position += (in[d] == to[d] ? out_at : from < in[d] ? from : in[d] - 1) * stride;
      rest /= to[d];
      stride *= in[d];
    }
    is_float ? out.real(index, x.real(position)) : out.whole(index, x.whole(position));
  }
};

Launch pool(Execution& run, const Op& op) {
  const Dims& in = run.tensor(op.inputs[0]).dims;
  const Dims& to = run.tensor(op.outputs[0]).dims;
  const auto at = [](const Dims& dims, std::size_t d) {
    return d < dims.size() ? static_cast<int>(dims[d]) : 1;
  };
  Geometry g{at(in, 2),
             at(in, 3),
             at(to, 2),
             at(to, 3),
             both(op, "kernel"),
             both(op, "stride"),
             both(op, "dilation"),
             both(op, "pad_begin"),
             both(op, "pad_end")};
  if (op.whole("global") != 0) {
    int spatial = 1;
    for (std::size_t d = 2; d < in.size(); ++d) spatial *= static_cast<int>(in[d]);
    g = {spatial, 1, 1, 1, {spatial, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
  }
  const Any x = run.any(op.inputs[0]);
  const bool largest = op.kind == "max_pool", counts = op.whole("count_include_pad") != 0;
  const bool whole = !info(x.type).is_float, quantised = run.quantised(op.outputs[0]);
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  return [=](const Out& out) {
    by_type(x, [&](auto typed) {
      for_each(count, PoolBody<decltype(typed)>{typed, out, g, largest, counts, whole, quantised});
    });
  };
}

Launch lrn(Execution& run, const Op& op) {
  const Dims& dims = run.tensor(op.inputs[0]).dims;
  std::int64_t spatial = 1;
  for (std::size_t d = 2; d < dims.size(); ++d) spatial *= dims[d];
  const Type type = run.tensor(op.outputs[0]).type;
  const auto unit = static_cast<double>(unit_of(type));
  const double alpha = op.real("alpha"), bias = op.real("bias");
  const std::int64_t size = op.whole("size");
  LrnBody body{run.any(op.inputs[0]),
               {},
               dims[1],
               spatial,
               size,
               is_quantised(type),
               static_cast<Real>(alpha),
               static_cast<Real>(op.real("beta")),
               static_cast<Real>(bias),
               static_cast<std::int64_t>(std::nearbyint(bias * 65536)),
               static_cast<std::int64_t>(std::nearbyint(alpha / static_cast<double>(size) *
                                                        4294967296.0 / (unit * unit)))};
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  return [=](const Out& out) mutable {
    body.out = out;
    for_each(count, body);
  };
}

}  // namespace

Launch window(Execution& run, const Op& op) {
  if (op.kind == "lrn") return lrn(run, op);
  if (op.kind != "resize") return pool(run, op);
  const Dims& in = run.tensor(op.inputs[0]).dims;
  const Dims& to = run.tensor(op.outputs[0]).dims;
  ResizeBody body{run.any(op.inputs[0]),       {}, info(run.tensor(op.outputs[0]).type).is_float,
                  static_cast<int>(in.size()), {}, {}};
  for (std::size_t d = 0; d < in.size(); ++d) body.in[d] = in[d], body.to[d] = to[d];
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  return [=](const Out& out) mutable {
    body.out = out;
    for_each(count, body);
  };
}

}  // namespace takt::gpu
