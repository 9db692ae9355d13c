// SPDX-License-Identifier: Apache-2.0
#pragma once
// The triangle of registers at an edge of the array: element i of a row that enters now reaches
// its lane i steps later.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "models/common/systolic_array/array_tile.h"

namespace takt {

template <class T>
class SkewBuffer {
 public:
  /// `lanes` delay lines of 0, 1, 2 ... steps, each `planes` elements wide.
  SkewBuffer(std::size_t lanes, std::size_t planes)
      : lanes_(lanes), width_(lanes * planes), planes_(planes), ring_(lanes * lanes * planes) {}

  /// A new step in which zeros enter.
  void advance() {
    newest_ = newest_ == 0 ? lanes_ - 1 : newest_ - 1;
    std::fill_n(ring_.data() + newest_ * width_, width_, T{});
  }
  /// Takes `rows` x `planes` elements into this step: lane i's plane u is element i * planes + u of
  /// the `count` at `from`, `stride` apart; what is missing is zero.
  void enter(const T* from, std::ptrdiff_t stride, std::size_t count) {
    T* const to = &ring_[newest_ * width_];
    for (std::size_t i = 0; i < count; ++i, from += stride) to[i] = *from;
  }
  /// One element of this step.
  T& entering(std::size_t lane, std::size_t plane) {
    return ring_[newest_ * width_ + lane * planes_ + plane];
  }
  /// What lanes `begin` … `end` - 1 hand to the array in this step, to places `stride` apart.
  void leave(std::size_t plane, std::size_t begin, std::size_t end, T* to,
             std::ptrdiff_t stride) const {
    const std::size_t width = width_, lanes = lanes_, step = width_ + planes_;
    std::size_t slot = newest_ + begin >= lanes ? newest_ + begin - lanes : newest_ + begin;
    const T* from = ring_.data() + slot * width + begin * planes_ + plane;
    for (std::size_t lane = begin; lane < end; ++lane, to += stride) {
      *to = *from;
      from += step;
      if (++slot == lanes) {
        slot = 0;
        from -= width * lanes;
      }
    }
  }

 private:
  std::size_t lanes_, width_, planes_;
  std::size_t newest_ = 0;
  std::vector<T> ring_;  ///< the last `lanes` rows, the newest first
};

/// Rows of registers in which everything moves one place to the right a step: a window that slides
/// to the left over its memory, so that moving costs one write a row.
template <class T>
class ShiftRows {
 public:
  ShiftRows(std::size_t rows, std::size_t cols)
      : rows_(rows), cols_(cols), pitch_(cols + kSlack), head_(kSlack), cells_(rows * pitch_) {}

  /// Everything moves; column 0 is then for the caller to write.
  void advance() {
    if (head_ == 0) {
      for (std::size_t r = 0; r < rows_; ++r) {
        T* const row = &cells_[r * pitch_];
        std::copy_backward(row, row + cols_, row + pitch_);
      }
      head_ = kSlack;
    }
    --head_;
  }
  std::ptrdiff_t pitch() const { return static_cast<std::ptrdiff_t>(pitch_); }
  T* row(std::size_t r) { return &cells_[r * pitch_ + head_]; }
  const T* row(std::size_t r) const { return &cells_[r * pitch_ + head_]; }

 private:
  static constexpr std::size_t kSlack = 64;  ///< steps between two moves of the whole window
  std::size_t rows_, cols_, pitch_, head_;
  std::vector<T> cells_;
};

}  // namespace takt
