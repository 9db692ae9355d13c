// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is worked out once an op; used by semantics*.cpp only.

#include <unordered_map>
#include <vector>

#include "sim/functional/semantics.h"
#include "sim/ir/resize_mode.h"

namespace takt {

/// What is worked out once a row that is normalised or reduced together.
struct RowStatistics {
  double first = 0, second = 0;
};

struct Semantics::Prepared {
  std::vector<OperandWalk> walks;  ///< by operand: its element, by the result's index
  OperandWalk row;                 ///< the row's first element in operand 0, by the result's index
  OperandWalk within;              ///< further elements of the row, by their number
  std::int64_t row_length = 0;
  std::vector<std::int32_t> table;          ///< unary, quantised
  std::vector<std::uint32_t> exponentials;  ///< softmax, quantised
  std::unordered_map<std::int64_t, RowStatistics> rows;
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> ranks;  ///< TopK: a row's best
  std::vector<std::vector<std::vector<ResizeTap>>> taps;  ///< Resize: by dimension, by index
  std::int64_t taps_unit = 1;  ///< quantised: what the products of weights are counted in
  // Moves along one axis: index = (outer * extent + i) * inner + rest.
  std::int64_t axis_extent = 1, inner = 1;
  std::vector<std::int64_t> part_begin;  ///< Concat, Split: where each part begins on the axis
};

/// One element of one op's result.
class Semantics::Evaluation {
 public:
  Evaluation(const Semantics& semantics, OpId id, Prepared& p, ElementSource& source)
      : s_(semantics),
        op_(semantics.op(id)),
        p_(p),
        source_(source),
        out_type_(semantics.dtype(first_output(op_))),
        quantised_(semantics.quantised(first_output(op_))) {}

  double element(std::size_t output, std::int64_t index);

 private:
  static TensorId first_output(const Op& op) {
    for (const TensorId output : op.outputs) {
      if (output.valid()) return output;
    }
    return {};
  }
  double input(std::size_t operand, std::int64_t index) {
    return source_.at(op_.inputs[operand], index);
  }
  /// Operand by the result's index.
  double walked(std::size_t operand, std::int64_t index) {
    return input(operand, p_.walks[operand].at(index));
  }
  std::int64_t whole(std::size_t operand, std::int64_t index) {
    return static_cast<std::int64_t>(walked(operand, index));
  }
  bool has(std::size_t operand) const {
    return operand < op_.inputs.size() && op_.inputs[operand].valid();
  }
  double row_element(std::int64_t base, std::int64_t i) { return input(0, base + p_.within.at(i)); }

  // semantics_elementwise.cpp
  double unary(std::int64_t index);
  double clip(std::int64_t index);
  double cast(std::int64_t index);
  double binary(std::int64_t index);
  double binary_quantised(BinaryKind kind, std::int64_t a, std::int64_t b) const;
  double binary_whole(BinaryKind kind, std::int64_t a, std::int64_t b) const;
  double binary_float(BinaryKind kind, double a, double b) const;
  double sum(std::int64_t index);
  // semantics_rows.cpp
  double softmax(std::int64_t index);
  double norm(std::int64_t index);
  double batch_norm(std::int64_t index);
  double reduce(std::int64_t index);
  double reduce_quantised(ReduceKind kind, std::int64_t base);
  double product_quantised(std::int64_t base);
  double reduce_float(ReduceKind kind, std::int64_t base);
  double arg_max(std::int64_t index);
  double top_k(std::size_t output, std::int64_t index);
  RowStatistics norm_statistics(std::int64_t base);
  // semantics_window.cpp
  double pool(std::int64_t index);
  double lrn(std::int64_t index);
  double resize(std::int64_t index);
  double resized(const std::vector<std::int64_t>& at, std::size_t dimension, std::int64_t position);
  // semantics_move.cpp
  double concat(std::int64_t index);
  double split(std::size_t output, std::int64_t index);
  double gather(std::int64_t index);
  double pad(std::int64_t index);

  const Semantics& s_;
  const Op& op_;
  Prepared& p_;
  ElementSource& source_;
  DType out_type_;
  bool quantised_;
};

/// The index of each dimension, of a row-major index.
std::vector<std::int64_t> split_index(const Shape& shape, std::int64_t index);

}  // namespace takt
