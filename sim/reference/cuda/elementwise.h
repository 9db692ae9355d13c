// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the elementwise files share.

#include "execution.h"

namespace takt::gpu {

/// An op's result and its operands as the result walks them.
struct Shapes {
  const Execution& run;
  const Op& op;
  const Tensor& result() const { return run.tensor(op.outputs[0]); }
  std::int64_t count() const { return result().elements(); }
  bool is_float() const { return info(result().type).is_float; }
  Any any(std::size_t operand) const { return run.any(op.inputs[operand]); }
  Walk walk(std::size_t operand) const {
    return broadcast(run.tensor(op.inputs[operand]).dims, result().dims);
  }
};

/// Functions of two operands (pairs.cpp).
Launch pair(Execution& run, const Op& op);
bool pair_known(const std::string& function);

}  // namespace takt::gpu
