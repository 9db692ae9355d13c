// SPDX-License-Identifier: Apache-2.0
#pragma once
// What fusion knows while it walks the graph; used by fuse*.cpp only.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/diagnostic.h"
#include "sim/base/math.h"
#include "sim/ir/cost.h"
#include "sim/ir/fuse.h"

namespace takt::fusing {

/// What a step reads beside the stream, seen in the stream's shape.
struct Operand {
  TensorId tensor;
  View view;
};

/// One operation on every element of a stream.
struct Step {
  OpId op;
  std::string what;
  LaneCost cost;
  std::vector<Operand> operands;
  std::int64_t row_extent = 0;  ///< elements normalised together (cost.per_row is of one such row)
};

/// Ops that run as one. The stream is the first op's output, before anything is done to it.
struct Group {
  std::vector<OpId> members;
  std::vector<Step> steps;
  TensorId stream;
  TensorId result;                 ///< the one value that leaves
  std::vector<OpId> chain;         ///< reshapes and transposes between stream and result
  std::set<std::size_t> row_axes;  ///< dimensions of the stream that a step needs whole
  std::size_t read_first = 0;      ///< operands of the first op that are of no step
};

/// How a stream is cut into rows: dimensions in memory order; from `row_from` on they are in a row.
struct RowCut {
  DimOrder order;
  std::size_t row_from = 0;
  bool images = false;  ///< the first dimension is the image, the others outside are its rows
};

/// Says that the `inner` innermost elements of a row can be apart, in whole steps of `step`; as
/// many of them as lie in one run.
void allow_cuts(VectorWork& work, std::int64_t inner, std::int64_t step = 1);

/// The walk. All of it is open to the files of fusion, and to nobody else.
struct Fuser {
  Fuser(const Graph& graph, const FuseOptions& options);
  Result<RegionGraph> run();

  // fuse.cpp: the walk.
  void visit(OpId id);
  void finish_outputs();
  const Op& op(OpId id) const { return graph_.ops[id.index]; }
  const Shape& shape(TensorId id) const { return graph_.tensor(id).shape; }
  DType stored_dtype(TensorId id) const;
  bool has_input(const Op& o, std::size_t i) const;
  void unsupported(const Op& o, const std::string& message, const std::string& hint = "");

  // fuse_places.cpp: where values lie.
  void claim_concatenations();
  bool is_parameter(TensorId id);
  bool is_view(const Op& o) const;
  std::optional<View> apply_view(const Op& o, const View& view, std::size_t output) const;
  std::optional<View> place(TensorId id);
  View placed(TensorId id);  ///< must be there
  View new_stored(TensorId id, const std::string& name, const Shape& shape, const DimOrder& order,
                  DType dtype, TensorKind kind);
  View allocate(TensorId id, const DimOrder& order);
  View allocate_result(const Group& group, const DimOrder& order);
  /// The same for a vector region, by its rows: in its part of a concatenation only if the region's
  /// loops can walk it there.
  View allocate_rows(const Group& group, const RowCut& cut);
  DimOrder input_order(TensorId id) const;
  void view_op(OpId id);
  void concat(OpId id);
  View materialise(TensorId id, const DimOrder& order, const std::string& name);
  View strided(TensorId id, const DimOrder& order);  ///< one stride a dimension
  View weight_place(TensorId id);
  void copy(const std::string& name, OpId id, const View& from, const View& to);
  void copy_in_parts(const std::string& name, OpId id, const View& from, const View& to);

  // fuse_group.cpp: what runs together.
  /// `group` holds its first op, stream and result. A vector group may take in softmax and norms.
  Group grow(Group group, const DimOrder& order, bool vector);
  bool immediate(const Op& o, std::size_t input) const;
  std::int64_t row_extent(const Op& o) const;
  /// Operand `input` of `o`, as the op broadcasts it to `to`; nothing if it has no place yet.
  std::optional<View> operand_view(const Op& o, std::size_t input, const Shape& to);

  // fuse_conv.cpp, fuse_matmul.cpp: matrix regions.
  void conv(OpId id);
  void conv_transpose(OpId id);
  View multiply_columns(OpId id);
  void scatter_columns(OpId id, const View& cols);
  VectorOperand column_rows(Region& scatter, OpId id, const View& cols) const;
  void matmul(OpId id);
  DimOrder order_of_product(TensorId result) const;
  void product_steps(
      Region& region, const Group& group,
      const std::function<std::vector<ActivationView>(const std::vector<View>&)>& walk);
  void add_bias(Group& group, OpId id, std::size_t input);
  void conv_steps(Region& region, const Group& group);
  View placed_copy(TensorId id, OpId reader, const Shape& to);
  Region matrix_region(const Group& group, const std::string& what) const;
  void add_requantise(Region& region, const Group& group) const;

  // fuse_vector.cpp, fuse_vector_ops.cpp: vector regions.
  void elementwise(OpId id);
  Group single(OpId id) const;  ///< an op whose first operand is not seen in its result's shape
  void pool(OpId id);
  void reduction(OpId id);
  void read_rows(Region& region, const View& in, const std::set<std::size_t>& reduced,
                 const DimOrder& in_order, std::size_t first);
  void top_k_indices(OpId id, const Region& values, const RowCut& cut,
                     const std::function<void(Region&)>& read);
  void resize(OpId id);
  void pad(OpId id);
  void gather(OpId id);
  RowCut cut_rows(const Group& group, const DimOrder& order) const;
  Region vector_region(const Group& group, const View& out, const RowCut& cut, bool may_split);
  std::vector<View> aligned_operands(const Group& group, const RowCut& cut) const;
  std::vector<VectorOperand> divide_operands(const Group& group, const RowCut& cut,
                                             std::vector<View>& views);
  bool is_as_placed(const Operand& operand);
  void read_whole(const Operand& operand, VectorOperand& o);
  View dense_copy(const Operand& operand, const Shape& to, const DimOrder& order);
  std::int64_t free_channels(const Group& group, const RowCut& cut) const;
  void main_operand(Region& region, VectorOperand operand) const;

  // fuse_recurrent.cpp
  void recurrent(OpId id);

  void add_region(Region region);
  std::string unique_name(const std::string& wanted);
  bool integer(DType dtype) const { return !info(dtype).is_float; }

  struct Claim {
    TensorId whole;  ///< output of the concatenation that has a place for the tensor
    std::size_t axis = 0;
    std::int64_t begin = 0;
  };

  const Graph& graph_;
  FuseOptions options_;
  RegionGraph out_;
  Diagnostics errors_;
  std::vector<OpId> producer_;                 // by tensor
  std::vector<std::vector<OpId>> readers_;     // by tensor
  std::vector<bool> done_;                     // by op
  std::vector<std::optional<View>> places_;    // by tensor
  std::vector<std::optional<Claim>> claims_;   // by tensor
  std::vector<std::optional<View>> prepared_;  // by tensor: storage of concatenations
  std::vector<int> parameter_;                 // by tensor: -1 unknown, 0, 1
  std::set<std::string> names_;
  std::map<std::string, int> next_suffix_;  ///< by name, where to look for the next free one
};

/// Fills an operand list and the steps that read it.
struct OperandList {
  std::vector<VectorOperand>& operands;
  /// Index of an equal operand, else of a new one.
  int add(const VectorOperand& operand);
};

/// Does the operand change with every dimension outside a row (aligned), or is all of it needed?
VectorOperand::Access access_of(const View& view, const std::vector<std::size_t>& outside,
                                bool parameter);
/// Elements of a view that differ: stride 0 does not count.
std::int64_t distinct(const View& view);
std::int64_t distinct(const Factors& factors);

}  // namespace takt::fusing
