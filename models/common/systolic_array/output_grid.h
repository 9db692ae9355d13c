// SPDX-License-Identifier: Apache-2.0
#pragma once
// The PEs of an array that holds outputs in place: inputs move right, weights move down, each PE
// adds up one output; results leave down the columns. Registers only; when something begins is
// decided by systolic_array_core.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/common/systolic_array/skew_buffer.h"

namespace takt {

template <class Operand, class Sum>
class OutputGrid {
 public:
  /// How results get out of the PEs.
  enum class Exit {
    kOwnChain,     ///< through the accumulators themselves
    kShadowChain,  ///< copied to a second set of registers that shifts while the next tile adds up
    kDirect,       ///< taken from each PE as it finishes (SCALE-Sim's assumption)
  };
  OutputGrid(std::size_t rows, std::size_t cols, std::size_t planes, Exit exit);

  // What happens at the edges in the coming step.
  /// From this step's diagonal on, the PEs begin a new sum.
  void begin_sums();
  /// Elements i … i + count - 1 of the reduction, of a [m, k] and of b [k, n]; count <= planes.
  void feed(const MatrixView<const Operand>& a, const MatrixView<const Operand>& b, std::size_t i,
            std::size_t count, std::size_t m, std::size_t n);
  /// This step's diagonal is the tile's last: its results go to `target`.
  void end_sums(const ResultTarget<Sum>* target, std::uint64_t tile);

  /// One clock. Returns the tile whose last result was written in it, if there is one.
  std::optional<std::uint64_t> step();

  /// The first PE adds up or holds a result that has not moved on yet.
  bool first_pe_taken() const { return first_pe_taken_; }
  /// Nothing that matters is moving.
  bool quiet() const { return firsts_.empty() && lasts_.empty() && exits_.empty(); }

  // Registers, as the last step left them.
  Operand moving_right(std::size_t r, std::size_t c, std::size_t plane = 0) const {
    return right_[plane].row(r)[c];
  }
  Operand moving_down(std::size_t r, std::size_t c, std::size_t plane = 0) const {
    return down_[plane][physical(r) * cols_ + c];
  }
  Sum sum(std::size_t r, std::size_t c) const { return sums_[r * cols_ + c]; }
  Sum chain(std::size_t r, std::size_t c) const;

 private:
  /// A control bit on its way through the array, `age` steps after it entered.
  struct Wave {
    std::size_t age = 0;
    const ResultTarget<Sum>* target = nullptr;
    std::uint64_t tile = 0;
    std::size_t set = 0;  ///< of the shadow chain's copies
  };
  std::size_t physical(std::size_t r) const {
    const std::size_t p = top_ + r;
    return p >= rows_ ? p - rows_ : p;
  }
  /// Calls f(r, c) for the PEs on the diagonal that a wave of this age has reached.
  template <class F>
  void diagonal(std::size_t age, const F& f) const {
    const std::size_t end = std::min(rows_, age + 1);
    for (std::size_t r = age >= cols_ ? age - cols_ + 1 : 0; r < end; ++r) f(r, age - r);
  }
  void shift_out();
  void add_products();
  std::optional<std::uint64_t> end_diagonals();
  std::optional<std::uint64_t> write_bottom();
  void age_waves();

  std::size_t rows_, cols_, planes_;
  Exit exit_;
  SkewBuffer<Operand> a_in_;  ///< left edge, one lane a row
  SkewBuffer<Operand> b_in_;  ///< top edge, one lane a column
  std::vector<ShiftRows<Operand>> right_;
  std::vector<std::vector<Operand>> down_;  ///< [plane]: rows in a ring, row 0 at `top_`
  std::size_t top_ = 0;
  std::vector<Sum> sums_;
  std::vector<Wave> firsts_, lasts_, exits_;
  /// The shadow chain. Results stay where they were copied to, and how far they have moved follows
  /// from the age of their wave, as with the other registers that move by themselves. Two sets: in
  /// a column the next tile's first result arrives while this one's last ones are still inside, but
  /// never the one after it.
  std::vector<Sum> copies_[2];
  std::vector<Wave> copied_;  ///< lasts_ until the next tile's has passed every PE
  bool first_pe_taken_ = false;
};

extern template class OutputGrid<std::int8_t, std::int32_t>;
extern template class OutputGrid<std::int16_t, std::int32_t>;
extern template class OutputGrid<float, float>;

}  // namespace takt
