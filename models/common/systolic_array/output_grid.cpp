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
      sums_(rows * cols) {
  if (exit == Exit::kShadowChain) {
    for (std::vector<Sum>& set : copies_) set.resize(rows * cols);
  }
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

template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::end_sums(const ResultTarget<Sum>* target, std::uint64_t tile) {
  const std::size_t set = copied_.empty() ? 0 : 1 - copied_.back().set;
  lasts_.push_back({0, target, tile, set});
  if (exit_ == Exit::kShadowChain) copied_.push_back(lasts_.back());
}

// A copy was made at a PE if the wave has passed it. Column c begins to move when its last PE is
// complete, `rows` steps after its first one; row r has then r results above it to pass on.
template <class Operand, class Sum>
Sum OutputGrid<Operand, Sum>::chain(std::size_t r, std::size_t c) const {
  if (exit_ != Exit::kShadowChain) return sum(r, c);
  for (auto w = copied_.rbegin(); w != copied_.rend(); ++w) {
    if (w->age <= r + c) continue;
    const std::size_t moved = w->age > rows_ + c ? std::min(w->age - rows_ - c, r) : 0;
    return copies_[w->set][(r - moved) * cols_ + c];
  }
  return Sum{};
}

// Through the accumulators: column c begins to leave when its last PE is complete, `age` - c steps
// ago. In that step the bottom result leaves and all others move down; row r has then r results
// above it to pass on.
template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::shift_out() {
  for (const Wave& w : exits_) {
    const std::size_t end = std::min(cols_, w.age + 1);
    // From the bottom up: a row takes what the one above still holds.
    for (std::size_t r = rows_; r-- > 1;) {
      const std::size_t begin = w.age >= r ? w.age - r + 1 : 0;
      if (begin >= end) break;
      Sum* const row = &sums_[r * cols_];
      std::copy(row - cols_ + begin, row - cols_ + end, row + begin);
    }
  }
}

template <class Operand, class Sum>
std::optional<std::uint64_t> OutputGrid<Operand, Sum>::write_bottom() {
  std::optional<std::uint64_t> finished;
  for (const Wave& w : exits_) {
    const std::size_t begin = w.age >= rows_ ? w.age - rows_ + 1 : 0;
    const std::size_t end = std::min(cols_, w.age + 1);
    const bool copies = exit_ == Exit::kShadowChain;
    for (std::size_t c = begin; c < end; ++c) {
      const std::size_t r = rows_ - 1 - (w.age - c);
      w.target->put(r, c, copies ? copies_[w.set][r * cols_ + c] : sums_[(rows_ - 1) * cols_ + c]);
      if (r == 0 && c == cols_ - 1) finished = w.tile;
    }
  }
  return finished;
}

// The rows of weights lie in a ring: from row 0 to the ring's end, then from its beginning.
template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::add_products() {
  for (std::size_t r = 0; r < rows_; ++r) {
    const std::size_t weights = physical(r) * cols_;
    for (std::size_t u = 0; u < planes_; ++u) {
      mac_row(&sums_[r * cols_], right_[u].row(r), &down_[u][weights], cols_);
    }
  }
}

// Sums are complete at the PEs with r + c = age.
template <class Operand, class Sum>
std::optional<std::uint64_t> OutputGrid<Operand, Sum>::end_diagonals() {
  std::optional<std::uint64_t> finished;
  for (const Wave& w : lasts_) {
    if (exit_ == Exit::kShadowChain) {
      Sum* const to = copies_[w.set].data();
      diagonal(w.age,
               [&](std::size_t r, std::size_t c) { to[r * cols_ + c] = sums_[r * cols_ + c]; });
    } else if (exit_ == Exit::kDirect) {
      diagonal(w.age, [&](std::size_t r, std::size_t c) {
        w.target->put(r, c, sums_[r * cols_ + c]);
        if (r == rows_ - 1 && c == cols_ - 1) finished = w.tile;
      });
    }
  }
  return finished;
}

template <class Operand, class Sum>
void OutputGrid<Operand, Sum>::age_waves() {
  // A result that has reached the bottom of the first column starts the columns' exit.
  for (std::vector<Wave>* waves : {&firsts_, &lasts_, &exits_, &copied_}) {
    for (Wave& w : *waves) ++w.age;
  }
  if (exit_ != Exit::kDirect) {
    for (const Wave& w : lasts_) {
      if (w.age == rows_) exits_.push_back({0, w.target, w.tile, w.set});
    }
  }
  if (copied_.size() > 1 && copied_[1].age >= rows_ + cols_ - 1) copied_.erase(copied_.begin());
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
  if (exit_ == Exit::kOwnChain) shift_out();
  for (const Wave& w : firsts_) {
    diagonal(w.age, [&](std::size_t r, std::size_t c) { sums_[r * cols_ + c] = Sum{}; });
  }
  add_products();
  if (const auto done = end_diagonals()) finished = done;
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
