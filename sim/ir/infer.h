// SPDX-License-Identifier: Apache-2.0
#pragma once
// Shapes and element types, forward through the graph. This is also where the operands and
// attributes of every OpKind are written down: what a reader makes, what fusion may rely on.
//
//   kind            inputs (optional ones in parentheses)        attributes
//   kConv           x [N,C,H,W] or [N,C,L], w [O,C/g,R,S], (b [O])      WindowAttrs
//   kConvTranspose  x, w [C,O/g,R,S], (b [O])                           WindowAttrs
//   kMatMul         a [..,M,K], b [..,K,N], (bias, broadcasts to [..,M,N])   MatMulAttrs
//   kMaxPool, kAveragePool  x                                    WindowAttrs
//   kLrn            x                                            LrnAttrs
//   kResize         x                                            MoveAttrs: end = shape of the
//   output kUnary, kClip   x                                            UnaryAttrs, ClipAttrs
//   kBinary         a, b (broadcast)                             BinaryAttrs
//   kSum            one or more (broadcast)                      none
//   kWhere          condition, a, b (broadcast)                  none
//   kCast           x; the output tensor's dtype says what to    none
//   kSoftmax        x                                            AxesAttrs: normalised over all
//   axes at once kLayerNorm      x, (gamma), (beta)                           AxesAttrs kRmsNorm x,
//   (gamma)                                   AxesAttrs kGroupNorm      x, (gamma), (beta) [C] or
//   [groups]           AxesAttrs: groups kInstanceNorm   x, (gamma), (beta) [C] AxesAttrs
//   kBatchNorm      x, (gamma), (beta), (mean), (variance) [C]   AxesAttrs
//   kReduce         x                                            AxesAttrs: no axes = all
//   kArgMax         x                                            AxesAttrs: one axis; reduce kMin =
//   ArgMin kTopK           x; outputs values, (indices)                 AxesAttrs: one axis, k; reduce kMin = the smallest
//   kConcat         one or more                                  MoveAttrs: axis
//   kSplit          x                                MoveAttrs: axis; output i is [begin[i],
//   end[i]) of it kSlice          x      MoveAttrs: begin, end, step by dimension; end = -1 where a
//   step < 0 takes in 0 kPad            x      MoveAttrs: begin, end = elements added by dimension
//   (negative: removed); mode kTranspose      x TransposeAttrs kReshape        x MoveAttrs: end =
//   new shape, one -1 at most kExpand         x                                MoveAttrs: end =
//   shape to broadcast with kGather         table, indices                               MoveAttrs:
//   axis kLstm           x [T,B,I], w [D,4H,I], r [D,4H,H], (b [D,8H]), (), (h0 [D,B,H]), (c0
//   [D,B,H]) kGru, kRnn      the same with 3H, 6H and H, 2H, without c0.  RecurrentAttrs
//                   outputs (y [T,D,B,H]), (last h [D,B,H]), (last c [D,B,H])
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
