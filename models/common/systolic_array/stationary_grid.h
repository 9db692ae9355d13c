// SPDX-License-Identifier: Apache-2.0
#pragma once
// The PEs of an array that holds weights (or inputs) in place: operands move right, sums move down,
// the next stationary operand shifts in from the top. Registers only; when something begins is
// decided by systolic_array_core.

#include <cstdint>
#include <optional>
#include <vector>

#include "models/common/systolic_array/skew_buffer.h"

namespace takt {

template <class Operand, class Sum>
class StationaryGrid {
 public:
  /// `planes`: multiply-accumulates a PE does a cycle, each with a stationary operand of its own.
  StationaryGrid(std::size_t rows, std::size_t cols, std::size_t planes, bool shadow);

  // What happens at the edges in the coming step; each at most once a step.
  /// The first of `rows` rows of a stationary operand enters at the top.
  void begin_load() { loads_.push_back(0); }
  /// Row `d` of it, [k, cols] seen from `operand`, in the order rows-1 … 0; zeros beyond k and n.
  void feed_stationary(const MatrixView<const Operand>& operand, std::size_t d, std::size_t k,
                       std::size_t n);
  /// From this step's diagonal on the PEs use what was loaded last.
  void begin_use() { switches_.push_back(0); }
  /// Row i of the streaming operand [rows, k]; its results go to `target`.
  void feed_stream(const MatrixView<const Operand>& operand, std::size_t i, std::size_t k,
                   const ResultTarget<Sum>* target, std::uint64_t tile, bool last);

  /// One clock. Returns the tile whose last result was written in it, if there is one.
  std::optional<std::uint64_t> step();

  /// Nothing that matters is moving.
  bool quiet() const { return loads_.empty() && switches_.empty() && rows_inside_ == 0; }

  // Registers, as the last step left them.
  Operand moving(std::size_t r, std::size_t c, std::size_t plane = 0) const {
    return moving_[plane].row(r)[c];
  }
  Operand stationary(std::size_t r, std::size_t c, std::size_t plane = 0) const {
    return active_[plane][r * cols_ + c];
  }
  Operand shadow(std::size_t r, std::size_t c, std::size_t plane = 0) const {
    return loading()[plane][r * cols_ + c];
  }
  Sum sum(std::size_t r, std::size_t c) const { return sums_[(r + 1) * cols_ + c]; }

 private:
  using Set = std::vector<std::vector<Operand>>;  ///< [plane][row * cols + column]
  /// Travels with a row along the bottom of the array.
  struct Tag {
    const ResultTarget<Sum>* target = nullptr;
    std::uint64_t tile = 0;
    std::uint32_t row = 0;
    bool last = false;
  };
  Set& loading() { return has_shadow_ ? shadow_ : active_; }
  const Set& loading() const { return has_shadow_ ? shadow_ : active_; }
  void use_loaded();
  void shift_load();
  std::optional<std::uint64_t> collect();
  void age(std::vector<std::size_t>& waves);

  std::size_t rows_, cols_, planes_;
  bool has_shadow_;
  SkewBuffer<Operand> stream_in_;      ///< left edge, one lane a row
  SkewBuffer<Operand> stationary_in_;  ///< top edge, one lane a column
  std::vector<ShiftRows<Operand>> moving_;
  Set active_, shadow_;
  std::vector<Sum> sums_;       ///< [rows + 1, cols]: row 0 is the zeros that enter at the top
  std::vector<Tag> tag_delay_;  ///< ring of `rows`: a row's way from lane 0 to the bottom lane
  std::size_t tag_newest_ = 0;
  ShiftRows<Tag> tags_;
  std::uint64_t rows_inside_ = 0;
  /// Steps since each load began, since each switch began: a control bit that moves one PE a step
  /// right and down stands on one diagonal, so its age says where it is.
  std::vector<std::size_t> loads_, switches_;
};

extern template class StationaryGrid<std::int8_t, std::int32_t>;
extern template class StationaryGrid<std::int16_t, std::int32_t>;
extern template class StationaryGrid<float, float>;

}  // namespace takt
