// SPDX-License-Identifier: Apache-2.0
// Reductions of a row to one number.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "rows.h"

namespace takt::gpu {
namespace {

enum class Fold : std::uint8_t {
  kSum,
  kMean,
  kMax,
  kMin,
  kProd,
  kL1,
  kL2,
  kSumSquare,
  kLogSum,
  kLogSumExp,
};
// As lists name them (see kPairNames).
constexpr const char* kFoldNames[] = {"sum", "mean", "max",        "min",     "prod",
                                      "l1",  "l2",   "sum_square", "log_sum", "log_sum_exp"};

/// What one element adds to a fold, and how two parts are put together.
template <class R>
struct Folding {
  Fold kind;
  TAKT_HD R start() const {
    if (kind == Fold::kMax || kind == Fold::kLogSumExp) return -std::numeric_limits<R>::max();
    if (kind == Fold::kMin) return std::numeric_limits<R>::max();
    return kind == Fold::kProd ? R(1) : R(0);
  }
  TAKT_HD R of(R x) const {
    if (kind == Fold::kL1) return x < 0 ? -x : x;
    return kind == Fold::kL2 || kind == Fold::kSumSquare ? x * x : x;
  }
  TAKT_HD R operator()(R a, R b) const {
    switch (kind) {
      case Fold::kMax:
      case Fold::kLogSumExp: return a < b ? b : a;
      case Fold::kMin: return b < a ? b : a;
      case Fold::kProd: return a * b;
      default: return a + b;
    }
  }
};

template <class X>
struct ReduceBody {
  X x;
  RowPlace place;
  Out out;
  bool whole, quantised;
  Fold kind;

  TAKT_DEVICE void whole_row(Block& block, std::int64_t base) const {
    const Folding<long long> folding{kind};
    long long all = block.together<long long>(
        [&](int thread) {
          long long part = folding.start();
          for (std::int64_t i = thread; i < place.length; i += block.threads) {
            part = folding(part, folding.of(x.whole(base + place.within.at(i))));
          }
          return part;
        },
        folding);
    // Means of whole numbers that are no quantised ones are cut off.
    if (kind == Fold::kMean) {
      all = quantised ? round_div(all, place.length) : all / place.length;
    }
    if (kind == Fold::kL2) all = static_cast<long long>(isqrt(static_cast<std::uint64_t>(all)));
    block.each_thread_alone([&](int thread) {
      if (thread == 0) out.whole(block.x, all);
    });
  }
  TAKT_DEVICE void real_row(Block& block, std::int64_t base) const {
    const Folding<Real> folding{kind};
    Real all = block.together<Real>(
        [&](int thread) {
          Real part = folding.start();
          for (std::int64_t i = thread; i < place.length; i += block.threads) {
            part = folding(part, folding.of(x.real(base + place.within.at(i))));
          }
          return part;
        },
        folding);
    if (kind == Fold::kLogSumExp) {
      const Real high = all;
      all = high + std::log(block.together<Real>(
                       [&](int thread) {
                         Real part = 0;
                         for (std::int64_t i = thread; i < place.length; i += block.threads) {
                           part += std::exp(x.real(base + place.within.at(i)) - high);
                         }
                         return part;
                       },
                       Adds<Real>()));
    }
    if (kind == Fold::kMean) all /= static_cast<Real>(place.length);
    if (kind == Fold::kL2) all = std::sqrt(all);
    if (kind == Fold::kLogSum) all = std::log(all);
    block.each_thread_alone([&](int thread) {
      if (thread == 0) out.real(block.x, all);
    });
  }
  TAKT_DEVICE void operator()(Block& block) const {
    const std::int64_t base = place.first.at(block.x);
    whole ? whole_row(block, base) : real_row(block, base);
  }
};

}  // namespace

bool reduction_known(const std::string& function) {
  return std::find(std::begin(kFoldNames), std::end(kFoldNames), function) != std::end(kFoldNames);
}

Launch reduce(Execution& run, const Op& op, const RowPlace& place) {
  const Any x = run.any(op.inputs[0]);
  const bool quantised = run.quantised(op.outputs[0]);
  const auto kind = static_cast<Fold>(
      std::find(std::begin(kFoldNames), std::end(kFoldNames), op.text("function")) - kFoldNames);
  const bool whole = !info(x.type).is_float;
  return [=](const Out& out) {
    by_type(x, [&](auto typed) {
      each_row(place, ReduceBody<decltype(typed)>{typed, place, out, whole, quantised, kind});
    });
  };
}

}  // namespace takt::gpu
