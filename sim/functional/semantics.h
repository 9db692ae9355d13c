// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every graph op computes, element by element (docs/values.md). Who asks brings the operands:
// the oracle from whole tensors, the player from the bytes of a slot.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/functional/arithmetic.h"
#include "sim/functional/element.h"
#include "sim/ir/graph.h"

namespace takt {

/// Where operands come from: element `index` of a graph tensor, row-major.
class ElementSource {
 public:
  virtual ~ElementSource() = default;
  virtual double at(TensorId tensor, std::int64_t index) = 0;
};

/// How an operand is walked by the result's index: extents and strides, innermost first.
struct OperandWalk {
  struct Step {
    std::int64_t extent, stride;
  };
  std::vector<Step> steps;
  std::int64_t offset = 0;
  std::int64_t at(std::int64_t index) const {
    std::int64_t position = offset;
    for (const Step& step : steps) {
      position += index % step.extent * step.stride;
      index /= step.extent;
    }
    return position;
  }
};
/// `shape` read with `strides` (one a dimension), contiguous dimensions merged.
OperandWalk make_walk(const Shape& shape, const std::vector<std::int64_t>& strides,
                      std::int64_t offset = 0);
/// An operand of `shape` broadcast to `to`.
OperandWalk broadcast_walk(const Shape& shape, const Shape& to);
std::vector<std::int64_t> row_major_strides(const Shape& shape);

class Semantics {
 public:
  /// `precision` is what floats of an open graph are computed in.
  Semantics(const Graph& graph, DType precision);
  ~Semantics();

  const Graph& graph() const { return graph_; }
  const Op& op(OpId id) const { return graph_.ops[id.index]; }
  DType dtype(TensorId id) const;
  /// int8 and int16: numbers with a scale of their own, never wide.
  bool quantised(TensorId id) const;
  std::int64_t elements(TensorId id) const;

  /// Why this op has no definition here; empty if it has one.
  std::string unsupported(OpId id) const;
  /// Convolutions and matrix products: their sums are made by whoever asks.
  bool is_matrix(OpId id) const;
  /// Its results are wide and want a Scale of the whole tensor.
  bool scaled(OpId id) const;
  /// Length of a matrix op's sums.
  std::int64_t reduction(OpId id) const;
  /// Length of the sums that an operand is the weights of; 0 if it is none.
  std::int64_t weight_sums(OpId id, std::size_t operand) const;

  /// One element of a result: final, or wide if the op is scaled. Not for matrix ops.
  double element(OpId id, std::size_t output, std::int64_t index, ElementSource& source);
  /// The wide result of a matrix op, of its sum of products.
  double with_bias(OpId id, double sum, std::int64_t index, ElementSource& source);
  /// A final element of a wide one.
  double finish(OpId id, double wide, Scale scale) const;
  /// Forgets what was remembered of whole rows: operands have changed.
  void forget();

 private:
  struct Prepared;
  class Evaluation;
  Prepared& prepare(OpId id);
  void prepare_walks(Prepared& p, const Op& op) const;
  void prepare_rows(Prepared& p, const Op& op) const;
  void prepare_moves(Prepared& p, const Op& op) const;
  void prepare_resize(Prepared& p, const Op& op) const;

  const Graph& graph_;
  DType precision_;
  std::vector<std::unique_ptr<Prepared>> prepared_;  ///< by op, made when first asked for
};

}  // namespace takt
