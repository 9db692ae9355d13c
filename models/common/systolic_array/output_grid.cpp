// SPDX-License-Identifier: Apache-2.0
#include "models/common/systolic_array/output_grid.h"

#include "models/common/systolic_array/mac_row.h"
#include "sim/base/check.h"

namespace takt {

template <class Operand, class Sum>
OutputGrid<Operand, Sum>::OutputGrid(std::size_t rows, std::size_t cols, std::size_t planes,
                                     Exit exit)
    : rows_(rows),
      cols_(cols),
      planes_(planes),
      exit_(exit),
      a_in_(rows, planes),
      b_in_(cols, planes),
      right_(planes, ShiftRows<Operand>(rows, cols)),
      down_(planes, std::vector<Operand>(rows * cols)),
      sums_(rows * cols),
      chain_(exit == Exit::kShadowChain ? rows * cols : 0) {
  a_in_.advance();
  b_in_.advance();
}

template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::begin_sums() {
  CHECK(exit_ != Exit::kOwnChain || !first_pe_taken_) << "the first PE still holds a result";
  firsts_.push_back({});
  first_pe_taken_ = true;
}

template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::feed(const MatrixView<const Operand>& a,
                                    const MatrixView<const Operand>& b, std::size_t i,
                                    std::size_t count, std::size_t m, std::size_t n) {
  for (std::size_t u = 0; u < count; ++u) {
    for (std::size_t r = 0; r < m; ++r) a_in_.entering(r, u) = a.at(r, i + u);
    for (std::size_t c = 0; c < n; ++c) b_in_.entering(c, u) = b.at(i + u, c);
  }
}

// A new sum begins at the PEs with r + c = age.
template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::begin_row(std::size_t r) {
  for (const Wave& w : firsts_) {
    if (w.age >= r && w.age - r < cols_) sums_[r * cols_ + (w.age - r)] = Sum{};
  }
}

// A sum is complete at the PEs with r + c = age.
template <class Operand, class Sum>
std::optional<std::uint64_t> OutputGrid<Operand, Sum>::end_row(std::size_t r) {
  std::optional<std::uint64_t> finished;
  for (const Wave& w : lasts_) {
    if (w.age < r || w.age - r >= cols_) continue;
    const std::size_t c = w.age - r;
    if (exit_ == Exit::kShadowChain) chain_[r * cols_ + c] = sums_[r * cols_ + c];
    if (exit_ != Exit::kDirect) continue;
    w.target->put(r, c, sums_[r * cols_ + c]);
    if (r == rows_ - 1 && c == cols_ - 1) finished = w.tile;
  }
  return finished;
}

// Column c begins to leave when its last PE is complete, `age` - c steps ago. In that step the
// bottom result leaves and all others move down; row r has then r results above it to pass on.
template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::shift_out(std::size_t r) {
  if (r == 0) return;
  for (const Wave& w : exits_) {
    const std::size_t begin = w.age >= r ? w.age - r + 1 : 0;
    const std::size_t end = std::min(cols_, w.age + 1);
    if (begin >= end) continue;
    Sum* const row = &leaving()[r * cols_];
    std::copy(row - cols_ + begin, row - cols_ + end, row + begin);
  }
}

template <class Operand, class Sum>
std::optional<std::uint64_t> OutputGrid<Operand, Sum>::write_bottom() {
  std::optional<std::uint64_t> finished;
  const Sum* const bottom = &leaving()[(rows_ - 1) * cols_];
  for (const Wave& w : exits_) {
    const std::size_t begin = w.age >= rows_ ? w.age - rows_ + 1 : 0;
    const std::size_t end = std::min(cols_, w.age + 1);
    for (std::size_t c = begin; c < end; ++c) {
      const std::size_t r = rows_ - 1 - (w.age - c);
      w.target->put(r, c, bottom[c]);
      if (r == 0 && c == cols_ - 1) finished = w.tile;
    }
  }
  return finished;
}

template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::age_waves() {
  // A result that has reached the bottom of the first column starts the columns' exit.
  for (std::vector<Wave>* waves : {&firsts_, &lasts_, &exits_}) {
    for (Wave& w : *waves) ++w.age;
  }
  if (exit_ != Exit::kDirect) {
    for (const Wave& w : lasts_) {
      if (w.age == rows_) exits_.push_back({0, w.target, w.tile});
    }
  }
  for (std::vector<Wave>* waves : {&firsts_, &lasts_, &exits_}) {
    if (!waves->empty() && waves->front().age >= rows_ + cols_ - 1) waves->erase(waves->begin());
  }
}

template <class Operand, class Sum>
std::optional<std::uint64_t> OutputGrid<Operand, Sum>::step() {
  for (std::size_t u = 0; u < planes_; ++u) {
    right_[u].advance();
    a_in_.leave(u, 0, rows_, right_[u].row(0), right_[u].pitch());
  }
  top_ = top_ == 0 ? rows_ - 1 : top_ - 1;  // all rows move down; the top one is free
  for (std::size_t u = 0; u < planes_; ++u) {
    b_in_.leave(u, 0, cols_, &down_[u][top_ * cols_], 1);
  }
  std::optional<std::uint64_t> finished = write_bottom();
  for (std::size_t r = rows_; r-- > 0;) {
    shift_out(r);
    begin_row(r);
    for (std::size_t u = 0; u < planes_; ++u) {
      mac_row(&sums_[r * cols_], right_[u].row(r), &down_[u][physical(r) * cols_], cols_);
    }
    if (const auto done = end_row(r)) finished = done;
  }
  for (const Wave& w : exits_) {
    if (w.age == 0) first_pe_taken_ = false;  // its result moved down in this step
  }
  age_waves();
  a_in_.advance();
  b_in_.advance();
  return finished;
}

template class OutputGrid<std::int8_t, std::int32_t>;
template class OutputGrid<std::int16_t, std::int32_t>;
template class OutputGrid<float, float>;

}  // namespace takt
