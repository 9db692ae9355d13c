// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is computed: tensors, ops, graph. Every front end (ONNX, YAML, in place) makes one of these;
// shapes are inferred by infer.h and fused into regions by fuse.h.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/dtype.h"
#include "sim/base/ids.h"

namespace takt {

/// Dimensions outermost first; empty = a scalar.
using Shape = std::vector<std::int64_t>;

enum class TensorKind {
  kInput,       ///< arrives over the host link
  kParameter,   ///< lies in the device's DRAM at cycle 0
  kActivation,  ///< made by an op
};

/// A value. `constant` holds its elements if they are known and small (shape arithmetic, axes) or
/// were stored in the file; integers as int64, floats as double.
struct Tensor {
  std::string name;
  Shape shape;
  DType dtype = DType::kFp32;
  TensorKind kind = TensorKind::kActivation;
  bool is_output = false;  ///< leaves over the host link
  using IntData = std::vector<std::int64_t>;
  using FloatData = std::vector<double>;
  std::variant<std::monostate, IntData, FloatData> constant;
};

enum class OpKind {
  kConv,
  kConvTranspose,
  kMatMul,
  kMaxPool,
  kAveragePool,
  kLrn,
  kResize,
  kUnary,
  kBinary,
  kSum,
  kWhere,
  kCast,
  kClip,
  kSoftmax,
  kLayerNorm,
  kGroupNorm,
  kInstanceNorm,
  kBatchNorm,
  kRmsNorm,
  kReduce,
  kArgMax,
  kTopK,
  kConcat,
  kSplit,
  kSlice,
  kPad,
  kTranspose,
  kReshape,
  kExpand,
  kGather,
  kLstm,
  kGru,
  kRnn,
};

/// Elementwise function of one operand. `cost` in lane operations is in ir/cost.h with its source.
enum class UnaryKind {
  kIdentity,
  kRelu,
  kLeakyRelu,
  kElu,
  kSelu,
  kCelu,
  kSigmoid,
  kHardSigmoid,
  kHardSwish,
  kSwish,
  kTanh,
  kGelu,
  kGeluTanh,
  kErf,
  kSoftplus,
  kSoftsign,
  kMish,
  kExp,
  kLog,
  kSqrt,
  kReciprocal,
  kNeg,
  kAbs,
  kSign,
  kFloor,
  kCeil,
  kRound,
  kNot,
  kSin,
  kCos,
  kThresholdedRelu,
};
enum class BinaryKind {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kPow,
  kMax,
  kMin,
  kMod,
  kEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kXor,
  kPRelu,
};
enum class ReduceKind { kSum, kMean, kMax, kMin, kProd, kL1, kL2, kSumSquare, kLogSum, kLogSumExp };

/// 2-D window of convolution and pooling (1-D uses the first pair with size 1 in the second).
/// Tensors are logically NCHW as in ONNX; the layout in memory is the region's business.
struct WindowAttrs {
  std::int64_t kernel[2] = {1, 1};  ///< [r, s]
  std::int64_t stride[2] = {1, 1};
  std::int64_t dilation[2] = {1, 1};
  std::int64_t pad_begin[2] = {0, 0};
  std::int64_t pad_end[2] = {0, 0};
  std::int64_t output_padding[2] = {0, 0};  ///< ConvTranspose only
  std::int64_t groups = 1;
  bool ceil_mode = false;
  bool count_include_pad = false;
  bool global = false;  ///< kernel = whole input
};
/// C = op(A)·op(B) [+ bias as third input]; leading dimensions broadcast.
struct MatMulAttrs {
  bool transpose_a = false, transpose_b = false;
  double alpha = 1, beta = 1;
};
struct UnaryAttrs {
  UnaryKind kind = UnaryKind::kIdentity;
  double alpha = 0, beta = 0;
};
struct ClipAttrs {
  double low = 0, high = 0;
};
struct BinaryAttrs {
  BinaryKind kind = BinaryKind::kAdd;
};
/// Softmax, norms, reductions, ArgMax, TopK: the axes they run over (non-negative, sorted).
struct AxesAttrs {
  std::vector<std::int64_t> axes;
  ReduceKind reduce = ReduceKind::kSum;
  bool keep_dims = true;
  bool logarithm = false;  ///< LogSoftmax
  double epsilon = 1e-5;
  std::int64_t groups = 1;  ///< GroupNorm
  std::int64_t k = 1;       ///< TopK
};
struct LrnAttrs {
  std::int64_t size = 1;
  double alpha = 1e-4, beta = 0.75, bias = 1;
};
struct TransposeAttrs {
  std::vector<std::int64_t> permutation;
};
/// Slice, Pad, Concat, Split, Gather, Resize: `begin`/`end`/`step` by dimension, or `axis`.
struct MoveAttrs {
  std::int64_t axis = 0;
  std::vector<std::int64_t> begin, end, step;
  std::string mode;  ///< Pad: constant|reflect|edge|wrap; Resize: nearest|linear|cubic
  double value = 0;  ///< Pad: what constant fills in
};
struct RecurrentAttrs {
  std::int64_t hidden = 0;
  std::int64_t directions = 1;
  bool reverse = false;
  bool linear_before_reset = false;  ///< GRU
};

using Attributes =
    std::variant<std::monostate, WindowAttrs, MatMulAttrs, UnaryAttrs, ClipAttrs, BinaryAttrs,
                 AxesAttrs, LrnAttrs, TransposeAttrs, MoveAttrs, RecurrentAttrs>;

/// An operator. An absent optional input is an invalid TensorId.
struct Op {
  std::string name;
  OpKind kind = OpKind::kUnary;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  Attributes attributes;
  std::string source;  ///< what the file called it: "Conv", "node 12 'conv1'"
};

/// Ops are in an order in which every input is made before it is used.
struct Graph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Op> ops;
  std::string hash;        ///< of what was read
  std::int64_t batch = 0;  ///< samples it is of; 0 = the first extent of its first input
  bool dtype_open = true;  ///< the precision is --dtype's to choose

  const Tensor& tensor(TensorId id) const { return tensors.at(id.index); }
  Tensor& tensor(TensorId id) { return tensors.at(id.index); }
};

}  // namespace takt
