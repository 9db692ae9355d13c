// SPDX-License-Identifier: Apache-2.0
#pragma once
// A tensor turned so that what is normalised or reduced together is a contiguous row; used by
// cpu_rows.cpp and cpu_reductions.cpp.

#include <cstdint>
#include <vector>

#include "sim/reference/cpu_node.h"

namespace takt::cpu {

using Numbers = std::vector<double>;

/// Operand 0 as rows over some dimensions.
struct Rows {
  Numbers x;                        ///< [count][length]
  std::vector<std::int64_t> place;  ///< by element of x: where it is in the operand
  std::int64_t count = 1, length = 1;
  double* row(std::int64_t i) { return x.data() + i * length; }
  Numbers back() const {
    Numbers out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) out[static_cast<std::size_t>(place[i])] = x[i];
    return out;
  }
};

Rows rows_over(const Array& a, const Shape& shape, const std::vector<bool>& inside);
/// Operand 0 over the axes of its operator.
Rows rows_of(const Node& node);

/// round(65536 exp(-factor d / unit)), d the distance to the largest of the row.
double fixed_exponential(double d, double factor, const Steps& steps);

Made reduce(const Node& node);
Made arg_max(const Node& node);
Made top_k(const Node& node);

}  // namespace takt::cpu
