// SPDX-License-Identifier: Apache-2.0
#pragma once
// A tile with its values, as the PE-level array takes it.

#include <cstddef>
#include <cstdint>

#include "sim/base/quantity.h"

namespace takt {

/// A matrix in somebody else's memory: element (i, j) = data[i * row_stride + j * col_stride].
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t col_stride = 1;
  T& at(std::size_t i, std::size_t j) const {
    return data[static_cast<std::ptrdiff_t>(i) * row_stride +
                static_cast<std::ptrdiff_t>(j) * col_stride];
  }
  MatrixView transposed() const { return {data, col_stride, row_stride}; }
};

/// Who has a tile's operands is told just before the array takes a piece of them, and may put it
/// into the memory behind the views only then.
class OperandFeed {
 public:
  virtual ~OperandFeed() = default;
  /// Elements [begin, begin + count) of what streams: rows of a (weight stationary), columns of b
  /// (input stationary), or of the reduction of both (output stationary).
  virtual void stream(std::uint32_t begin, std::uint32_t count) = 0;
  /// These elements of the reduction of the operand that stays.
  virtual void stationary(std::uint32_t begin, std::uint32_t count) = 0;
};

/// out (+)= a * b. Rows of the streaming operand are read when they are issued, the stationary
/// operand until it is loaded, and results are written when they leave the array: the memory
/// behind the views must be there so long and no longer.
template <class Operand, class Sum>
struct ArrayTile {
  std::uint32_t m = 0, n = 0, k = 0;
  std::uint32_t row = 0;        ///< MatrixTile::row
  bool load_stationary = true;  ///< false: the operand of the tile before is used again
  bool accumulate = false;      ///< add to `out`; else overwrite it
  MatrixView<const Operand> a;  ///< [m, k] the inputs
  MatrixView<const Operand> b;  ///< [k, n] the weights
  MatrixView<Sum> out;          ///< [m, n] the accumulators
  OperandFeed* feed = nullptr;  ///< null: all of both operands is there
  Cycles a_ready{};             ///< the array may take it from this moment on
  Cycles b_ready{};
};

/// Not a moment: of an operand nobody has announced yet.
inline constexpr Cycles kNever{UINT64_MAX};

/// Where the results of a pass go: `of(i, c)` for streamed row i and array column c.
template <class Sum>
struct ResultTarget {
  MatrixView<Sum> view;
  std::uint32_t rows = 0, cols = 0;
  bool add = false;
  /// Sums wrap around in 32 bits, as the hardware's do.
  static Sum wrapping_sum(Sum a, Sum b);
  void put(std::size_t i, std::size_t c, Sum value) const {
    if (i >= rows || c >= cols) return;
    Sum& target = view.at(i, c);
    target = add ? wrapping_sum(target, value) : value;
  }
};

template <>
inline std::int32_t ResultTarget<std::int32_t>::wrapping_sum(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}
template <>
inline float ResultTarget<float>::wrapping_sum(float a, float b) {
  return a + b;
}

}  // namespace takt
