// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random arrays and random sequences of tiles with values, for all that must hold for any of them.

#include <deque>
#include <string>
#include <vector>

#include "models/common/systolic_array/array_tile.h"
#include "sim/base/random.h"
#include "sim/machine/machine.h"
#include "sim/program/tile_op.h"

namespace takt {

/// A sequence of tiles on one array: shapes, values, and when operands arrive.
template <class Operand, class Sum>
struct TileSequence {
  struct Item {
    MatrixTile shape;
    std::vector<Operand> a, b;  ///< [m, k], [k, n]
    std::vector<Sum> out;       ///< [m, n], as it was before
    Cycles a_ready{}, b_ready{};
  };
  MatrixUnit unit;
  DType dtype = DType::kInt8;
  std::deque<Item> items;
};

template <class T>
std::vector<T> random_values(Random& random, std::size_t count) {
  std::vector<T> values(count);
  for (T& v : values) v = static_cast<T>(static_cast<std::int64_t>(random.next() % 65536) - 32768);
  return values;
}
template <>
inline std::vector<float> random_values(Random& random, std::size_t count) {
  std::vector<float> values(count);
  // Small whole numbers: sums of products are then exact in any order.
  for (float& v : values) v = static_cast<float>(static_cast<int>(random.next() % 17) - 8);
  return values;
}

inline MatrixUnit random_unit(Random& random, DType dtype, std::uint32_t side_max) {
  MatrixUnit unit;
  unit.rows = static_cast<std::uint32_t>(random.between(1, side_max));
  unit.cols = static_cast<std::uint32_t>(random.between(1, side_max));
  unit.dataflow = static_cast<Dataflow>(random.between(0, 2));
  unit.weight_buffers = static_cast<std::uint32_t>(random.between(1, 2));
  if (random.between(0, 4) == 0) unit.timing = MatrixUnit::Timing::kScaleSim;
  static constexpr MacRate kRates[] = {{1, 1}, {1, 1}, {1, 1}, {1, 2}, {1, 4},
                                       {2, 3}, {3, 7}, {2, 1}, {4, 1}};
  const MacRate rate = kRates[random.between(0, std::size(kRates) - 1)];
  unit.rate[static_cast<std::size_t>(dtype)] = rate;
  const bool may_command = unit.dataflow == Dataflow::kWeightStationary && rate.denominator == 1 &&
                           unit.timing == MatrixUnit::Timing::kPipelined;
  if (may_command && random.between(0, 2) == 0) {
    unit.command_rows = static_cast<std::uint32_t>(random.between(1, side_max));
    unit.command_interval = Cycles(random.between(0, 2ULL * side_max));
    unit.command_preload = Cycles(random.between(0, 3ULL * side_max));
  }
  return unit;
}

/// Reduction elements of a pass: what the stationary PEs hold; any number if outputs stay.
inline std::uint32_t depth_max(const MatrixUnit& unit, DType dtype) {
  const MacRate rate = unit.rate_of(dtype);
  if (unit.dataflow == Dataflow::kOutputStationary) return 3 * unit.rows;
  return unit.rows * std::max<std::uint32_t>(1, rate.numerator / rate.denominator);
}

template <class Operand, class Sum>
TileSequence<Operand, Sum> random_sequence(Random& random, DType dtype, std::uint32_t side_max,
                                           bool random_arrival) {
  TileSequence<Operand, Sum> s;
  s.dtype = dtype;
  s.unit = random_unit(random, dtype, side_max);
  const MatrixUnit& u = s.unit;
  std::uint32_t m_max = 3 * u.rows, n_max = u.cols;
  if (u.dataflow == Dataflow::kInputStationary) m_max = u.cols, n_max = 3 * u.rows;
  if (u.dataflow == Dataflow::kOutputStationary) m_max = u.rows;
  const std::uint64_t count = random.between(1, 8);
  const auto pick = [&](std::uint32_t max) {  // full tiles are the common case
    return random.between(0, 2) == 0 ? max : static_cast<std::uint32_t>(random.between(1, max));
  };
  for (std::uint64_t i = 0; i < count; ++i) {
    typename TileSequence<Operand, Sum>::Item item;
    MatrixTile& t = item.shape;
    t.m = pick(m_max);
    t.n = pick(n_max);
    t.k = pick(depth_max(u, dtype));
    t.dtype = dtype;
    t.accumulate = random.between(0, 1) == 1;
    if (u.command_rows > 0) t.row = static_cast<std::uint32_t>(random.between(1, t.m));
    item.a = random_values<Operand>(random, std::size_t{t.m} * t.k);
    item.b = random_values<Operand>(random, std::size_t{t.k} * t.n);
    if (i > 0 && u.dataflow != Dataflow::kOutputStationary && random.between(0, 3) == 0) {
      // The same stationary operand once more: its extents and values are those of the last one.
      const auto& last = s.items.back();
      t.load_stationary = false;
      t.k = last.shape.k;
      if (u.dataflow == Dataflow::kWeightStationary) {
        t.n = last.shape.n;
        item.b = last.b;
        item.a = random_values<Operand>(random, std::size_t{t.m} * t.k);
      } else {
        t.m = last.shape.m;
        item.a = last.a;
        item.b = random_values<Operand>(random, std::size_t{t.k} * t.n);
      }
    }
    item.out = random_values<Sum>(random, std::size_t{t.m} * t.n);
    if (random_arrival) {
      const std::uint64_t span = i * (u.rows + u.cols + t.m);
      item.a_ready = Cycles(random.between(0, 2) == 0 ? 0 : random.between(0, span));
      item.b_ready = Cycles(random.between(0, 2) == 0 ? 0 : random.between(0, span));
    }
    if (!t.load_stationary) {
      (u.dataflow == Dataflow::kWeightStationary ? item.b_ready : item.a_ready) = Cycles(0);
    }
    s.items.push_back(std::move(item));
  }
  return s;
}

/// One to eight products of up to three times the array in every dimension, cut into its passes,
/// edges ragged: what is behind the stationary operand streams in one piece or in several, which
/// use it again, and partial sums are added up over the pieces of k.
template <class Operand, class Sum>
TileSequence<Operand, Sum> random_products(Random& random, DType dtype, std::uint32_t side_max) {
  TileSequence<Operand, Sum> s;
  s.dtype = dtype;
  s.unit = random_unit(random, dtype, side_max);
  const MatrixUnit& u = s.unit;
  const bool outputs_stay = u.dataflow == Dataflow::kOutputStationary;
  const bool turned = u.dataflow == Dataflow::kInputStationary;
  const std::uint32_t depth = outputs_stay ? u.rows : depth_max(u, dtype);
  for (std::uint64_t products = random.between(1, 8); products > 0; --products) {
    // Seen from the array: k elements a row of `wide` results, `stream` of them behind each other.
    const auto wide = static_cast<std::uint32_t>(random.between(1, 3ULL * u.cols));
    const auto stream = static_cast<std::uint32_t>(random.between(1, 3ULL * u.rows));
    const auto k = static_cast<std::uint32_t>(random.between(1, 3ULL * depth));
    const bool pieces = !outputs_stay && random.between(0, 1) == 1;
    const std::uint32_t stream_max = outputs_stay || pieces ? u.rows : stream;
    for (std::uint32_t w = 0; w < wide; w += u.cols) {
      for (std::uint32_t e = 0; e < k; e += depth) {
        for (std::uint32_t i = 0; i < stream; i += stream_max) {
          typename TileSequence<Operand, Sum>::Item item;
          const std::uint32_t across = std::min(u.cols, wide - w);
          const std::uint32_t along = std::min(stream_max, stream - i);
          item.shape.m = turned ? across : along;
          item.shape.n = turned ? along : across;
          item.shape.k = std::min(depth, k - e);
          item.shape.dtype = dtype;
          item.shape.accumulate = e > 0;
          item.shape.load_stationary = outputs_stay || i == 0;
          item.a = random_values<Operand>(random, std::size_t{item.shape.m} * item.shape.k);
          item.b = random_values<Operand>(random, std::size_t{item.shape.k} * item.shape.n);
          if (!item.shape.load_stationary) {
            (turned ? item.a : item.b) = turned ? s.items.back().a : s.items.back().b;
          }
          item.out = random_values<Sum>(random, std::size_t{item.shape.m} * item.shape.n);
          s.items.push_back(std::move(item));
        }
      }
    }
  }
  return s;
}

/// out (+)= a * b in plain loops, sums wrapping in 32 bits.
template <class Operand, class Sum>
std::vector<Sum> plain_product(const typename TileSequence<Operand, Sum>::Item& item) {
  const MatrixTile& t = item.shape;
  std::vector<Sum> out(item.out.size());
  for (std::size_t i = 0; i < t.m; ++i) {
    for (std::size_t j = 0; j < t.n; ++j) {
      Sum sum{};
      for (std::size_t e = 0; e < t.k; ++e) {
        sum = ResultTarget<Sum>::wrapping_sum(
            sum, static_cast<Sum>(item.a[i * t.k + e]) * static_cast<Sum>(item.b[e * t.n + j]));
      }
      const Sum before = t.accumulate ? item.out[i * t.n + j] : Sum{};
      out[i * t.n + j] = ResultTarget<Sum>::wrapping_sum(before, sum);
    }
  }
  return out;
}

/// The tile as the array takes it; its values stay the item's.
template <class Operand, class Sum>
ArrayTile<Operand, Sum> array_tile(const typename TileSequence<Operand, Sum>::Item& item,
                                   std::vector<Sum>& out) {
  const MatrixTile& t = item.shape;
  ArrayTile<Operand, Sum> tile;
  tile.m = t.m;
  tile.n = t.n;
  tile.k = t.k;
  tile.row = t.row;
  tile.load_stationary = t.load_stationary;
  tile.accumulate = t.accumulate;
  tile.a = {item.a.data(), static_cast<std::ptrdiff_t>(t.k), 1};
  tile.b = {item.b.data(), static_cast<std::ptrdiff_t>(t.n), 1};
  tile.out = {out.data(), static_cast<std::ptrdiff_t>(t.n), 1};
  tile.a_ready = item.a_ready;
  tile.b_ready = item.b_ready;
  return tile;
}

/// What a failing case prints, so that it can be understood without running it.
template <class Operand, class Sum>
std::string describe(const TileSequence<Operand, Sum>& s) {
  static constexpr const char* kFlows[] = {"ws", "os", "is"};
  std::string text = std::string(kFlows[static_cast<int>(s.unit.dataflow)]) + " " +
                     std::to_string(s.unit.rows) + "x" + std::to_string(s.unit.cols) +
                     " buffers=" + std::to_string(s.unit.weight_buffers) +
                     " rate=" + std::to_string(s.unit.rate_of(s.dtype).numerator) + "/" +
                     std::to_string(s.unit.rate_of(s.dtype).denominator) +
                     (s.unit.timing == MatrixUnit::Timing::kScaleSim ? " scalesim" : "");
  if (s.unit.command_rows > 0) {
    text += " commands of " + std::to_string(s.unit.command_rows) + " a " +
            std::to_string(s.unit.command_interval.value()) + ", the last " +
            std::to_string(s.unit.command_preload.value());
  }
  for (const auto& item : s.items) {
    text += "\n  m=" + std::to_string(item.shape.m) + " n=" + std::to_string(item.shape.n) +
            " k=" + std::to_string(item.shape.k) + " row=" + std::to_string(item.shape.row) +
            (item.shape.load_stationary ? "" : " reuse") + " a@" +
            std::to_string(item.a_ready.value()) + " b@" + std::to_string(item.b_ready.value());
  }
  return text;
}

}  // namespace takt
