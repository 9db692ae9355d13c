// SPDX-License-Identifier: Apache-2.0
// Functions of two operands: quantised numbers give wide results, whole numbers wrap.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "elementwise.h"

namespace takt::gpu {
namespace {

enum class Pair : std::uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPow,
  kMax,
  kMin,
  kMod,
  kEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kXor,
  kPRelu,
};
// As lists name them (sim/ir/print_names.cpp), written again: nothing here comes from outside this
// folder. A test holds the two together.
constexpr const char* kPairNames[] = {
    "add",  "sub",        "mul",     "div",           "pow", "max", "min", "mod",  "equal",
    "less", "less_equal", "greater", "greater_equal", "and", "or",  "xor", "prelu"};

template <class V>
TAKT_HD V pair_of(Pair kind, V a, V b) {
  switch (kind) {
    case Pair::kAdd: return a + b;
    case Pair::kSub: return a - b;
    case Pair::kMul: return a * b;
    case Pair::kMax: return a < b ? b : a;
    case Pair::kMin: return b < a ? b : a;
    case Pair::kEqual: return a == b;
    case Pair::kLess: return a < b;
    case Pair::kLessEqual: return a <= b;
    case Pair::kGreater: return a > b;
    case Pair::kGreaterEqual: return a >= b;
    case Pair::kAnd: return a != 0 && b != 0;
    case Pair::kOr: return a != 0 || b != 0;
    case Pair::kXor: return (a != 0) != (b != 0);
    case Pair::kPRelu: return a >= 0 ? a : a * b;
    default: return 0;
  }
}
TAKT_HD Real pair_of_floats(Pair kind, Real a, Real b) {
  switch (kind) {
    case Pair::kDiv: return a / b;
    case Pair::kMod: return std::fmod(a, b);
    case Pair::kPow: return std::pow(a, b);
    default: return pair_of<Real>(kind, a, b);
  }
}
TAKT_HD std::int64_t pair_of_wholes(Pair kind, std::int64_t a, std::int64_t b) {
  switch (kind) {
    case Pair::kDiv: return b == 0 ? 0 : a / b;
    case Pair::kMod: {
      const std::int64_t rest = b == 0 ? 0 : a % b;
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    case Pair::kPow:
      return static_cast<std::int64_t>(std::pow(static_cast<double>(a), static_cast<double>(b)));
    default: return pair_of<std::int64_t>(kind, a, b);
  }
}
/// Wide, but for comparisons and the like.
TAKT_HD std::int64_t pair_of_quantised(Pair kind, std::int64_t a, std::int64_t b, Type type) {
  const std::int64_t unit = unit_of(type);
  switch (kind) {
    case Pair::kDiv: return a * (largest_of(type) + 1) / (b == 0 ? 1 : b);
    case Pair::kPow: {
      if (b == 2 * unit) return a * a;
      if (b == 3 * unit) return a * a * a;
      const double y = std::pow(static_cast<double>(a < 0 ? -a : a) / static_cast<double>(unit),
                                static_cast<double>(b) / static_cast<double>(unit));
      return static_cast<std::int64_t>(std::rint((y < 1e6 ? y : 1e6) * static_cast<double>(unit)));
    }
    case Pair::kPRelu: return a >= 0 ? a : saturate(round_div(a * b, unit), type);
    default: return pair_of_wholes(kind, a, b);
  }
}

template <class X>
struct PairBody {
  X a, b;
  Walk walk_a, walk_b;
  Out out;
  Pair kind;
  bool quantised, is_float;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::int64_t at_a = walk_a.at(i), at_b = walk_b.at(i);
    if (quantised) {
      out.whole(i, pair_of_quantised(kind, a.whole(at_a), b.whole(at_b), out.tensor.type));
    } else if (is_float) {
      out.real(i, pair_of_floats(kind, a.real(at_a), b.real(at_b)));
    } else {
      out.whole(i, pair_of_wholes(kind, a.whole(at_a), b.whole(at_b)));
    }
  }
};

}  // namespace

bool pair_known(const std::string& function) {
  return std::find(std::begin(kPairNames), std::end(kPairNames), function) != std::end(kPairNames);
}

Launch pair(Execution& run, const Op& op) {
  const Shapes s{run, op};
  const auto kind = static_cast<Pair>(
      std::find(std::begin(kPairNames), std::end(kPairNames), op.text("function")) - kPairNames);
  const Any a = s.any(0), b = s.any(1);
  const Walk walk_a = s.walk(0), walk_b = s.walk(1);
  const std::int64_t count = s.count();
  const bool quantised = is_quantised(s.result().type), is_float = info(a.type).is_float;
  return [=](const Out& out) {
    const auto use = [&](auto x, auto y) {
      for_each(count, PairBody<decltype(x)>{x, y, walk_a, walk_b, out, kind, quantised, is_float});
    };
    if (a.type != b.type) return use(a, b);
    by_type(a, [&](auto x) { use(x, decltype(x)(b)); });
  };
}

}  // namespace takt::gpu
