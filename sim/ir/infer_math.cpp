// SPDX-License-Identifier: Apache-2.0
// Elementwise operators and the matrix product.
#include "sim/ir/infer_rules.h"

namespace takt::rules {
namespace {

std::string no_broadcast(const Shape& a, const Shape& b) {
  return "its operands " + to_string(a) + " and " + to_string(b) + " do not broadcast";
}

bool is_predicate(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kEqual:
    case BinaryKind::kLess:
    case BinaryKind::kLessEqual:
    case BinaryKind::kGreater:
    case BinaryKind::kGreaterEqual:
    case BinaryKind::kAnd:
    case BinaryKind::kOr:
    case BinaryKind::kXor: return true;
    default: return false;
  }
}

}  // namespace

std::string same_as_first(const OpView& op, Types& out) {
  out.push_back({op.shape(0), op.dtype(0)});
  return "";
}

std::string unary(const OpView& op, Types& out) {
  const bool logical = op.attributes<UnaryAttrs>().kind == UnaryKind::kNot;
  out.push_back({op.shape(0), logical ? DType::kBool : op.dtype(0)});
  return "";
}

std::string binary(const OpView& op, Types& out) {
  const auto shape = broadcast(op.shape(0), op.shape(1));
  if (!shape) return no_broadcast(op.shape(0), op.shape(1));
  const BinaryKind kind = op.attributes<BinaryAttrs>().kind;
  if (kind == BinaryKind::kPRelu && *shape != op.shape(0)) {
    return "its slope " + to_string(op.shape(1)) + " does not broadcast to " +
           to_string(op.shape(0));
  }
  out.push_back({*shape, is_predicate(kind) ? DType::kBool : op.dtype(0)});
  return "";
}

std::string sum(const OpView& op, Types& out) {
  Shape shape = op.shape(0);
  for (std::size_t i = 1; i < op.input_count(); ++i) {
    const auto wider = broadcast(shape, op.shape(i));
    if (!wider) return no_broadcast(shape, op.shape(i));
    shape = *wider;
  }
  out.push_back({shape, op.dtype(0)});
  return "";
}

std::string where(const OpView& op, Types& out) {
  const auto values = broadcast(op.shape(1), op.shape(2));
  if (!values) return no_broadcast(op.shape(1), op.shape(2));
  const auto shape = broadcast(*values, op.shape(0));
  if (!shape) return no_broadcast(op.shape(0), *values);
  out.push_back({*shape, op.dtype(1)});
  return "";
}

std::string cast(const OpView& op, Types& out) {
  out.push_back({op.shape(0), op.output(0).dtype});
  return "";
}

std::string matmul(const OpView& op, Types& out) {
  const auto& attrs = op.attributes<MatMulAttrs>();
  const Shape& a = op.shape(0);
  const Shape& b = op.shape(1);
  if (a.size() < 2 || b.size() < 2) {
    return "its operands " + to_string(a) + " and " + to_string(b) + " must be matrices";
  }
  std::int64_t m = a[a.size() - 2], k = a[a.size() - 1];
  std::int64_t k_of_b = b[b.size() - 2], n = b[b.size() - 1];
  if (attrs.transpose_a) std::swap(m, k);
  if (attrs.transpose_b) std::swap(k_of_b, n);
  if (k != k_of_b) {
    return "its operands " + to_string(a) + " and " + to_string(b) +
           " do not fit: " + std::to_string(k) + " columns meet " + std::to_string(k_of_b) +
           " rows";
  }
  const auto batch = broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!batch) return no_broadcast(a, b);
  Shape shape = *batch;
  shape.push_back(m);
  shape.push_back(n);
  if (op.has(2) && broadcast(shape, op.shape(2)) != shape) {
    return "its bias " + to_string(op.shape(2)) + " does not broadcast to " + to_string(shape);
  }
  out.push_back({shape, op.dtype(0)});
  return "";
}

}  // namespace takt::rules
