// SPDX-License-Identifier: Apache-2.0
// Softmax and ArgMax, and which elements are the rows of an op.
#include <limits>

#include "functions.h"
#include "rows.h"

namespace takt::gpu {
namespace {

template <class X>
struct SoftmaxBody {
  X x;
  RowPlace place;
  Out out;
  bool quantised, logarithm;
  const std::uint32_t* table;
  std::int64_t table_size;

  TAKT_DEVICE std::int64_t power(std::int64_t distance) const {
    return distance < table_size ? table[distance] : 0;
  }
  TAKT_DEVICE void whole_row(Block& block, std::int64_t base) const {
    const std::int64_t n = place.length;
    const auto largest = block.together<long long>(
        [&](int thread) {
          long long high = -(1LL << 40);
          for (std::int64_t i = thread; i < n; i += block.threads) {
            high = most<long long>(high, x.whole(base + place.within.at(i)));
          }
          return high;
        },
        Larger<long long>());
    const auto sum = block.together<long long>(
        [&](int thread) {
          long long part = 0;
          for (std::int64_t i = thread; i < n; i += block.threads) {
            part += power(largest - x.whole(base + place.within.at(i)));
          }
          return part;
        },
        Adds<long long>());
    block.each_thread_alone([&](int thread) {
      for (std::int64_t i = thread; i < n; i += block.threads) {
        const std::int64_t at = base + place.within.at(i);
        out.whole(at, round_div(power(largest - x.whole(at)) << 24, sum));
      }
    });
  }
  TAKT_DEVICE void real_row(Block& block, std::int64_t base) const {
    const std::int64_t n = place.length;
    const Real largest = block.together<Real>(
        [&](int thread) {
          Real high = -std::numeric_limits<Real>::infinity();
          for (std::int64_t i = thread; i < n; i += block.threads) {
            high = most<Real>(high, x.real(base + place.within.at(i)));
          }
          return high;
        },
        Larger<Real>());
    const Real sum = block.together<Real>(
        [&](int thread) {
          Real part = 0;
          for (std::int64_t i = thread; i < n; i += block.threads) {
            part += std::exp(x.real(base + place.within.at(i)) - largest);
          }
          return part;
        },
        Adds<Real>());
    const Real offset = std::log(sum);
    block.each_thread_alone([&](int thread) {
      for (std::int64_t i = thread; i < n; i += block.threads) {
        const std::int64_t at = base + place.within.at(i);
        const Real value = x.real(at) - largest;
        out.real(at, logarithm ? value - offset : std::exp(value) / sum);
      }
    });
  }
  TAKT_DEVICE void operator()(Block& block) const {
    const std::int64_t base = place.first.at(block.x);
    quantised ? whole_row(block, base) : real_row(block, base);
  }
};

/// The first of the largest. Whole numbers are compared as such: floats hold only those up to 2^24.
struct ArgMaxBody {
  Any x;
  RowPlace place;
  Out out;
  bool is_float;
  TAKT_HD bool less(std::int64_t a, std::int64_t b) const {
    return is_float ? x.real(a) < x.real(b) : x.whole(a) < x.whole(b);
  }
  TAKT_HD void operator()(std::int64_t row) const {
    const std::int64_t base = place.first.at(row);
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < place.length; ++i) {
      if (less(base + place.within.at(best), base + place.within.at(i))) best = i;
    }
    out.whole(row, best);
  }
};

RowPlace place_of(const Execution& run, const Op& op) {
  Dims dims = run.tensor(op.inputs[0]).dims;
  std::vector<bool> inside(dims.size(), false);
  const Dims axes = op.whole_list("axes");
  if (op.kind == "instance_norm") {
    for (std::size_t d = 2; d < dims.size(); ++d) inside[d] = true;
  } else if (op.kind == "group_norm") {
    dims[1] /= op.whole("groups");
    dims.insert(dims.begin() + 1, op.whole("groups"));
    inside.assign(dims.size(), true);
    inside[0] = inside[1] = false;
  } else if (axes.empty()) {
    inside.assign(dims.size(), true);
  } else {
    for (const std::int64_t axis : axes) inside[static_cast<std::size_t>(axis)] = true;
  }
  const Dims dense = dense_strides(dims);
  Dims outer, outer_strides, inner, inner_strides;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    (inside[d] ? inner : outer).push_back(dims[d]);
    (inside[d] ? inner_strides : outer_strides).push_back(dense[d]);
  }
  RowPlace place;
  place.first = walk_over(outer, outer_strides);
  place.within = walk_over(inner, inner_strides);
  place.rows = elements_of(outer);
  place.length = elements_of(inner);
  return place;
}

}  // namespace

Launch rows(Execution& run, const Op& op) {
  const RowPlace place = place_of(run, op);
  const Any x = run.any(op.inputs[0]);
  const bool quantised = run.quantised(op.outputs[0]);
  if (op.kind == "arg_max") {
    const bool is_float = info(x.type).is_float;
    return [=](const Out& out) { for_each(place.rows, ArgMaxBody{x, place, out, is_float}); };
  }
  if (op.kind == "softmax") {
    std::vector<std::uint32_t> powers;
    if (quantised) powers = softmax_table(x.type);
    const Memory table = on_device(powers);
    const auto size = static_cast<std::int64_t>(powers.size());
    const bool logarithm = op.whole("logarithm") != 0;
    return [=](const Out& out) {
      by_type(x, [&](auto typed) {
        each_row(place, SoftmaxBody<decltype(typed)>{typed, place, out, quantised, logarithm,
                                                     table.data<std::uint32_t>(), size});
      });
    };
  }
  if (op.kind == "reduce") return reduce(run, op, place);
  return norm(run, op, place);
}

}  // namespace takt::gpu
