// SPDX-License-Identifier: Apache-2.0
#include "models/common/systolic_array/systolic_timing.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/base/math.h"

namespace takt {
namespace {

/// Reduction elements that `rows` rows of stationary PEs hold: one each, or `rate` each above 1.
std::uint64_t reduction_capacity(const MatrixUnit& array, MacRate rate) {
  const std::uint64_t rows = array.rows;
  return rate.numerator > rate.denominator ? rows * rate.numerator / rate.denominator : rows;
}

/// Rows of PEs that `k` reduction elements occupy.
std::uint64_t reduction_rows(std::uint64_t k, MacRate rate) {
  return rate.numerator > rate.denominator ? mul_div_ceil(k, rate.denominator, rate.numerator) : k;
}

}  // namespace

PassExtents pass_extents(const MatrixUnit& array, const MatrixTile& tile) {
  const MacRate rate = array.rate_of(tile.dtype);
  CHECK(rate.numerator > 0) << "the array does not compute in " << to_string(tile.dtype);
  CHECK(tile.m > 0 && tile.n > 0 && tile.k > 0) << "an empty tile";
  CHECK(tile.blocks > 0 && tile.n % tile.blocks == 0 && tile.k % tile.blocks == 0)
      << tile.blocks << " blocks of " << tile.n << " x " << tile.k;
  PassExtents e;
  switch (array.dataflow) {
    case Dataflow::kWeightStationary:
      e = {tile.m, reduction_rows(tile.k, rate), tile.n};
      CHECK(tile.k <= reduction_capacity(array, rate)) << "k = " << tile.k << " does not fit";
      break;
    case Dataflow::kInputStationary:
      e = {tile.n, reduction_rows(tile.k, rate), tile.m};
      CHECK(tile.k <= reduction_capacity(array, rate)) << "k = " << tile.k << " does not fit";
      break;
    case Dataflow::kOutputStationary: e = {tile.k, tile.m, tile.n}; break;
    case Dataflow::kRowStationary: CHECK(false) << "a row-stationary pass has a timing of its own";
  }
  CHECK(e.used_rows <= array.rows && e.used_cols <= array.cols)
      << "a tile of " << tile.m << " x " << tile.n << " x " << tile.k << " on an array of "
      << array.rows << " x " << array.cols;
  return e;
}

std::uint64_t command_rows(const MatrixUnit& array, std::uint64_t row, std::uint64_t m,
                           std::uint64_t first) {
  if (array.command_rows == 0 || row == 0) return first == 0 ? m : 0;
  const std::uint64_t at = first % row;
  if (at % array.command_rows != 0) return 0;
  return std::min({std::uint64_t{array.command_rows}, row - at, m - first});
}

namespace {

/// A command of x rows takes max(x, interval); an output row is cut into commands from its start.
std::uint64_t cycles_at_interval(const MatrixUnit& array, std::uint64_t row, std::uint64_t m) {
  const std::uint64_t interval = array.command_interval.value(), most = array.command_rows;
  const auto of = [&](std::uint64_t rows) {
    const std::uint64_t rest = rows % most;
    return rows / most * std::max(most, interval) + (rest > 0 ? std::max(rest, interval) : 0);
  };
  return m / row * of(row) + of(m % row);
}

/// Rows of the last command of a pass.
std::uint64_t last_command_rows(const MatrixUnit& array, std::uint64_t row, std::uint64_t m) {
  const std::uint64_t tail = (m - 1) % row + 1;  // of the last output row
  return (tail - 1) % array.command_rows + 1;
}

// The next weights enter beside the last command, and the array is not free for others meanwhile.
// It has caught up with what waited for an interval before:
//   cycles = max(sum of max(x, interval), m - last + max(last, preload))
std::uint64_t cycles_of_commands(const MatrixUnit& array, std::uint64_t row, std::uint64_t m) {
  const std::uint64_t last = last_command_rows(array, row, m);
  return std::max(cycles_at_interval(array, row, m),
                  m - last + std::max(last, array.command_preload.value()));
}

}  // namespace

std::uint64_t least_of_command(const MatrixUnit& array, std::uint64_t row, std::uint64_t m,
                               std::uint64_t first, std::uint64_t rows) {
  const std::uint64_t least = std::max(rows, array.command_interval.value());
  if (row == 0 || first + rows < m) return least;
  return cycles_of_commands(array, row, m) - (cycles_at_interval(array, row, m) - least);
}

std::uint64_t issue_cycles(const MatrixUnit& array, const MatrixTile& tile,
                           std::uint64_t streamed) {
  const MacRate rate = array.rate_of(tile.dtype);
  if (array.command_rows > 0 && tile.row > 0) {
    return cycles_of_commands(array, tile.row, streamed);
  }
  // Below one MAC a cycle a row takes 1/rate cycles. Above, stationary PEs hold more of k instead,
  // and rows still enter one a cycle; with stationary outputs a cycle takes `rate` elements of k.
  const bool one_a_cycle =
      rate.numerator > rate.denominator && array.dataflow != Dataflow::kOutputStationary;
  return one_a_cycle ? streamed : mul_div_ceil(streamed, rate.denominator, rate.numerator);
}

SystolicTiming::SystolicTiming(const Machine& machine)
    : array_(machine.matrix), vector_(machine.vector) {}

// R rows, C columns; README.md, "Equations", has the derivations.
//   stationary operand:  load R, issue S, last result at issue_end + R + C - 2
//   stationary outputs:  issue K, last result at issue_end + 2R + C - 2, columns unload for R
//   SCALE-Sim:           the same load and issue, drain R + C - 2, nothing overlaps
MatrixCost SystolicTiming::matrix(const TileOp& op) const {
  const std::uint64_t rows = array_.rows, cols = array_.cols;
  const PassExtents extents = pass_extents(array_, op.matrix);
  const bool outputs_stay = array_.dataflow == Dataflow::kOutputStationary;
  const bool inputs_stay = array_.dataflow == Dataflow::kInputStationary;
  const bool scalesim = array_.timing == MatrixUnit::Timing::kScaleSim;
  MatrixCost cost;
  cost.issue = Cycles(issue_cycles(array_, op.matrix, extents.streamed));
  // Waiting for the next command is not work.
  const bool commands = array_.command_rows > 0 && op.matrix.row > 0;
  const std::uint64_t active = commands ? extents.streamed : cost.issue.value();
  const uint128 pe_cycles = static_cast<uint128>(active) * extents.used_rows * extents.used_cols;
  // Of a block-diagonal operand the blocks alone are data; with a streamed or outputs held still,
  // a PE has one block's data for that share of the time.
  cost.useful = Cycles(static_cast<std::uint64_t>(pe_cycles / (rows * cols * op.matrix.blocks)));
  cost.drain = Cycles(rows + cols - 2);
  if (outputs_stay) {
    if (!scalesim) {
      cost.unload = Cycles(rows);
      cost.drain += Cycles(rows);
    }
  } else if (op.matrix.load_stationary) {
    cost.load = Cycles(rows);
  }
  if (inputs_stay) cost.stationary = StallCause::kInputs;
  if (scalesim) {
    // A fold with new operands waits for the one before; one that streams on is the same fold.
    cost.overlap_drain = !op.matrix.load_stationary && !outputs_stay;
    cost.counts_from_zero = true;
    cost.layer = op.region;
  }
  cost.overlap_load = cost.overlap_unload = array_.weight_buffers > 1 && !scalesim;
  return cost;
}

}  // namespace takt
