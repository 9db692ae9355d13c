// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/row_pass.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/base/math.h"

namespace takt {
namespace {

/// What one PE works on, dealt out evenly over the sets that are used.
struct PeShare {
  std::uint64_t filters = 1, channels = 1, filter_sets = 1, channel_sets = 1;
};

PeShare share_of(const RowPass& pass) {
  PeShare share;
  const std::uint64_t least = 1;
  share.filter_sets = std::max(least, ceil_div(pass.filters, std::uint64_t{pass.sets.filters}));
  share.channel_sets = std::max(least, ceil_div(pass.channels, std::uint64_t{pass.sets.channels}));
  share.filters = ceil_div(pass.filters, share.filter_sets);
  share.channels = ceil_div(pass.channels, share.channel_sets);
  return share;
}

}  // namespace

RowPass row_pass(const TileOp& op) {
  const auto count = [](const Range& range) { return static_cast<std::uint64_t>(range.count); };
  RowPass pass;
  pass.images = count(op.place.n);
  pass.rows = count(op.place.p);
  pass.cols = count(op.place.q);
  pass.filters = op.matrix.n;
  pass.channels = count(op.place.c);
  pass.sets = op.matrix.rows;
  pass.dtype = op.matrix.dtype;
  return pass;
}

std::uint64_t pe_sets_max(const MatrixUnit& array, std::uint64_t kernel_rows, std::uint64_t rows) {
  if (rows <= array.cols) return (array.rows / kernel_rows) * (array.cols / rows);
  return array.rows / (kernel_rows * ceil_div(rows, std::uint64_t{array.cols}));
}

// R x S kernel, stride U, e x F outputs of n images; p filters and q channels in a PE.
//   load  = filters · channels · R · S / filter lanes
//   fill  = ((e-1)·U + R) · channels · S / input lanes: every PE's first window
//   work  = n · F · p · q·S / rate: the sum from the PE below comes in between two products
//   sums  = n · e · F · filters / sum lanes: each leaves the array, and comes back for the next
//   pass input = n · channels · ((e-1)·U + R) · ((F-1)·U + S) / input lanes issue = max(fill +
//   max(work, sums), input)
RowPassCost row_pass_cost(const MatrixUnit& array, const RowPass& pass) {
  const RowStationary& pe = array.row_stationary;
  const PeShare share = share_of(pass);
  const std::uint64_t r = pass.sets.kernel_rows, s = pass.sets.kernel_cols;
  CHECK(r > 0 && s > 0) << "a row-stationary pass without a kernel";
  CHECK(share.filter_sets * share.channel_sets <= pe_sets_max(array, r, pass.rows))
      << share.filter_sets << " x " << share.channel_sets << " sets of " << r << " x " << pass.rows
      << " PEs on an array of " << array.rows << " x " << array.cols;
  CHECK(share.filters <= pe.sum_words && share.channels * s <= pe.input_words &&
        share.filters * share.channels * s <= pe.filter_words)
      << share.filters << " filters x " << share.channels << " channels x " << s
      << " do not fit the scratchpads";
  const MacRate rate = array.rate_of(pass.dtype);
  CHECK(rate.numerator > 0) << "the array does not compute in " << to_string(pass.dtype);
  const std::uint64_t outputs = pass.images * pass.rows * pass.cols;
  const std::uint64_t in_rows = (pass.rows - 1) * pass.sets.stride_rows + r;
  const std::uint64_t in_cols = (pass.cols - 1) * pass.sets.stride_cols + s;
  const std::uint64_t macs = outputs * pass.filters * pass.channels * r * s;
  RowPassCost cost;
  cost.load = ceil_div(pass.filters * pass.channels * r * s, std::uint64_t{pe.filter_lanes});
  const std::uint64_t fill = ceil_div(in_rows * pass.channels * s, std::uint64_t{pe.input_lanes});
  const std::uint64_t window = mul_div_ceil(share.channels * s, rate.denominator, rate.numerator);
  const std::uint64_t work = pass.images * pass.cols * share.filters * window;
  const std::uint64_t sums = ceil_div(outputs * pass.filters, std::uint64_t{pe.sum_lanes});
  const std::uint64_t input =
      ceil_div(pass.images * pass.channels * in_rows * in_cols, std::uint64_t{pe.input_lanes});
  cost.issue = std::max(fill + std::max(work, sums), input);
  cost.drain = r * share.channel_sets;
  cost.useful =
      static_cast<std::uint64_t>(static_cast<uint128>(macs) * rate.denominator /
                                 (std::uint64_t{array.rows} * array.cols * rate.numerator));
  return cost;
}

// A multiply-accumulate reads an input, a filter and a sum and writes the sum. Scratchpads are
// filled by each filter row in the e PEs of its set, and by U columns of inputs a window.
RowPassActions row_pass_actions(const RowPass& pass) {
  constexpr std::uint64_t kMillion = 1'000'000, kAccessesAMac = 4;
  const PeShare share = share_of(pass);
  const std::uint64_t r = pass.sets.kernel_rows, s = pass.sets.kernel_cols;
  const std::uint64_t windows = pass.images * pass.rows * pass.cols;
  const std::uint64_t macs = windows * pass.filters * pass.channels * r * s;
  const std::uint64_t fresh = std::min<std::uint64_t>(pass.sets.stride_cols, s);
  RowPassActions actions;
  actions.macs =
      macs - static_cast<std::uint64_t>(static_cast<uint128>(macs) * pass.sets.zero_ppm / kMillion);
  actions.scratchpads = kAccessesAMac * actions.macs +
                        pass.filters * pass.channels * r * s * pass.rows +
                        windows * share.filter_sets * pass.channels * r * fresh;
  actions.hops = windows * pass.filters * (r * share.channel_sets - 1);
  return actions;
}

}  // namespace takt
