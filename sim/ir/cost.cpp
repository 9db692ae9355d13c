// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/cost.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/ir/resize_mode.h"
#include "sim/ir/shape.h"

namespace takt {
namespace {

// exp(x) = 2^(x log2 e): multiply, split off the whole part, look the fraction up and interpolate
// (1 look-up and 1 multiply-add counted as one with the split), add to the exponent: 4.
// Table with linear interpolation as in NVDLA's single-point unit (nvdla.org, "SDP", LUT) and
// range reduction as in Cody & Waite, Software Manual for the Elementary Functions, 1980.
constexpr std::uint32_t kExp = 4;
// A smooth bounded function by table: scale to an index, split, look up, multiply-add (NVDLA SDP).
constexpr std::uint32_t kTable = 4;
// 1/x: seed from a table and one Newton step of two multiply-adds (Markstein, IA-64 and Elementary
// Functions, 2000): bf16 and fp16 exact, fp32 to within 2 ulp with a 14-bit seed.
constexpr std::uint32_t kReciprocal = 3;
// 1/sqrt(x): seed and one Newton step y(1.5 - 0.5 x y^2): 1 + 3.
constexpr std::uint32_t kReciprocalRoot = 4;

constexpr std::string_view kInByteTable =
    "8-bit integers: one look-up in a table of all 256 values (Jacob et al., CVPR 2018, sec. 2)";

bool by_table(DType precision) { return precision == DType::kInt8 || precision == DType::kUInt8; }

LaneCost smooth(DType precision, std::uint32_t operations, std::string_view reason) {
  if (by_table(precision)) return {1, 0, kInByteTable};
  return {operations, 0, reason};
}

std::uint32_t at_least_one(std::int64_t count) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 1, UINT32_MAX));
}

std::uint32_t ceil_log2(std::int64_t value) {
  std::uint32_t bits = 0;
  while ((std::int64_t{1} << bits) < value) ++bits;
  return bits;
}

std::int64_t reduced_extent(const Graph& graph, const Op& op) {
  const Shape& shape = graph.tensor(op.inputs[0]).shape;
  const auto& axes = std::get<AxesAttrs>(op.attributes).axes;
  if (axes.empty()) return product(shape, 0, shape.size());
  std::int64_t extent = 1;
  for (std::int64_t axis : axes) extent *= shape.at(static_cast<std::size_t>(axis));
  return extent;
}

LaneCost pool_cost(const Graph& graph, const Op& op) {
  const auto& window = std::get<WindowAttrs>(op.attributes);
  const Shape& shape = graph.tensor(op.inputs[0]).shape;
  std::int64_t size = window.kernel[0] * window.kernel[1];
  if (window.global) {
    size = 1;
    for (std::size_t d = 2; d < shape.size(); ++d) size *= shape[d];
  }
  if (op.kind == OpKind::kMaxPool) {
    return {at_least_one(size - 1), 0, "r*s - 1 maxima of the window; at least the copy"};
  }
  return {at_least_one(size), 0, "r*s - 1 additions and a multiplication by 1/(r*s)"};
}

LaneCost reduction_cost(const Graph& graph, const Op& op, DType precision) {
  const auto& axes = std::get<AxesAttrs>(op.attributes);
  const std::int64_t extent = reduced_extent(graph, op);
  if (op.kind == OpKind::kArgMax) {
    return {at_least_one(2 * extent), 0, "compare, and select value and index, an element"};
  }
  if (op.kind == OpKind::kTopK) {
    // A heap of k: each element is compared with the smallest and sifted in at worst.
    const std::int64_t k = std::max<std::int64_t>(axes.k, 1);
    const std::int64_t work = extent * (1 + ceil_log2(k));
    return {at_least_one((work + k - 1) / k), 0, "a heap of k: 1 + log2 k an element, shared by k"};
  }
  const LaneCost each = lane_cost(axes.reduce, precision);
  return {at_least_one(each.per_element * extent + each.per_row), 0, each.reason};
}

}  // namespace

LaneCost lane_cost(UnaryKind kind, DType precision) {
  switch (kind) {
    case UnaryKind::kIdentity: return {0, 0, "nothing is done: the op is a name for its input"};
    case UnaryKind::kRelu: return {1, 0, "maximum with 0"};
    case UnaryKind::kNeg: return {1, 0, "subtract from 0"};
    case UnaryKind::kAbs: return {1, 0, "clear the sign"};
    case UnaryKind::kSign: return {2, 0, "two compare-and-selects"};
    case UnaryKind::kFloor:
    case UnaryKind::kCeil:
    case UnaryKind::kRound: return {1, 0, "a rounding instruction"};
    case UnaryKind::kNot: return {1, 0, "exclusive or with 1"};
    case UnaryKind::kLeakyRelu: return {2, 0, "multiply by alpha, compare and select"};
    case UnaryKind::kThresholdedRelu: return {1, 0, "compare and select"};
    case UnaryKind::kHardSigmoid: return {3, 0, "multiply-add, maximum, minimum"};
    case UnaryKind::kHardSwish: return {4, 0, "hard sigmoid and a multiplication"};
    case UnaryKind::kElu:
    case UnaryKind::kCelu:
      return smooth(precision, kExp + 3, "exp, subtract 1, multiply by alpha, select");
    case UnaryKind::kSelu: return smooth(precision, kExp + 4, "elu and a scale");
    case UnaryKind::kSigmoid: return smooth(precision, kTable, "interpolated table");
    case UnaryKind::kTanh: return smooth(precision, kTable, "interpolated table");
    case UnaryKind::kErf: return smooth(precision, kTable, "interpolated table");
    case UnaryKind::kSwish: return smooth(precision, kTable + 1, "sigmoid and a multiplication");
    case UnaryKind::kGelu:
      return smooth(precision, kTable + 4,
                    "x/2 * (1 + erf(x/sqrt 2)): scale, erf, add, 2 products");
    case UnaryKind::kGeluTanh:
      return smooth(
          precision, kTable + 6,
          "x/2 * (1 + tanh(c (x + d x^3))): square, multiply-add, product with c x, tanh, "
          "add, 2 products");
    case UnaryKind::kSoftplus: return smooth(precision, kExp + 1 + kTable, "log(1 + exp x)");
    case UnaryKind::kMish:
      return smooth(precision, kExp + 1 + 2 * kTable + 1, "x * tanh(log(1 + exp x))");
    case UnaryKind::kSoftsign: return smooth(precision, kReciprocal + 3, "x / (1 + |x|)");
    case UnaryKind::kExp: return smooth(precision, kExp, "table and exponent");
    case UnaryKind::kLog: return smooth(precision, kTable, "exponent, and table of the mantissa");
    case UnaryKind::kSin:
    case UnaryKind::kCos: return smooth(precision, kTable + 2, "range reduction and table");
    case UnaryKind::kSqrt: return smooth(precision, kReciprocalRoot + 1, "x * 1/sqrt x");
    case UnaryKind::kReciprocal: return smooth(precision, kReciprocal, "seed and a Newton step");
  }
  CHECK(false) << "unary kind " << static_cast<int>(kind);
  return {};
}

LaneCost lane_cost(BinaryKind kind, DType precision) {
  switch (kind) {
    case BinaryKind::kDiv:
      if (by_table(precision)) return {2, 0, "look 1/y up, multiply"};
      return {kReciprocal + 1, 0, "reciprocal and a multiplication"};
    case BinaryKind::kMod: return {kReciprocal + 3, 0, "quotient, floor, multiply, subtract"};
    case BinaryKind::kPow: return {kTable + 1 + kExp, 0, "exp(y log x)"};
    case BinaryKind::kPRelu: return {2, 0, "multiply, compare and select"};
    default: return {1, 0, "one instruction"};
  }
}

LaneCost lane_cost(ReduceKind kind, DType precision) {
  switch (kind) {
    case ReduceKind::kMean: return {1, 1, "add; a multiplication by 1/n at the end"};
    case ReduceKind::kL1: return {2, 0, "absolute value, add"};
    case ReduceKind::kL2: return {1, kReciprocalRoot + 1, "multiply-add; a root at the end"};
    case ReduceKind::kSumSquare: return {1, 0, "multiply-add"};
    case ReduceKind::kLogSum: return {1, kTable, "add; a logarithm at the end"};
    case ReduceKind::kLogSumExp:
      return {2 + lane_cost(UnaryKind::kExp, precision).per_element + 1, kTable + 1,
              "maximum; subtract, exp, add; a logarithm and an addition at the end"};
    default: return {1, 0, "one instruction"};
  }
}

LaneCost bias_cost() { return {1, 0, "add"}; }

LaneCost requantise_cost() {
  return {
      3, 0,
      "multiply by a fixed-point scale, rounding shift, clamp (Jacob et al., CVPR 2018, sec. 2.2)"};
}

LaneCost lane_cost(const Graph& graph, const Op& op, DType precision) {
  switch (op.kind) {
    case OpKind::kUnary: return lane_cost(std::get<UnaryAttrs>(op.attributes).kind, precision);
    case OpKind::kBinary: return lane_cost(std::get<BinaryAttrs>(op.attributes).kind, precision);
    case OpKind::kSum:
      return {at_least_one(static_cast<std::int64_t>(op.inputs.size()) - 1), 0, "additions"};
    case OpKind::kWhere: return {1, 0, "select"};
    case OpKind::kCast: return {1, 0, "a conversion"};
    case OpKind::kClip: return {2, 0, "maximum and minimum"};
    case OpKind::kMaxPool:
    case OpKind::kAveragePool: return pool_cost(graph, op);
    case OpKind::kLrn: {
      const std::int64_t size = std::get<LrnAttrs>(op.attributes).size;
      return {at_least_one(1 + size + 1 + kTable + 1), 0,
              "square, sum of `size` squares, multiply-add, power by table, multiply"};
    }
    case OpKind::kResize: {
      const std::string mode = resize_kernel(std::get<MoveAttrs>(op.attributes).mode);
      if (mode == "linear") return {4, 0, "4 multiply-adds of the bilinear weights"};
      if (mode == "cubic") return {16, 0, "16 multiply-adds of the bicubic weights"};
      return {0, 0, "nearest: elements are copied, no lane computes"};
    }
    case OpKind::kSoftmax: {
      const std::uint32_t exp = lane_cost(UnaryKind::kExp, precision).per_element;
      const bool logarithm = std::get<AxesAttrs>(op.attributes).logarithm;
      return {3 + exp + 1, logarithm ? kTable : kReciprocal,
              "maximum; subtract, exp, add; multiply by the row's reciprocal sum (log: subtract)",
              2};
    }
    case OpKind::kLayerNorm:
    case OpKind::kGroupNorm:
    case OpKind::kInstanceNorm:
      return {6, 4 + kReciprocalRoot,
              "sum; subtract mean, accumulate squares; multiply by 1/sigma, scale, shift. A row: 2 "
              "products with 1/n, epsilon, 1/sqrt",
              2};
    case OpKind::kRmsNorm:
      return {3, 2 + kReciprocalRoot, "accumulate squares; multiply by 1/rms, scale", 1};
    case OpKind::kBatchNorm: return {2, 0, "multiply, add: mean and variance are folded in"};
    case OpKind::kReduce:
    case OpKind::kArgMax:
    case OpKind::kTopK: return reduction_cost(graph, op, precision);
    case OpKind::kConcat:
    case OpKind::kSplit:
    case OpKind::kSlice:
    case OpKind::kPad:
    case OpKind::kTranspose:
    case OpKind::kReshape:
    case OpKind::kExpand:
    case OpKind::kGather: return {0, 0, "elements are copied, no lane computes"};
    case OpKind::kConv:
    case OpKind::kConvTranspose:
    case OpKind::kMatMul:
    case OpKind::kLstm:
    case OpKind::kGru:
    case OpKind::kRnn: return {0, 0, "the matrix unit's; see macs.h"};
  }
  CHECK(false) << "op kind " << static_cast<int>(op.kind);
  return {};
}

}  // namespace takt
