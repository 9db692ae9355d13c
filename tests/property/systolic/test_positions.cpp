// SPDX-License-Identifier: Apache-2.0
// Which operand and which partial sum stand in which PE: said by a formula of positions that knows
// nothing of waves, compared register by register at random cycles of a 128 x 128 array.

#include <gtest/gtest.h>

#include <functional>

#include "models/common/systolic_array/systolic_array_core.h"
#include "tests/property/systolic/random_tiles.h"

namespace takt {
namespace {

using Array = SystolicArray<std::int8_t, std::int32_t>;
using Sequence = TileSequence<std::int8_t, std::int32_t>;
constexpr std::int64_t kSide = 128;

Sequence::Item random_item(Random& random, std::uint32_t m, std::uint32_t n, std::uint32_t k) {
  Sequence::Item item;
  item.shape.m = m;
  item.shape.n = n;
  item.shape.k = k;
  item.a = random_values<std::int8_t>(random, std::size_t{m} * k);
  item.b = random_values<std::int8_t>(random, std::size_t{k} * n);
  item.out.resize(std::size_t{m} * n);
  return item;
}

MatrixUnit unit_of(Dataflow dataflow) {
  MatrixUnit unit;
  unit.rows = unit.cols = kSide;
  unit.dataflow = dataflow;
  unit.rate[static_cast<std::size_t>(DType::kInt8)] = {1, 1};
  return unit;
}

/// Element (i, j) of a row-major matrix, zero outside it.
std::int32_t element(const std::vector<std::int8_t>& v, std::int64_t rows, std::int64_t cols,
                     std::int64_t i, std::int64_t j) {
  if (i < 0 || j < 0 || i >= rows || j >= cols) return 0;
  return v[static_cast<std::size_t>(i * cols + j)];
}

/// Plays `tile` and, after random cycles, has `check` look at every register as those of `item`.
/// When the array was idle again.
Cycles play(Random& random, Dataflow dataflow, const Sequence::Item& tile,
            std::vector<std::int32_t>& out,
            const std::function<void(const Array&, std::int64_t t)>& check) {
  Array array(unit_of(dataflow), DType::kInt8);
  array.push(array_tile<std::int8_t, std::int32_t>(tile, out));
  auto next = static_cast<std::int64_t>(random.between(0, 20));
  for (std::int64_t t = 0; !array.idle(); ++t) {
    array.step();
    if (t != next) continue;
    check(array, t);
    if (testing::Test::HasFatalFailure()) break;
    next += static_cast<std::int64_t>(random.between(1, 40));
  }
  return array.now();
}

/// Every register of a weight-stationary array that loads from cycle 0 and starts at kSide, after
/// the cycle `t`.
void check_weight_stationary(const Array& array, const Sequence::Item& item, std::int64_t t) {
  const auto& grid = array.stationary_grid();
  const std::int64_t m = item.shape.m, n = item.shape.n, k = item.shape.k;
  for (std::int64_t c = 0; c < kSide; ++c) {
    std::vector<std::int32_t> sum(static_cast<std::size_t>(m), 0);  // of the rows above, by i
    for (std::int64_t r = 0; r < kSide; ++r) {
      const auto row = static_cast<std::size_t>(r), col = static_cast<std::size_t>(c);
      const std::int64_t i = t - kSide - r - c;  // the streamed row that is here now
      const std::int32_t weight = element(item.b, k, n, r, c);
      ASSERT_EQ(grid.moving(row, col), element(item.a, m, k, i, r)) << r << "," << c << "@" << t;
      ASSERT_EQ(grid.stationary(row, col), i >= 0 ? weight : 0) << r << "," << c << "@" << t;
      // Weights come in row 127 first; the one of row d is at row r when d - r rows follow it.
      const std::int64_t behind = std::max<std::int64_t>(kSide - 1 - (t - c), 0);
      const std::int32_t held = t - c < r ? 0 : element(item.b, k, n, r + behind, c);
      ASSERT_EQ(grid.shadow(row, col), held) << r << "," << c << "@" << t;
      for (std::int64_t row_i = 0; row_i < m; ++row_i) {
        sum[static_cast<std::size_t>(row_i)] += element(item.a, m, k, row_i, r) * weight;
      }
      if (i < 0 || i >= m) continue;
      ASSERT_EQ(grid.sum(row, col), sum[static_cast<std::size_t>(i)]) << r << "," << c << "@" << t;
    }
  }
}

TEST(SystolicPositions, WeightStationary) {
  Random random(7);
  const Sequence::Item item = random_item(random, 40, 120, 125);
  std::vector<std::int32_t> out = item.out;
  const Cycles end =
      play(random, Dataflow::kWeightStationary, item, out,
           [&](const Array& array, std::int64_t t) { check_weight_stationary(array, item, t); });
  EXPECT_EQ(end, Cycles(128 + 40 + 254));
}

std::vector<std::int8_t> transposed(const std::vector<std::int8_t>& v, std::size_t rows) {
  const std::size_t cols = v.size() / rows;
  std::vector<std::int8_t> turned(v.size());
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < cols; ++j) turned[j * rows + i] = v[i * cols + j];
  }
  return turned;
}

// Inputs that stay are the weights of the transposed product: register by register the same.
TEST(SystolicPositions, InputStationary) {
  Random random(9);
  const Sequence::Item item = random_item(random, 60, 117, 128);
  Sequence::Item turned;
  turned.shape.m = item.shape.n;
  turned.shape.n = item.shape.m;
  turned.shape.k = item.shape.k;
  turned.a = transposed(item.b, item.shape.k);
  turned.b = transposed(item.a, item.shape.m);
  std::vector<std::int32_t> out(item.out.size());
  const Cycles end =
      play(random, Dataflow::kInputStationary, turned, out,
           [&](const Array& array, std::int64_t t) { check_weight_stationary(array, item, t); });
  EXPECT_EQ(end, Cycles(128 + 60 + 254));
  turned.out.resize(out.size());
  EXPECT_EQ(out, (plain_product<std::int8_t, std::int32_t>(turned)));
}

/// The same of an output-stationary array that starts at 0.
void check_output_stationary(const Array& array, const Sequence::Item& item, std::int64_t t) {
  const auto& grid = array.output_grid();
  const std::int64_t m = item.shape.m, n = item.shape.n, k = item.shape.k;
  for (std::int64_t r = 0; r < kSide; ++r) {
    for (std::int64_t c = 0; c < kSide; ++c) {
      const auto row = static_cast<std::size_t>(r), col = static_cast<std::size_t>(c);
      const std::int64_t e = t - r - c;  // the element of the reduction that is here now
      ASSERT_EQ(grid.moving_right(row, col), element(item.a, m, k, r, e)) << r << "," << c;
      ASSERT_EQ(grid.moving_down(row, col), element(item.b, k, n, e, c)) << r << "," << c;
      std::int32_t sum = 0;
      for (std::int64_t x = 0; x <= std::min(e, k - 1); ++x) {
        sum += element(item.a, m, k, r, x) * element(item.b, k, n, x, c);
      }
      ASSERT_EQ(grid.sum(row, col), sum) << r << "," << c << "@" << t;
      // The shadow chain: filled when the PE is complete; the column moves once its last PE is.
      const std::int64_t moved = std::max<std::int64_t>(t - (k + kSide - 2) - c, 0);
      if (e < k - 1 || moved > r) continue;  // nothing there yet, or all has passed
      std::int32_t held = 0;
      for (std::int64_t x = 0; x < k; ++x) {
        held += element(item.a, m, k, r - moved, x) * element(item.b, k, n, x, c);
      }
      ASSERT_EQ(grid.chain(row, col), held) << r << "," << c << "@" << t;
    }
  }
}

TEST(SystolicPositions, OutputStationary) {
  Random random(8);
  const Sequence::Item item = random_item(random, 128, 120, 50);
  std::vector<std::int32_t> out = item.out;
  const Cycles end =
      play(random, Dataflow::kOutputStationary, item, out,
           [&](const Array& array, std::int64_t t) { check_output_stationary(array, item, t); });
  EXPECT_EQ(end, Cycles(50 + 2 * 128 + 128 - 2));
}

}  // namespace
}  // namespace takt
