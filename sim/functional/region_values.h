// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values of one region's members, on demand: from the element of the result that vector work is at,
// back through the graph to sums in accumulators and operands in slots.

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sim/functional/network_values.h"
#include "sim/functional/recurrent_rules.h"
#include "sim/functional/semantics.h"
#include "sim/ir/region.h"

namespace takt {

/// Coordinates of an output element in the region's own space: (g, n, p, q, o), or of a vector
/// region (0, image, row, run, element of the run).
struct OutputIndex {
  std::int64_t g = 0, n = 0, h = 0, w = 0, c = 0;
};
/// The element of a stored tensor that a view walks to. `groups` inner groups an outer one.
std::int64_t element_at(const ActivationView& view, const OutputIndex& at, std::int64_t groups);

/// Where a graph tensor's elements lie in a stored tensor, by row-major index.
OperandWalk walk_of(const View& view);

class RegionValues : public ElementSource {
 public:
  RegionValues(const RegionGraph& regions, Semantics& semantics, const NetworkValues& given);

  /// Reads element `element` of the `operand`-th of Region::operands, wherever it lies now.
  using ReadOperand =
      std::function<std::optional<double>(std::size_t operand, std::int64_t element)>;

  /// From here on about this region; what was remembered of another is forgotten.
  void enter(std::size_t region);
  /// A new tile: operands have changed.
  void new_tile(ReadOperand read);
  /// The value to be stored for an output at `at`; `sum` is its sum of products (matrix regions).
  double output(const OutputIndex& at, double sum);
  /// The first thing that had no value since new_tile, or empty.
  const std::string& missing() const { return missing_; }

  double at(TensorId tensor, std::int64_t index) override;

 private:
  double operand(TensorId tensor, std::int64_t index);
  double sum_of_columns(std::int64_t index);
  Region::Kind region_kind() const { return regions_.regions[region_].kind; }
  const OperandWalk& place_of(TensorId tensor);
  // region_recurrent.cpp
  void enter_recurrent(const Region& region);
  double recurrent(double sum);
  double recurrent_product(double sum);
  double in_row(int operand, std::int64_t column);
  double recurrent_bias() const;
  double miss(const std::string& what);

  const RegionGraph& regions_;
  Semantics& semantics_;
  const NetworkValues& given_;
  std::vector<OpId> producer_;                      ///< by graph tensor
  std::vector<std::optional<OperandWalk>> places_;  ///< by graph tensor, when first asked for

  std::size_t region_ = SIZE_MAX;
  TensorId result_;                     ///< the graph tensor that the region's output holds
  std::vector<std::int64_t> index_of_;  ///< by stored element: its index in result_, or -1
  std::vector<bool> member_;            ///< by graph op
  OpId product_;                        ///< the matrix op, in a matrix region
  bool remembers_ = false;              ///< rows are read more than once
  std::unordered_map<std::uint64_t, double> memory_;
  std::optional<RecurrentRules> recurrent_;  ///< in a region of a recurrent layer
  OpId recurrent_op_;
  bool projects_ = false;
  bool makes_columns_ = false;  ///< the product of a transposed convolution
  std::int64_t direction_ = 0;

  ReadOperand read_;
  OutputIndex at_;
  double sum_ = 0;
  std::string missing_;
};

}  // namespace takt
