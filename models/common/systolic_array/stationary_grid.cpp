// SPDX-License-Identifier: Apache-2.0
#include "models/common/systolic_array/stationary_grid.h"

#include "models/common/systolic_array/mac_row.h"

namespace takt {

template <class Operand, class Sum>
StationaryGrid<Operand, Sum>::StationaryGrid(std::size_t rows, std::size_t cols, std::size_t planes,
                                             bool shadow)
    : rows_(rows),
      cols_(cols),
      planes_(planes),
      has_shadow_(shadow),
      stream_in_(rows, planes),
      stationary_in_(cols, planes),
      moving_(planes, ShiftRows<Operand>(rows, cols)),
      active_(planes, std::vector<Operand>(rows * cols)),
      shadow_(shadow ? active_ : Set{}),
      sums_((rows + 1) * cols),
      tag_delay_(rows),
      tags_(1, cols) {
  stream_in_.advance();
  stationary_in_.advance();
}

template <class Operand, class Sum>
void StationaryGrid<Operand, Sum>::feed_stationary(const MatrixView<const Operand>& operand,
                                                   std::size_t d, std::size_t k, std::size_t n) {
  for (std::size_t u = 0; u < planes_ && d * planes_ + u < k; ++u) {
    for (std::size_t c = 0; c < n; ++c) {
      stationary_in_.entering(c, u) = operand.at(d * planes_ + u, c);
    }
  }
}

template <class Operand, class Sum>
void StationaryGrid<Operand, Sum>::feed_stream(const MatrixView<const Operand>& operand,
                                               std::size_t i, std::size_t k,
                                               const ResultTarget<Sum>* target, std::uint64_t tile,
                                               bool last) {
  stream_in_.enter(&operand.at(i, 0), operand.col_stride, k);
  tag_delay_[tag_newest_] = {target, tile, static_cast<std::uint32_t>(i), last};
  ++rows_inside_;
}

// A switch of age a is at the PEs with r + c = a.
template <class Operand, class Sum>
void StationaryGrid<Operand, Sum>::use_loaded() {
  for (const std::size_t a : switches_) {
    const std::size_t begin = a >= cols_ ? a - cols_ + 1 : 0;
    const std::size_t end = std::min(rows_, a + 1);
    const std::size_t step = cols_ - 1;  // one row down, one column to the left
    for (std::size_t u = 0; u < planes_; ++u) {
      Operand* const to = active_[u].data() + a;
      const Operand* const from = shadow_[u].data() + a;
      for (std::size_t r = begin; r < end; ++r) to[r * step] = from[r * step];
    }
  }
}

// Column c takes the rows of a load in the steps c … c + rows - 1 of it, and the first of them
// reaches row r after r steps more: row r moves while r <= age - c < rows.
template <class Operand, class Sum>
void StationaryGrid<Operand, Sum>::shift_load() {
  for (const std::size_t a : loads_) {
    const std::size_t begin = a >= rows_ ? a - rows_ + 1 : 0;
    for (std::size_t u = 0; u < planes_; ++u) {
      Operand* const set = loading()[u].data();
      // From the bottom up: a row takes what the one above still holds.
      for (std::size_t r = std::min(rows_ - 1, a); r > 0; --r) {
        const std::size_t end = std::min(cols_, a - r + 1);
        if (begin >= end) continue;
        Operand* const row = set + r * cols_;
        std::copy(row - cols_ + begin, row - cols_ + end, row + begin);
      }
      const std::size_t end = std::min(cols_, a + 1);
      if (begin < end) stationary_in_.leave(u, begin, end, set + begin, 1);
    }
  }
}

template <class Operand, class Sum>
std::optional<std::uint64_t> StationaryGrid<Operand, Sum>::collect() {
  const Tag* const tags = tags_.row(0);
  const Sum* const bottom = &sums_[rows_ * cols_];
  for (std::size_t c = 0; c < cols_; ++c) {
    if (tags[c].target != nullptr) tags[c].target->put(tags[c].row, c, bottom[c]);
  }
  const Tag& leaving = tags[cols_ - 1];
  if (leaving.target == nullptr) return std::nullopt;
  --rows_inside_;
  if (!leaving.last) return std::nullopt;
  return leaving.tile;
}

template <class Operand, class Sum>
void StationaryGrid<Operand, Sum>::age(std::vector<std::size_t>& waves) {
  for (std::size_t& a : waves) ++a;
  // Past the last PE's column; the oldest is in front.
  if (!waves.empty() && waves.front() >= rows_ + cols_ - 1) waves.erase(waves.begin());
}

template <class Operand, class Sum>
std::optional<std::uint64_t> StationaryGrid<Operand, Sum>::step() {
  for (std::size_t u = 0; u < planes_; ++u) {
    moving_[u].advance();
    stream_in_.leave(u, 0, rows_, moving_[u].row(0), moving_[u].pitch());
  }
  tags_.advance();
  const std::size_t oldest = tag_newest_ + 1 == rows_ ? 0 : tag_newest_ + 1;
  tags_.row(0)[0] = tag_delay_[oldest];

  if (!switches_.empty()) use_loaded();
  // From the bottom up: a row reads the sums of the one above as the step before left them.
  for (std::size_t r = rows_; r-- > 0;) {
    Sum* const below = &sums_[(r + 1) * cols_];
    mac_row(below, below - cols_, &active_[0][r * cols_], moving_[0].row(r), cols_);
    for (std::size_t u = 1; u < planes_; ++u) {
      mac_row(below, &active_[u][r * cols_], moving_[u].row(r), cols_);
    }
  }
  if (!loads_.empty()) shift_load();
  const auto finished = collect();
  age(loads_);
  age(switches_);
  stream_in_.advance();
  stationary_in_.advance();
  tag_newest_ = tag_newest_ + 1 == rows_ ? 0 : tag_newest_ + 1;
  tag_delay_[tag_newest_] = Tag{};
  return finished;
}

template class StationaryGrid<std::int8_t, std::int32_t>;
template class StationaryGrid<std::int16_t, std::int32_t>;
template class StationaryGrid<float, float>;

}  // namespace takt
