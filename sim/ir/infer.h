// SPDX-License-Identifier: Apache-2.0
#pragma once
// Shapes and element types, forward through the graph. This is also where the operands and
// attributes of every OpKind are written down: what a reader makes, what fusion may rely on.
// Optional operands stand in parentheses.
//
//   kConv           x [N,C,H,W] or [N,C,L], w [O,C/g,R,S], (b [O])         WindowAttrs
//   kConvTranspose  x, w [C,O/g,R,S], (b [O])                              WindowAttrs
//   kMatMul         a [..,M,K], b [..,K,N], (bias, to [..,M,N])            MatMulAttrs
//   kMaxPool, kAveragePool  x                                              WindowAttrs
//   kLrn            x                                                      LrnAttrs
//   kUnary, kClip   x                                                      UnaryAttrs, ClipAttrs
//   kBinary         a, b (broadcast)                                       BinaryAttrs
//   kSum            one or more (broadcast)                                none
//   kWhere          condition, a, b (broadcast)                            none
//   kCast           x; to the dtype its output tensor has                  none
//   kSoftmax        x; normalised over all its axes at once                AxesAttrs
//   kLayerNorm      x, (gamma), (beta)                                     AxesAttrs
//   kRmsNorm        x, (gamma)                                             AxesAttrs
//   kGroupNorm      x, (gamma), (beta) [C] or [groups]                     AxesAttrs: groups
//   kInstanceNorm   x, (gamma), (beta) [C]                                 AxesAttrs
//   kBatchNorm      x, (gamma), (beta), (mean), (variance) [C]             AxesAttrs
//   kReduce         x; no axes = all                                       AxesAttrs
//   kArgMax         x; one axis; reduce = kMin: ArgMin                     AxesAttrs
//   kTopK           x; one axis; reduce = kMin: smallest                   AxesAttrs: k
//                   outputs values, (indices)
//   kConcat         one or more                                            MoveAttrs: axis
//   kSplit          x; output i is [begin[i], end[i]) of the axis          MoveAttrs
//   kSlice          x; begin, end, step by dimension; end = -1             MoveAttrs
//                   where a negative step takes in element 0
//   kPad            x; begin, end = elements added by dimension            MoveAttrs: mode, value
//                   (negative: taken away)
//   kTranspose      x                                                      TransposeAttrs
//   kReshape        x; end = the new shape, with one -1 at most            MoveAttrs
//   kExpand         x; end = the shape to broadcast with                   MoveAttrs
//   kResize         x; end = the new shape                                 MoveAttrs: mode
//   kGather         table, indices                                         MoveAttrs: axis
//   kLstm           x [T,B,I], w [D,4H,I], r [D,4H,H], (b [D,8H]), (),     RecurrentAttrs
//                   (h0 [D,B,H]), (c0 [D,B,H])
//   kGru, kRnn      the same with 3H and H for 4H, without c0              RecurrentAttrs
//                   outputs (y [T,D,B,H]), (last h [D,B,H]), (last c)
//
// Axes are non-negative and sorted. An absent optional operand or output is an invalid TensorId.

#include <vector>

#include "sim/base/result.h"
#include "sim/ir/graph.h"
#include "sim/ir/shape.h"

namespace takt {

/// What is known of a value before it has a name.
struct TensorType {
  Shape shape;
  DType dtype = DType::kFp32;
};

/// The types of one op's outputs, one for each of op.outputs, from those of its inputs.
Result<std::vector<TensorType>> infer_op(const Graph& graph, const Op& op);

/// Sets shape and dtype of everything the ops make. Inputs and parameters must have theirs. Returns
/// what does not fit, each naming its node; ops behind a failed one are not judged. Empty = all
/// fit.
Diagnostics infer_shapes(Graph& graph);

}  // namespace takt
