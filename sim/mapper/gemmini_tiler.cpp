// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/gemmini_tiler.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace takt {
namespace {

std::int64_t div_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// In the order in which the library looks at them.
using Extents = std::array<std::int64_t, 7>;
constexpr std::size_t kOutRows = 1, kOutCols = 2, kOutChannels = 3, kInChannels = 6;

class ConvTiler {
 public:
  ConvTiler(std::int64_t stride, const GemminiRooms& rooms) : stride_(stride), rooms_(rooms) {}

  // Scratchpad rows: inputs by channels of an array's width, weights likewise by output channels.
  bool fits(const Extents& e) const {
    ++steps_;
    const auto [batch, out_rows, out_cols, out, kernel_rows, kernel_cols, in] = e;
    const std::int64_t in_rows = out_rows * stride_ + kernel_rows - 1;
    const std::int64_t in_cols = out_cols * stride_ + kernel_cols - 1;
    const std::int64_t out_blocks = div_up(out, rooms_.array);
    const std::int64_t inputs = div_up(in, rooms_.array) * batch * in_rows * in_cols;
    const std::int64_t weights = out_blocks * kernel_cols * kernel_rows * in;
    return inputs + weights <= rooms_.scratchpad_rows &&
           out_blocks * batch * out_rows * out_cols <= rooms_.accumulator_rows;
  }

  void shrink_largest(Extents& e) const {
    std::size_t largest = e.size();
    for (std::size_t i = 0; i < e.size(); ++i) {
      // Columns fill the array: they stay as long as there are rows to give.
      if (i == kOutCols && e[i] <= rooms_.array && e[kOutRows] > 1) continue;
      if (largest == e.size() || e[i] > e[largest]) largest = i;
    }
    std::int64_t& extent = e[largest];
    if (largest == kOutChannels || largest == kInChannels) {
      const std::int64_t over = extent % rooms_.array;
      extent = std::max<std::int64_t>(1, extent - (over != 0 ? over : rooms_.array));
    } else {
      --extent;
    }
  }

  bool grow(Extents& e, std::size_t which, const Extents& whole) const {
    Extents larger = e;
    if (++larger[which] > whole[which] || !fits(larger)) return false;
    e = larger;
    return true;
  }
  std::int64_t steps() const { return steps_; }

 private:
  std::int64_t stride_;
  GemminiRooms rooms_;
  mutable std::int64_t steps_ = 0;
};

}  // namespace

GemminiRooms gemmini_rooms(const Machine& machine) {
  constexpr std::int64_t kSumBytes = 4;
  GemminiRooms rooms;
  rooms.array = machine.matrix.rows;
  const auto rows = [&](Bytes size, std::int64_t element) {
    return static_cast<std::int64_t>(size.value()) / (rooms.array * element) / 2;
  };
  rooms.scratchpad_rows = rows(machine.mapper.scratchpad, 1);
  rooms.accumulator_rows = rows(machine.mapper.accumulator, kSumBytes);
  return rooms;
}

GemminiConv gemmini_conv_tile(const GemminiConv& layer, std::int64_t stride,
                              const GemminiRooms& rooms) {
  const ConvTiler tiler(stride, rooms);
  const Extents whole{layer.batch,       layer.out_rows,    layer.out_cols,   layer.out_channels,
                      layer.kernel_rows, layer.kernel_cols, layer.in_channels};
  const Extents least{1, 1, 1, 1, 1, 1, 1};
  Extents e = whole;
  while (!tiler.fits(e) && e != least) tiler.shrink_largest(e);
  while (tiler.grow(e, kOutCols, whole)) {
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (std::size_t i = 0; i < e.size(); ++i) grown |= tiler.grow(e, i, whole);
  }
  return {e[0], e[1], e[2], e[3], e[4], e[5], e[6], tiler.steps()};
}

GemminiMatmul gemmini_matmul_tile(const GemminiMatmul& layer, const GemminiRooms& rooms) {
  const std::int64_t whole_i = div_up(layer.i, rooms.array);
  const std::int64_t whole_j = div_up(layer.j, rooms.array);
  const std::int64_t whole_k = div_up(layer.k, rooms.array);
  const auto sums_fit = [&](std::int64_t i, std::int64_t j) {
    return i * j * rooms.array <= rooms.accumulator_rows;
  };
  const auto operands_fit = [&](std::int64_t i, std::int64_t j, std::int64_t k) {
    return (i * k + k * j) * rooms.array <= rooms.scratchpad_rows;
  };
  const auto side = static_cast<std::int64_t>(
      std::sqrt(static_cast<double>(rooms.accumulator_rows / rooms.array)));
  CHECK(side > 0) << "accumulators of " << rooms.accumulator_rows << " rows for an array of "
                  << rooms.array;  // no machine file says so
  std::int64_t i = std::min(whole_i, side), j = std::min(whole_j, side);
  // Half of the scratchpad rows for each operand.
  std::int64_t k =
      std::min(whole_k, std::max<std::int64_t>(1, rooms.scratchpad_rows / 2 / rooms.array / side));
  for (bool grown = true; grown;) {
    grown = false;
    const auto grow = [&](std::int64_t& extent, std::int64_t whole, bool fits) {
      if (extent >= whole || !fits) return;
      ++extent;
      grown = true;
    };
    grow(j, whole_j, operands_fit(i, j + 1, k) && sums_fit(i, j + 1));
    grow(i, whole_i, operands_fit(i + 1, j, k) && sums_fit(i + 1, j));
    grow(k, whole_k, operands_fit(i, j, k + 1));
  }
  return {i * rooms.array, j * rooms.array, k * rooms.array};
}

RegionMapping gemmini_mapping(const Region& region, const Machine& machine) {
  const MatrixWork& w = region.matrix;
  const GemminiRooms rooms = gemmini_rooms(machine);
  RegionMapping mapping;
  mapping.reload = machine.mapper.reload;
  if (w.r == 1 && w.s == 1 && w.in_w == 1 && w.q == 1) {
    const GemminiMatmul tile = gemmini_matmul_tile({w.p, w.o, w.c}, rooms);
    mapping.p = std::min(tile.i, w.p);
    mapping.o = std::min(tile.j, w.o);
    mapping.c = std::min(tile.k, w.c);
    return mapping;
  }
  const GemminiConv tile =
      gemmini_conv_tile({w.n, w.p, w.q, w.o, w.r, w.s, w.c}, w.stride_h, rooms);
  mapping.n = tile.batch;
  mapping.p = tile.out_rows;
  mapping.q = tile.out_cols;
  mapping.o = tile.out_channels;
  mapping.c = tile.in_channels;
  mapping.steps = tile.steps;
  return mapping;
}

}  // namespace takt
