// SPDX-License-Identifier: Apache-2.0
// Reductions and searches along rows.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/reference/cpu_rows.h"

namespace takt::cpu {
namespace {

std::int64_t integer(double x) { return static_cast<std::int64_t>(x); }

double reduced_quantised(ReduceKind kind, const double* x, std::int64_t n, const Steps& steps) {
  const auto sum_of = [&](auto of) {
    std::int64_t total = 0;
    for (std::int64_t i = 0; i < n; ++i) total += of(integer(x[i]));
    return total;
  };
  const auto plain = [](std::int64_t v) { return v; };
  const auto square = [](std::int64_t v) { return v * v; };
  const auto unit = static_cast<double>(steps.unit);
  switch (kind) {
    case ReduceKind::kMean: return static_cast<double>(nearest(sum_of(plain), n));
    case ReduceKind::kMax: return *std::max_element(x, x + n);
    case ReduceKind::kMin: return *std::min_element(x, x + n);
    case ReduceKind::kL1:
      return static_cast<double>(sum_of([](std::int64_t v) { return v < 0 ? -v : v; }));
    case ReduceKind::kL2: return static_cast<double>(root(sum_of(square)));
    case ReduceKind::kSumSquare: return static_cast<double>(sum_of(square));
    case ReduceKind::kProd: {
      std::int64_t product = steps.unit;
      for (std::int64_t i = 0; i < n; ++i) {
        product = std::clamp<std::int64_t>(nearest(product * integer(x[i]), steps.unit), -INT32_MAX,
                                           INT32_MAX);
      }
      return steps.clamp(static_cast<double>(product));
    }
    case ReduceKind::kLogSum: {
      const std::int64_t sum = sum_of(plain);
      return sum <= 0 ? 0 : steps.of_real(std::log(static_cast<double>(sum) / unit));
    }
    case ReduceKind::kLogSumExp: {
      const double top = *std::max_element(x, x + n);
      double total = 0;
      for (std::int64_t i = 0; i < n; ++i) total += fixed_exponential(top - x[i], 1, steps);
      return steps.clamp(top + std::nearbyint(unit * std::log(total / 65536)));
    }
    default: return static_cast<double>(sum_of(plain));
  }
}

double reduced(ReduceKind kind, const double* x, std::int64_t n) {
  const auto sum_of = [&](auto of) {
    double total = 0;
    for (std::int64_t i = 0; i < n; ++i) total += of(x[i]);
    return total;
  };
  const auto plain = [](double v) { return v; };
  const auto square = [](double v) { return v * v; };
  switch (kind) {
    case ReduceKind::kSum: return sum_of(plain);
    case ReduceKind::kMean: return sum_of(plain) / static_cast<double>(n);
    case ReduceKind::kMax: return n == 0 ? -HUGE_VAL : *std::max_element(x, x + n);
    case ReduceKind::kMin: return n == 0 ? HUGE_VAL : *std::min_element(x, x + n);
    case ReduceKind::kL1: return sum_of([](double v) { return std::fabs(v); });
    case ReduceKind::kL2: return std::sqrt(sum_of(square));
    case ReduceKind::kSumSquare: return sum_of(square);
    case ReduceKind::kLogSum: return std::log(sum_of(plain));
    case ReduceKind::kProd: return std::accumulate(x, x + n, 1.0, std::multiplies<>());
    case ReduceKind::kLogSumExp: break;
  }
  const double top = n == 0 ? 0 : *std::max_element(x, x + n);
  return std::log(sum_of([top](double v) { return std::exp(v - top); })) + top;
}

bool stays_narrow(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kSum:
    case ReduceKind::kL1:
    case ReduceKind::kL2:
    case ReduceKind::kSumSquare: return false;
    default: return true;
  }
}

/// Numbers of a row's elements, best first; the first of equal ones first.
std::vector<std::int64_t> ranked(const double* x, std::int64_t n, bool smallest) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return smallest ? x[a] < x[b] : x[a] > x[b];
  });
  return order;
}

}  // namespace

Made reduce(const Node& node) {
  const ReduceKind kind = node.attributes<AxesAttrs>().reduce;
  Rows rows = rows_of(node);
  Numbers y;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    y.push_back(node.quantised()
                    ? reduced_quantised(kind, rows.row(i), rows.length, Steps(node.out_type()))
                    : reduced(kind, rows.row(i), rows.length));
  }
  Made made;
  made.wide = node.quantised() && !stays_narrow(kind);
  made.outputs.push_back(std::move(y));
  return made;
}

Made arg_max(const Node& node) {
  const auto& attrs = node.attributes<AxesAttrs>();
  Rows rows = rows_of(node);
  Numbers y;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const double* x = rows.row(i);
    const auto order = ranked(x, rows.length, attrs.reduce == ReduceKind::kMin);
    std::size_t best = 0;
    while (attrs.k < 0 && best + 1 < order.size() && x[order[best + 1]] == x[order[0]]) ++best;
    y.push_back(static_cast<double>(order[best]));
  }
  Made made;
  made.outputs.push_back(std::move(y));
  return made;
}

Made top_k(const Node& node) {
  const auto& attrs = node.attributes<AxesAttrs>();
  Rows rows = rows_of(node);
  // Where the results go: the result turned alike.
  Array result;
  result.shape = node.out_shape();
  result.x.resize(static_cast<std::size_t>(node.out_size()));
  std::vector<bool> inside(result.shape.size(), false);
  inside[static_cast<std::size_t>(attrs.axes[0])] = true;
  Rows values = rows_over(result, result.shape, inside), numbers = values;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const auto order = ranked(rows.row(i), rows.length, attrs.reduce == ReduceKind::kMin);
    for (std::int64_t k = 0; k < values.length; ++k) {
      const std::int64_t best = order[static_cast<std::size_t>(k)];
      values.row(i)[k] = rows.row(i)[best];
      numbers.row(i)[k] = static_cast<double>(best);
    }
  }
  Made made;
  made.outputs = {values.back(), numbers.back()};
  return made;
}

}  // namespace takt::cpu
