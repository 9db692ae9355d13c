// SPDX-License-Identifier: Apache-2.0
// Ops that make each element of their result from one element of each operand.
#include "elementwise.h"
#include "functions.h"

namespace takt::gpu {
namespace {

/// A function of one operand: quantised numbers by table, floats as it is, others in double.
template <class X>
struct UnaryBody {
  X x;
  Walk walk;
  Out out;
  const std::int32_t* table;
  std::int64_t zero;  ///< the table's entry of q = 0
  bool whole;
  Function function;
  double a, b;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::int64_t at = walk.at(i);
    if (table != nullptr) {
      out.whole(i, table[x.whole(at) + zero]);
    } else if (whole) {
      const auto value = static_cast<double>(x.whole(at));
      out.whole(i, static_cast<std::int64_t>(apply<double>(function, a, b, value)));
    } else {
      out.real(i, apply<Real>(function, static_cast<Real>(a), static_cast<Real>(b), x.real(at)));
    }
  }
};

struct ClipBody {
  Any x;
  Walk walk;
  Out out;
  bool is_float;
  double low, high;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::int64_t at = walk.at(i);
    if (is_float) {
      out.real(i, clamped<Real>(x.real(at), static_cast<Real>(low), static_cast<Real>(high)));
    } else {
      out.whole(i, static_cast<std::int64_t>(
                       clamped<double>(static_cast<double>(x.whole(at)), low, high)));
    }
  }
};

struct CastBody {
  Any x;
  Walk walk;
  Out out;
  bool from_float, to_float;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::int64_t at = walk.at(i);
    const Type from = x.type, to = out.tensor.type;
    const bool from_quantised = is_quantised(from), to_quantised = is_quantised(to);
    if (from_quantised == to_quantised) {
      if (from_float || to_float) {
        out.real(i, x.real(at));  // cut off by the store
      } else {
        out.whole(i, x.whole(at));
      }
    } else if (to_quantised) {
      const double value =
          from_float ? static_cast<double>(x.real(at)) : static_cast<double>(x.whole(at));
      const double q =
          std::rint(clamped<double>(value, -1e6, 1e6) * static_cast<double>(unit_of(to)));
      out.whole(i, saturate(static_cast<std::int64_t>(q), to));
    } else if (to == Type::kBool) {
      out.whole(i, x.whole(at) != 0);
    } else if (to_float) {
      out.real(i, static_cast<Real>(x.whole(at)) / static_cast<Real>(unit_of(from)));
    } else {
      out.whole(i, x.whole(at) / unit_of(from));
    }
  }
};

struct SumBody {
  static constexpr int kMost = 8;
  Any x[kMost];
  Walk walk[kMost];
  int operands;
  bool is_float;
  Out out;
  TAKT_HD void operator()(std::int64_t i) const {
    Real real = 0;
    std::int64_t whole = 0;
    for (int o = 0; o < operands; ++o) {
      if (is_float) real += x[o].real(walk[o].at(i));
      if (!is_float) whole += x[o].whole(walk[o].at(i));
    }
    is_float ? out.real(i, real) : out.whole(i, whole);
  }
};

struct WhereBody {
  Any condition, yes, no;
  Walk walk_condition, walk_yes, walk_no;
  bool is_float;
  Out out;
  TAKT_HD void operator()(std::int64_t i) const {
    const bool chosen = condition.real(walk_condition.at(i)) != 0;
    const Any& x = chosen ? yes : no;
    const std::int64_t at = (chosen ? walk_yes : walk_no).at(i);
    is_float ? out.real(i, x.real(at)) : out.whole(i, x.whole(at));
  }
};

/// x, factor, offset, mean, variance.
struct BatchNormBody {
  Any x, factor, offset, mean, variance;
  Walk channel;
  bool quantised;
  Real epsilon;
  Out out;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::int64_t c = channel.at(i);
    if (quantised) {
      out.whole(i, (x.whole(i) - mean.whole(c)) * factor.whole(c) +
                       unit_of(out.tensor.type) * offset.whole(c));
      return;
    }
    const Real deviation = std::sqrt(variance.real(c) + epsilon);
    out.real(i, (x.real(i) - mean.real(c)) / deviation * factor.real(c) + offset.real(c));
  }
};

Launch unary(Execution& run, const Op& op) {
  const Shapes s{run, op};
  Function function{};
  function_from(op.text("function"), &function);
  const double a = op.real("alpha"), b = op.real("beta");
  const Type type = s.result().type;
  Memory table;
  std::int64_t zero = 0;
  if (is_quantised(type)) {
    table = on_device(table_of(function, a, b, type));
    zero = largest_of(type) + 1;
  }
  const Any x = s.any(0);
  const Walk walk = s.walk(0);
  const std::int64_t count = s.count();
  const bool whole = !info(x.type).is_float;
  return [=](const Out& out) {
    by_type(x, [&](auto typed) {
      for_each(count, UnaryBody<decltype(typed)>{typed, walk, out, table.data<std::int32_t>(), zero,
                                                 whole, function, a, b});
    });
  };
}

Launch batch_norm(Execution& run, const Op& op) {
  const Shapes s{run, op};
  const Dims& dims = s.result().dims;
  std::int64_t spatial = 1;
  for (std::size_t d = 2; d < dims.size(); ++d) spatial *= dims[d];
  BatchNormBody body{s.any(0),
                     s.any(1),
                     s.any(2),
                     s.any(3),
                     s.any(4),
                     walk_over({dims[0], dims[1], spatial}, {0, 1, 0}),
                     is_quantised(s.result().type),
                     static_cast<Real>(op.real("epsilon")),
                     {}};
  const std::int64_t count = s.count();
  return [=](const Out& out) mutable {
    body.out = out;
    for_each(count, body);
  };
}

Launch sum(Execution& run, const Op& op) {
  const Shapes s{run, op};
  SumBody body{};
  body.is_float = s.is_float();
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (!op.has(i)) continue;
    body.x[body.operands] = s.any(i);
    body.walk[body.operands++] = s.walk(i);
  }
  const std::int64_t count = s.count();
  return [=](const Out& out) mutable {
    body.out = out;
    for_each(count, body);
  };
}

}  // namespace

Launch elementwise(Execution& run, const Op& op) {
  const Shapes s{run, op};
  const std::int64_t count = s.count();
  if (op.kind == "unary") return unary(run, op);
  if (op.kind == "binary") return pair(run, op);
  if (op.kind == "sum") return sum(run, op);
  if (op.kind == "batch_norm") return batch_norm(run, op);
  if (op.kind == "where") {
    WhereBody body{s.any(0), s.any(1), s.any(2), s.walk(0), s.walk(1), s.walk(2), s.is_float(), {}};
    return [=](const Out& out) mutable {
      body.out = out;
      for_each(count, body);
    };
  }
  if (op.kind == "clip") {
    double low = op.real("low"), high = op.real("high");
    if (is_quantised(s.result().type)) {
      low = static_cast<double>(quantised(low, s.result().type));
      high = static_cast<double>(quantised(high, s.result().type));
    }
    ClipBody body{s.any(0), s.walk(0), {}, s.is_float(), low, high};
    return [=](const Out& out) mutable {
      body.out = out;
      for_each(count, body);
    };
  }
  CastBody body{s.any(0), s.walk(0), {}, info(s.any(0).type).is_float, s.is_float()};
  return [=](const Out& out) mutable {
    body.out = out;
    for_each(count, body);
  };
}

}  // namespace takt::gpu
