// SPDX-License-Identifier: Apache-2.0
#pragma once
// The fields of every kind of attributes by name, for the writer and the reader of graphs alike.

#include <optional>
#include <string>

#include "sim/ir/graph.h"

namespace takt {

template <class Visitor>
void visit_fields(std::monostate&, Visitor&) {}

template <class Visitor>
void visit_fields(WindowAttrs& a, Visitor& visit) {
  visit("kernel", a.kernel);
  visit("stride", a.stride);
  visit("dilation", a.dilation);
  visit("pad_begin", a.pad_begin);
  visit("pad_end", a.pad_end);
  visit("output_padding", a.output_padding);
  visit("groups", a.groups);
  visit("ceil_mode", a.ceil_mode);
  visit("count_include_pad", a.count_include_pad);
  visit("global", a.global);
}

template <class Visitor>
void visit_fields(MatMulAttrs& a, Visitor& visit) {
  visit("transpose_a", a.transpose_a);
  visit("transpose_b", a.transpose_b);
  visit("alpha", a.alpha);
  visit("beta", a.beta);
}

template <class Visitor>
void visit_fields(UnaryAttrs& a, Visitor& visit) {
  visit("function", a.kind);
  visit("alpha", a.alpha);
  visit("beta", a.beta);
}

template <class Visitor>
void visit_fields(ClipAttrs& a, Visitor& visit) {
  visit("low", a.low);
  visit("high", a.high);
}

template <class Visitor>
void visit_fields(BinaryAttrs& a, Visitor& visit) {
  visit("function", a.kind);
}

template <class Visitor>
void visit_fields(AxesAttrs& a, Visitor& visit) {
  visit("axes", a.axes);
  visit("function", a.reduce);
  visit("keep_dims", a.keep_dims);
  visit("logarithm", a.logarithm);
  visit("epsilon", a.epsilon);
  visit("groups", a.groups);
  visit("k", a.k);
}

template <class Visitor>
void visit_fields(LrnAttrs& a, Visitor& visit) {
  visit("size", a.size);
  visit("alpha", a.alpha);
  visit("beta", a.beta);
  visit("bias", a.bias);
}

template <class Visitor>
void visit_fields(TransposeAttrs& a, Visitor& visit) {
  visit("permutation", a.permutation);
}

template <class Visitor>
void visit_fields(MoveAttrs& a, Visitor& visit) {
  visit("axis", a.axis);
  visit("begin", a.begin);
  visit("end", a.end);
  visit("step", a.step);
  visit("mode", a.mode);
  visit("value", a.value);
}

template <class Visitor>
void visit_fields(RecurrentAttrs& a, Visitor& visit) {
  visit("hidden", a.hidden);
  visit("directions", a.directions);
  visit("reverse", a.reverse);
  visit("linear_before_reset", a.linear_before_reset);
}

/// Attributes as a kind of operator has them, with their defaults.
inline Attributes default_attributes(OpKind kind) {
  switch (kind) {
    case OpKind::kConv:
    case OpKind::kConvTranspose:
    case OpKind::kMaxPool:
    case OpKind::kAveragePool: return WindowAttrs{};
    case OpKind::kMatMul: return MatMulAttrs{};
    case OpKind::kLrn: return LrnAttrs{};
    case OpKind::kUnary: return UnaryAttrs{};
    case OpKind::kBinary: return BinaryAttrs{};
    case OpKind::kClip: return ClipAttrs{};
    case OpKind::kSum:
    case OpKind::kWhere:
    case OpKind::kCast: return std::monostate{};
    case OpKind::kTranspose: return TransposeAttrs{};
    case OpKind::kLstm:
    case OpKind::kGru:
    case OpKind::kRnn: return RecurrentAttrs{};
    case OpKind::kSoftmax:
    case OpKind::kLayerNorm:
    case OpKind::kGroupNorm:
    case OpKind::kInstanceNorm:
    case OpKind::kBatchNorm:
    case OpKind::kRmsNorm:
    case OpKind::kReduce:
    case OpKind::kArgMax:
    case OpKind::kTopK: return AxesAttrs{};
    default: return MoveAttrs{};
  }
}

}  // namespace takt
