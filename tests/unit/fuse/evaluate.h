// SPDX-License-Identifier: Apache-2.0
#pragma once
// Two ways to a network's values: op by op on whole tensors, and region by region on memory,
// following the strides that fusion gave out. They must agree.

#include <vector>

#include "sim/ir/region.h"

namespace takt::testing {

/// Elements row-major, by graph tensor.
using Values = std::vector<std::vector<double>>;

/// Inputs and parameters from the seed, the rest op by op.
Values evaluate(const Graph& graph, std::uint64_t seed);

/// The same through the regions' walks; a graph tensor that is never stored is empty.
Values evaluate(const Graph& graph, const RegionGraph& regions, const Values& given);

/// The outputs of one op from its inputs.
void run_op(const Graph& graph, const Op& op, Values& values);

using Index = std::vector<std::int64_t>;
Index unravel(std::int64_t flat, const Shape& shape);
std::int64_t ravel(const Index& index, const Shape& shape);
double unary(UnaryKind kind, double x);
double binary(BinaryKind kind, double a, double b);

}  // namespace takt::testing
