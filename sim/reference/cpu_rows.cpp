// SPDX-License-Identifier: Apache-2.0
// Softmax and norms: rows, worked on and turned back.
#include "sim/reference/cpu_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace takt::cpu {

Rows rows_over(const Array& a, const Shape& shape, const std::vector<bool>& inside) {
  Rows rows;
  Shape turned;
  std::vector<std::int64_t> strides;
  const std::vector<std::int64_t> dense = steps_of(shape);
  for (const bool wanted : {false, true}) {
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (inside[d] != wanted) continue;
      turned.push_back(shape[d]);
      strides.push_back(dense[d]);
      (wanted ? rows.length : rows.count) *= shape[d];
    }
  }
  walk(turned, strides, 0, [&](std::int64_t at) {
    rows.place.push_back(at);
    rows.x.push_back(a.x[static_cast<std::size_t>(at)]);
  });
  return rows;
}

Rows rows_of(const Node& node) {
  const auto& attrs = node.attributes<AxesAttrs>();
  const Array a = node.input(0);
  Shape shape = a.shape;
  std::vector<bool> inside(shape.size(), attrs.axes.empty());
  for (const std::int64_t axis : attrs.axes) inside[static_cast<std::size_t>(axis)] = true;
  if (node.op().kind == OpKind::kInstanceNorm) {
    inside.assign(shape.size(), true);
    inside[0] = inside[1] = false;
  }
  if (node.op().kind == OpKind::kGroupNorm) {
    shape[1] /= attrs.groups;
    shape.insert(shape.begin() + 1, attrs.groups);
    inside.assign(shape.size(), true);
    inside[0] = inside[1] = false;
  }
  return rows_over(a, shape, inside);
}

double fixed_exponential(double d, double factor, const Steps& steps) {
  return std::nearbyint(65536 * std::exp(-factor * d / static_cast<double>(steps.unit)));
}

namespace {

std::int64_t integer(double x) { return static_cast<std::int64_t>(x); }

void softmax_row(double* x, std::int64_t n, bool quantised, bool logarithm, const Steps& steps) {
  const double top = *std::max_element(x, x + n);
  Numbers e(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    e[static_cast<std::size_t>(i)] =
        quantised ? fixed_exponential(top - x[i], 2, steps) : std::exp(x[i] - top);
  }
  const double total = std::accumulate(e.begin(), e.end(), 0.0);
  const auto unit = static_cast<double>(steps.unit);
  for (std::int64_t i = 0; i < n; ++i) {
    const double share = e[static_cast<std::size_t>(i)];
    if (quantised && logarithm) {
      x[i] = steps.clamp(-2 * (top - x[i]) - std::nearbyint(unit * std::log(total / 65536)));
    } else if (quantised) {
      x[i] = static_cast<double>(nearest(integer(share) << 24, integer(total)));
    } else {
      x[i] = logarithm ? (x[i] - top) - std::log(total) : share / total;
    }
  }
}

Made softmax(const Node& node) {
  Rows rows = rows_of(node);
  const bool logarithm = node.attributes<AxesAttrs>().logarithm;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    softmax_row(rows.row(i), rows.length, node.quantised(), logarithm, Steps(node.out_type()));
  }
  Made made;
  made.wide = node.quantised() && !logarithm;
  made.outputs.push_back(rows.back());
  return made;
}

/// Centres a row and divides it by its deviation; quantised ones work in 256ths.
void normalise(double* x, std::int64_t n, bool centred, bool quantised, double epsilon,
               std::int64_t unit) {
  if (!quantised) {
    const double mean = centred ? std::accumulate(x, x + n, 0.0) / static_cast<double>(n) : 0;
    double variance = 0;
    for (std::int64_t i = 0; i < n; ++i) variance += (x[i] - mean) * (x[i] - mean);
    const double deviation = std::sqrt(variance / static_cast<double>(n) + epsilon);
    for (std::int64_t i = 0; i < n; ++i) x[i] = (x[i] - mean) / deviation;
    return;
  }
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += integer(x[i]);
  const std::int64_t mean = centred ? nearest(sum * 256, n) : 0;
  std::int64_t squares = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t d = 256 * integer(x[i]) - mean;
    squares += d * d;
  }
  const std::int64_t deviation = std::max<std::int64_t>(1, root(squares / n));
  for (std::int64_t i = 0; i < n; ++i) {
    x[i] = static_cast<double>(nearest(unit * (256 * integer(x[i]) - mean), deviation));
  }
}

/// A factor or offset a channel (dimension 1), for each element of the result. GroupNorm of old has
/// one a group. `otherwise` where there is no such operand.
Numbers by_channel(const Node& node, std::size_t i, double otherwise = 0) {
  if (!node.has(i)) return Numbers(static_cast<std::size_t>(node.out_size()), otherwise);
  const Numbers each = node.input(i).x;
  const Shape& out = node.out_shape();
  std::int64_t spatial = 1;
  for (std::size_t d = 2; d < out.size(); ++d) spatial *= out[d];
  const std::int64_t repeats = out[1] / static_cast<std::int64_t>(each.size());
  Numbers all(static_cast<std::size_t>(node.out_size()));
  for (std::size_t k = 0; k < all.size(); ++k) {
    const std::int64_t channel = static_cast<std::int64_t>(k) / spatial % out[1];
    all[k] = each[static_cast<std::size_t>(channel / repeats)];
  }
  return all;
}

Made norm(const Node& node) {
  const OpKind kind = node.op().kind;
  const Steps steps(node.out_type());
  const bool quantised = node.quantised();
  Rows rows = rows_of(node);
  for (std::int64_t i = 0; i < rows.count; ++i) {
    normalise(rows.row(i), rows.length, kind != OpKind::kRmsNorm, quantised,
              node.attributes<AxesAttrs>().epsilon, steps.unit);
  }
  Numbers y = rows.back();
  const bool channels = kind == OpKind::kInstanceNorm || kind == OpKind::kGroupNorm;
  const auto operand = [&](std::size_t i) {
    if (!node.has(i)) return Numbers();
    return channels ? by_channel(node, i) : node.stretched(i, node.out_shape());
  };
  const Numbers factor = operand(1), offset = operand(2);
  const double one = quantised ? static_cast<double>(steps.unit) : 1;
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = y[i] * (factor.empty() ? one : factor[i]) + one * (offset.empty() ? 0 : offset[i]);
  }
  Made made;
  made.wide = quantised;
  made.outputs.push_back(std::move(y));
  return made;
}

Made batch_norm(const Node& node) {
  const bool quantised = node.quantised();
  const auto unit = static_cast<double>(Steps(node.out_type()).unit);
  Numbers x = node.input(0).x;
  const Numbers factor = by_channel(node, 1, quantised ? unit : 1), offset = by_channel(node, 2),
                mean = by_channel(node, 3), variance = by_channel(node, 4, 1);
  const double epsilon = node.attributes<AxesAttrs>().epsilon;
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = quantised
               ? (x[i] - mean[i]) * factor[i] + unit * offset[i]
               : factor[i] * ((x[i] - mean[i]) / std::sqrt(variance[i] + epsilon)) + offset[i];
  }
  Made made;
  made.wide = quantised;
  made.outputs.push_back(std::move(x));
  return made;
}

}  // namespace

Made over_rows(const Node& node) {
  switch (node.op().kind) {
    case OpKind::kSoftmax: return softmax(node);
    case OpKind::kBatchNorm: return batch_norm(node);
    case OpKind::kReduce: return reduce(node);
    case OpKind::kArgMax: return arg_max(node);
    case OpKind::kTopK: return top_k(node);
    default: return norm(node);
  }
}

}  // namespace takt::cpu
