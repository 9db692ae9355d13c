// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is done to the graph of a file before anybody sees it. Each pass leaves a graph with the
// same meaning; afterwards prune() takes out what it left behind.

#include <optional>
#include <vector>

#include "sim/ir/edit.h"
#include "sim/ir/graph.h"

namespace takt {

/// All passes, in their order.
void simplify(Graph& graph);

/// Ops on parameters alone are computed ahead of time: their results are parameters. Not so matrix
/// operators, whose work is the network's, and Expand, which would only make them larger. A
/// transposed weight is read transposed instead of stored twice.
void fold_parameters(Graph& graph);
/// A batch norm behind a convolution or matrix product becomes part of its weights and bias.
void fold_batch_norms(Graph& graph);
/// A padding with zeros before a convolution becomes part of it.
void fold_pads(Graph& graph);
/// A parameter added to each row of a matrix product becomes its bias.
void fold_biases(Graph& graph);
/// Layer norm and RMS norm from the elementwise operators and reductions they were taken apart
/// into.
void find_norms(Graph& graph);
/// GELU, swish, hard swish, hard sigmoid and Mish likewise.
void find_activations(Graph& graph);

/// Helps a pass to recognise patterns backwards from their last op.
class PatternMatcher {
 public:
  explicit PatternMatcher(Graph& graph)
      : graph_(graph), index_(graph), taken_(graph.ops.size(), false) {}

  Graph& graph() { return graph_; }
  Op& op(int i) { return graph_.ops[static_cast<std::size_t>(i)]; }
  int size() const { return static_cast<int>(graph_.ops.size()); }
  bool taken(int i) const { return taken_[static_cast<std::size_t>(i)]; }
  const GraphIndex& index() const { return index_; }

  /// The op that makes `id` if it is of this kind and not yet part of a pattern, else nullptr. It
  /// is noted as part of the pattern being tried.
  const Op* made_by(TensorId id, OpKind kind);
  const Op* made_by(TensorId id, BinaryKind kind);
  const Op* made_by(TensorId id, UnaryKind kind);
  /// The number that `id` is everywhere, if it is a constant of one element.
  std::optional<double> number(TensorId id) const;
  bool is_number(TensorId id, double value) const;  ///< to 0.1 %, as exporters round
  /// The one op that reads `id`, or kNobody: also if `id` leaves the network.
  int only_reader(TensorId id) const;

  /// Starts over with nothing noted.
  void start() { noted_.clear(); }
  /// Can the ops noted go once `last` computes it all? Only if nobody else reads their results.
  bool closed(int last) const;
  /// Makes `last` the whole pattern.
  void replace(int last, OpKind kind, Attributes attributes, std::vector<TensorId> inputs);
  void note(int i) { noted_.push_back(i); }
  std::size_t mark() const { return noted_.size(); }
  void back_to(std::size_t mark) { noted_.resize(mark); }

 private:
  const Op* peek(TensorId id, OpKind kind);
  const Op* noted(TensorId id, const Op* maker);

  Graph& graph_;
  GraphIndex index_;
  std::vector<bool> taken_;
  std::vector<int> noted_;
};

}  // namespace takt
