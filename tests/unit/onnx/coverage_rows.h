// SPDX-License-Identifier: Apache-2.0
#pragma once
// Each operator in the form that an opset gives it, for coverage_test.cpp.

#include <functional>
#include <vector>

#include "tests/support/onnx_model.h"

namespace takt::test {

/// Adds the operator's node, which reads x ([2, 4, 6, 6]) and makes y, in the form of the opset.
using Build = std::function<void(OnnxModel& m, int opset)>;

struct OperatorRow {
  const char* op;
  int since;  ///< the opset that brought it
  Build build;
  const char* free = nullptr;  ///< why it costs nothing, if so
};

/// Operators that compute, and those that move, make or change the shape of what there is.
std::vector<OperatorRow> computing_operators();
std::vector<OperatorRow> moving_operators();

/// A node of one operand without attributes.
inline Build plain(const char* op) {
  return [op](OnnxModel& m, int) { m.node(op, {"x"}, {"y"}); };
}

}  // namespace takt::test
