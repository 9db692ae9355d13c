// SPDX-License-Identifier: Apache-2.0
#pragma once
// The loops of a matrix product over views.
//
// Every index of the product (each batch dimension, m, k, n) is walked by all operands together and
// cut where one of them cuts. Batch indices along which the second operand stays are rows like any
// other: its weights are reused. The others are groups, two levels of them at most. A reduction in
// several pieces (channels that were flattened, heads side by side) takes the places of a
// convolution's window.

#include <optional>
#include <vector>

#include "sim/ir/region.h"

namespace takt::fusing {

enum Role { kA, kB, kOut, kFirstExtra };

/// An operand as the product indexes it: batch dimensions as in the output, then two.
struct Matrix {
  std::vector<Factors> batch;
  Factors row, column;
  std::int64_t offset = 0;
  TensorId stored;
};

Matrix as_matrix(const View& view, bool transposed, const Shape& batch);

struct Product {
  Matrix a, b, out;
  std::vector<Matrix> extras;  ///< operands of the epilogue, indexed like the output
};

/// Fills the work, and how the output and each of the extras are walked (the output first). Empty,
/// and the work as it was, if there are more loops than places for them.
std::vector<ActivationView> lay_out(const Product& product, MatrixWork& work);

}  // namespace takt::fusing
