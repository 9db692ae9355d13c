// SPDX-License-Identifier: Apache-2.0
// Layer, group, instance and RMS norm.
#include <cmath>

#include "rows.h"

namespace takt::gpu {
namespace {

template <class X>
struct NormBody {
  X x;
  Any factor, offset;  ///< no data = there is none
  Walk walk_factor, walk_offset;
  RowPlace place;
  Out out;
  bool quantised, centred;
  Real epsilon;

  TAKT_DEVICE void whole_row(Block& block, std::int64_t base) const {
    const std::int64_t n = place.length, unit = unit_of(out.tensor.type);
    std::int64_t mean = 0;
    if (centred) {
      const auto sum = block.together<long long>(
          [&](int thread) {
            long long part = 0;
            for (std::int64_t i = thread; i < n; i += block.threads) {
              part += x.whole(base + place.within.at(i));
            }
            return part;
          },
          Adds<long long>());
      mean = round_div(256 * sum, n);
    }
    const auto squares = block.together<long long>(
        [&](int thread) {
          long long part = 0;
          for (std::int64_t i = thread; i < n; i += block.threads) {
            const std::int64_t d = 256 * x.whole(base + place.within.at(i)) - mean;
            part += d * d;
          }
          return part;
        },
        Adds<long long>());
    const auto deviation = most<std::int64_t>(
        1, static_cast<std::int64_t>(isqrt(static_cast<std::uint64_t>(squares / n))));
    block.each_thread_alone([&](int thread) {
      for (std::int64_t i = thread; i < n; i += block.threads) {
        const std::int64_t at = base + place.within.at(i);
        const std::int64_t y = round_div(unit * (256 * x.whole(at) - mean), deviation);
        const std::int64_t gain = factor.data ? factor.whole(walk_factor.at(at)) : unit;
        const std::int64_t shift = offset.data ? offset.whole(walk_offset.at(at)) : 0;
        out.whole(at, y * gain + unit * shift);
      }
    });
  }
  TAKT_DEVICE void real_row(Block& block, std::int64_t base) const {
    const std::int64_t n = place.length;
    Real mean = 0;
    if (centred) {
      mean = block.together<Real>(
                 [&](int thread) {
                   Real part = 0;
                   for (std::int64_t i = thread; i < n; i += block.threads) {
                     part += x.real(base + place.within.at(i));
                   }
                   return part;
                 },
                 Adds<Real>()) /
             static_cast<Real>(n);
    }
    const Real squares = block.together<Real>(
        [&](int thread) {
          Real part = 0;
          for (std::int64_t i = thread; i < n; i += block.threads) {
            const Real d = x.real(base + place.within.at(i)) - mean;
            part += d * d;
          }
          return part;
        },
        Adds<Real>());
    const Real scale = 1 / std::sqrt(squares / static_cast<Real>(n) + epsilon);
    block.each_thread_alone([&](int thread) {
      for (std::int64_t i = thread; i < n; i += block.threads) {
        const std::int64_t at = base + place.within.at(i);
        Real y = (x.real(at) - mean) * scale;
        if (factor.data) y *= factor.real(walk_factor.at(at));
        if (offset.data) y += offset.real(walk_offset.at(at));
        out.real(at, y);
      }
    });
  }
  TAKT_DEVICE void operator()(Block& block) const {
    const std::int64_t base = place.first.at(block.x);
    quantised ? whole_row(block, base) : real_row(block, base);
  }
};

}  // namespace

Launch norm(Execution& run, const Op& op, const RowPlace& place) {
  const Dims& dims = run.tensor(op.outputs[0]).dims;
  const bool by_channel = op.kind == "instance_norm" || op.kind == "group_norm";
  std::int64_t spatial = 1;
  for (std::size_t d = 2; d < dims.size(); ++d) spatial *= dims[d];
  const auto walk = [&](std::size_t operand) {
    const Dims& own = run.tensor(op.inputs[operand]).dims;
    if (!by_channel) return broadcast(own, dims);
    return walk_over({dims[0], own[0], dims[1] / own[0], spatial}, {0, 1, 0, 0});
  };
  const Any x = run.any(op.inputs[0]);
  Any factor, offset;
  Walk walk_factor, walk_offset;
  if (op.has(1)) factor = run.any(op.inputs[1]), walk_factor = walk(1);
  if (op.has(2)) offset = run.any(op.inputs[2]), walk_offset = walk(2);
  const bool quantised = run.quantised(op.outputs[0]), centred = op.kind != "rms_norm";
  const auto epsilon = static_cast<Real>(op.real("epsilon"));
  return [=](const Out& out) {
    by_type(x, [&](auto typed) {
      each_row(place, NormBody<decltype(typed)>{typed, factor, offset, walk_factor, walk_offset,
                                                place, out, quantised, centred, epsilon});
    });
  };
}

}  // namespace takt::gpu
