// SPDX-License-Identifier: Apache-2.0
#pragma once
// A network's values, op after op, in the network's own order of elements.

#include <functional>
#include <string>
#include <vector>

#include "device.h"
#include "list.h"
#include "operand.h"

namespace takt::gpu {

class Execution;

/// Launches an op's kernels for one of its outputs.
using Launch = std::function<void(const Out&)>;

/// What runs an op; by kind of op in a table (execution.cpp).
Launch elementwise(Execution& run, const Op& op);
Launch rows(Execution& run, const Op& op);
Launch window(Execution& run, const Op& op);
Launch moves(Execution& run, const Op& op, std::size_t output);
Launch product(Execution& run, const Op& op);
/// Any of them.
Launch launch_of(Execution& run, const Op& op, std::size_t output);

/// A kernel of an op to be timed: the way it would run in a deployed network.
struct TimedKernel {
  std::string name;  ///< "own.conv", "cublaslt.gemm"
  std::function<void()> launch;
  /// Elements that differ from the op's own result; -1 = nothing to compare.
  std::int64_t differ = -1;
};

class Execution {
 public:
  Execution(const Network& network, std::uint64_t seed, const DeviceFacts& facts);

  /// Why ops cannot be run, a line each; empty if all can.
  std::vector<std::string> unsupported() const;
  /// Makes inputs and parameters, then runs all ops. `made(op)` is told of each.
  void run(const std::function<void(int)>& made);
  /// The kernels of an op whose operands are still there, and whose result is known.
  std::vector<TimedKernel> timed(int op);

  const Network& network() const { return network_; }
  const DeviceFacts& facts() const { return facts_; }
  const Tensor& tensor(int id) const { return network_.tensors[static_cast<std::size_t>(id)]; }
  Any any(int id) const { return {tensor(id).type, memory_[static_cast<std::size_t>(id)].data()}; }
  /// The elements of a tensor as bytes.
  std::vector<unsigned char> bytes(int id) const;
  std::uint32_t multiplier(int op) const { return multipliers_[static_cast<std::size_t>(op)]; }
  bool scaled(const Op& op) const;
  bool quantised(int id) const { return id != kNone && is_quantised(tensor(id).type); }

 private:
  void fill(int id);
  void run_op(int id);

  const Network& network_;
  std::uint64_t seed_;
  DeviceFacts facts_;
  std::vector<Memory> memory_;              ///< by tensor
  std::vector<std::uint32_t> multipliers_;  ///< by op
};

/// Memory with a copy of these.
template <class T>
Memory on_device(const std::vector<T>& values) {
  Memory memory(values.size() * sizeof(T));
  copy_in(memory.data(), values.data(), values.size() * sizeof(T));
  return memory;
}

}  // namespace takt::gpu
