// SPDX-License-Identifier: Apache-2.0
// Softmax, norms and reductions. What a row has in common is worked out once and remembered by the
// row's first element.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/functional/semantics_state.h"

namespace takt {
namespace {

/// Norms work on 256ths of a quantised step.
constexpr std::int64_t kFine = 256;

}  // namespace

// Rows: what softmax, norms and reductions run over, as a first element and steps from it.
void Semantics::prepare_rows(Prepared& p, const Op& o) const {
  const auto* attrs = std::get_if<AxesAttrs>(&o.attributes);
  if (attrs == nullptr || o.kind == OpKind::kBatchNorm) return;
  Shape shape = graph_.tensor(o.inputs[0]).shape;
  std::vector<bool> inside(shape.size(), false);
  if (o.kind == OpKind::kInstanceNorm) {
    std::fill(inside.begin() + 2, inside.end(), true);
  } else if (o.kind == OpKind::kGroupNorm) {
    shape.insert(shape.begin() + 1, attrs->groups);
    shape[2] /= attrs->groups;
    inside.assign(shape.size(), true);
    inside[0] = inside[1] = false;
  } else if (attrs->axes.empty()) {
    inside.assign(shape.size(), true);
  } else {
    for (const std::int64_t axis : attrs->axes) inside[static_cast<std::size_t>(axis)] = true;
  }
  const bool reduces =
      o.kind == OpKind::kReduce || o.kind == OpKind::kArgMax || o.kind == OpKind::kTopK;
  const std::vector<std::int64_t> dense = row_major_strides(shape);
  Shape result, row;
  std::vector<std::int64_t> result_strides, row_strides;
  p.row_length = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (inside[d]) {
      p.row_length *= shape[d];
      row.push_back(shape[d]);
      row_strides.push_back(dense[d]);
    }
    // A reduction's result has the other dimensions only; a norm's has all, and those of the row
    // lead back to its first element.
    if (inside[d] && reduces) continue;
    result.push_back(shape[d]);
    result_strides.push_back(inside[d] ? 0 : dense[d]);
  }
  p.row = make_walk(result, result_strides);
  p.within = make_walk(row, row_strides);
}

double Semantics::Evaluation::softmax(std::int64_t index) {
  const std::int64_t base = p_.row.at(index);
  const auto known = p_.rows.find(base);
  RowStatistics row;
  const auto exponential = [&](double x) -> double {
    if (!quantised_) return std::exp(x - row.first);
    const auto d = static_cast<std::size_t>(row.first - x);
    return d < p_.exponentials.size() ? p_.exponentials[d] : 0;
  };
  if (known != p_.rows.end()) {
    row = known->second;
  } else {
    row.first = -std::numeric_limits<double>::infinity();
    for (std::int64_t i = 0; i < p_.row_length; ++i) {
      row.first = std::max(row.first, row_element(base, i));
    }
    for (std::int64_t i = 0; i < p_.row_length; ++i) {
      row.second += exponential(row_element(base, i));
    }
    p_.rows[base] = row;
  }
  const double x = walked(0, index);
  if (quantised_ && std::get<AxesAttrs>(op_.attributes).logarithm) {
    const auto d = static_cast<std::int64_t>(row.first - x);
    return static_cast<double>(
        saturate(-2 * d - quantised_log(row.second, 65536, out_type_), out_type_));
  }
  if (quantised_) {
    const auto e = static_cast<std::int64_t>(exponential(x));
    return static_cast<double>(round_div(e << 24, static_cast<std::int64_t>(row.second)));
  }
  if (std::get<AxesAttrs>(op_.attributes).logarithm) {
    return rounded(out_type_, x - row.first - std::log(row.second));
  }
  return rounded(out_type_, exponential(x) / row.second);
}

RowStatistics Semantics::Evaluation::norm_statistics(std::int64_t base) {
  const auto known = p_.rows.find(base);
  if (known != p_.rows.end()) return known->second;
  const std::int64_t n = p_.row_length;
  const bool centred = op_.kind != OpKind::kRmsNorm;
  RowStatistics row;
  if (quantised_) {
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < n && centred; ++i) {
      sum += static_cast<std::int64_t>(row_element(base, i));
    }
    const std::int64_t mean = centred ? round_div(sum * kFine, n) : 0;
    std::uint64_t squares = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const std::int64_t d = static_cast<std::int64_t>(row_element(base, i)) * kFine - mean;
      squares += static_cast<std::uint64_t>(d * d);
    }
    const std::uint64_t deviation = isqrt(squares / static_cast<std::uint64_t>(n));
    row = {static_cast<double>(mean), static_cast<double>(std::max<std::uint64_t>(1, deviation))};
  } else {
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < n && centred; ++i) sum += row_element(base, i);
    const double mean = centred ? sum / static_cast<double>(n) : 0;
    for (std::int64_t i = 0; i < n; ++i) {
      const double d = row_element(base, i) - mean;
      squares += d * d;
    }
    const double epsilon = std::get<AxesAttrs>(op_.attributes).epsilon;
    row = {mean, std::sqrt(squares / static_cast<double>(n) + epsilon)};
  }
  p_.rows[base] = row;
  return row;
}

double Semantics::Evaluation::norm(std::int64_t index) {
  const RowStatistics row = norm_statistics(p_.row.at(index));
  const double x = walked(0, index);
  if (!quantised_) {
    double y = (x - row.first) / row.second;
    if (has(1)) y *= walked(1, index);
    if (has(2)) y += walked(2, index);
    return rounded(out_type_, y);
  }
  const std::int64_t unit = unit_of(out_type_);
  const std::int64_t d =
      static_cast<std::int64_t>(x) * kFine - static_cast<std::int64_t>(row.first);
  const std::int64_t y = round_div(unit * d, static_cast<std::int64_t>(row.second));
  const std::int64_t gamma = has(1) ? whole(1, index) : unit;
  const std::int64_t beta = has(2) ? whole(2, index) : 0;
  return static_cast<double>(y * gamma + unit * beta);
}

double Semantics::Evaluation::batch_norm(std::int64_t index) {
  const double x = walked(0, index);
  const double one = quantised_ ? static_cast<double>(unit_of(out_type_)) : 1;
  const auto operand = [&](std::size_t i, double otherwise) {
    return has(i) ? walked(i, index) : otherwise;
  };
  const double factor = operand(1, one), offset = operand(2, 0), centred = x - operand(3, 0);
  if (quantised_) return centred * factor + one * offset;
  const double epsilon = std::get<AxesAttrs>(op_.attributes).epsilon;
  return rounded(out_type_, centred / std::sqrt(operand(4, 1) + epsilon) * factor + offset);
}

double Semantics::Evaluation::reduce(std::int64_t index) {
  const ReduceKind kind = std::get<AxesAttrs>(op_.attributes).reduce;
  const std::int64_t base = p_.row.at(index);
  if (quantised_) return reduce_quantised(kind, base);
  return rounded(out_type_, reduce_float(kind, base));
}

double Semantics::Evaluation::reduce_quantised(ReduceKind kind, std::int64_t base) {
  std::int64_t sum = 0, magnitude = 0, squares = 0;
  std::int64_t low = std::numeric_limits<std::int64_t>::max(), high = -low;
  for (std::int64_t i = 0; i < p_.row_length; ++i) {
    const auto x = static_cast<std::int64_t>(row_element(base, i));
    sum += x;
    magnitude += std::abs(x);
    squares += x * x;
    low = std::min(low, x);
    high = std::max(high, x);
  }
  switch (kind) {
    case ReduceKind::kMean: return static_cast<double>(round_div(sum, p_.row_length));
    case ReduceKind::kMax: return static_cast<double>(high);
    case ReduceKind::kMin: return static_cast<double>(low);
    case ReduceKind::kL1: return static_cast<double>(magnitude);
    case ReduceKind::kL2: return static_cast<double>(isqrt(static_cast<std::uint64_t>(squares)));
    case ReduceKind::kSumSquare: return static_cast<double>(squares);
    case ReduceKind::kProd: return product_quantised(base);
    case ReduceKind::kLogSum:
      if (sum <= 0) return 0;
      return static_cast<double>(
          saturate(quantised_log(static_cast<double>(sum), static_cast<double>(unit_of(out_type_)),
                                 out_type_),
                   out_type_));
    case ReduceKind::kLogSumExp: {
      std::int64_t total = 0;
      for (std::int64_t i = 0; i < p_.row_length; ++i) {
        const auto d =
            static_cast<std::size_t>(high - static_cast<std::int64_t>(row_element(base, i)));
        total += d < p_.exponentials.size() ? p_.exponentials[d] : 0;
      }
      return static_cast<double>(
          saturate(high + quantised_log(static_cast<double>(total), 65536, out_type_), out_type_));
    }
    case ReduceKind::kSum: break;
  }
  return static_cast<double>(sum);
}

/// In units, one factor after the other; kept within 32 bits.
double Semantics::Evaluation::product_quantised(std::int64_t base) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const std::int64_t unit = unit_of(out_type_);
  std::int64_t product = unit;
  for (std::int64_t i = 0; i < p_.row_length; ++i) {
    const auto x = static_cast<std::int64_t>(row_element(base, i));
    product = std::clamp(round_div(product * x, unit), -kMost, kMost);
  }
  return static_cast<double>(saturate(product, out_type_));
}

double Semantics::Evaluation::reduce_float(ReduceKind kind, std::int64_t base) {
  double sum = 0, magnitude = 0, squares = 0, product = 1;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::int64_t i = 0; i < p_.row_length; ++i) {
    const double x = row_element(base, i);
    sum += x;
    magnitude += std::abs(x);
    squares += x * x;
    product *= x;
    low = std::min(low, x);
    high = std::max(high, x);
  }
  switch (kind) {
    case ReduceKind::kSum: return sum;
    case ReduceKind::kMean: return sum / static_cast<double>(p_.row_length);
    case ReduceKind::kMax: return high;
    case ReduceKind::kMin: return low;
    case ReduceKind::kProd: return product;
    case ReduceKind::kL1: return magnitude;
    case ReduceKind::kL2: return std::sqrt(squares);
    case ReduceKind::kSumSquare: return squares;
    case ReduceKind::kLogSum: return std::log(sum);
    case ReduceKind::kLogSumExp: break;
  }
  double total = 0;
  for (std::int64_t i = 0; i < p_.row_length; ++i) total += std::exp(row_element(base, i) - high);
  return high + std::log(total);
}

// k < 0: the last of equal ones.
double Semantics::Evaluation::arg_max(std::int64_t index) {
  const auto& attrs = std::get<AxesAttrs>(op_.attributes);
  const std::int64_t base = p_.row.at(index);
  const double sign = attrs.reduce == ReduceKind::kMin ? -1 : 1;
  std::int64_t best = 0;
  double largest = sign * row_element(base, 0);
  for (std::int64_t i = 1; i < p_.row_length; ++i) {
    const double x = sign * row_element(base, i);
    if (x < largest || (x == largest && attrs.k > 0)) continue;
    largest = x;
    best = i;
  }
  return static_cast<double>(best);
}

// The result's axis counts ranks; the rest of its index names the row.
double Semantics::Evaluation::top_k(std::size_t output, std::int64_t index) {
  const auto& attrs = std::get<AxesAttrs>(op_.attributes);
  const auto axis = static_cast<std::size_t>(attrs.axes[0]);
  const Shape& in = s_.graph().tensor(op_.inputs[0]).shape;
  std::int64_t inner = 1;
  for (std::size_t d = axis + 1; d < in.size(); ++d) inner *= in[d];
  const std::int64_t rank = index / inner % attrs.k;
  const std::int64_t row = index / inner / attrs.k * inner + index % inner;
  const std::int64_t base = p_.row.at(row);
  std::vector<std::int64_t>& order = p_.ranks[base];
  if (order.empty()) {
    std::vector<double> x;
    for (std::int64_t i = 0; i < p_.row_length; ++i) {
      x.push_back(row_element(base, i));
      order.push_back(i);
    }
    const double sign = attrs.reduce == ReduceKind::kMin ? -1 : 1;
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return sign * x[static_cast<std::size_t>(a)] > sign * x[static_cast<std::size_t>(b)];
    });
  }
  const std::int64_t best = order[static_cast<std::size_t>(rank)];
  return output == 1 ? static_cast<double>(best) : row_element(base, best);
}

}  // namespace takt
