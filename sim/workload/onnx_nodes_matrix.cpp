// SPDX-License-Identifier: Apache-2.0
// Matrix products.
#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

/// Numpy's matmul: a vector counts as a row on the left and a column on the right, and the
/// dimension it lent is dropped again.
void matmul(OnnxNode& node) {
  if (!node.require(2)) return;
  TensorId a = node.in(0), b = node.in(1);
  const bool row = node.rank(0) == 1, column = node.rank(1) == 1;
  if (node.rank(0) == 0 || node.rank(1) == 0) return node.fail("cannot multiply single numbers");
  if (row) a = node.reshape(a, {1, node.shape(0)[0]}, "row");
  if (column) b = node.reshape(b, {node.shape(1)[0], 1}, "column");
  if (!row && !column) return node.finish(OpKind::kMatMul, MatMulAttrs{}, {a, b});
  const TensorId product = node.emit(OpKind::kMatMul, MatMulAttrs{}, {a, b}, "product");
  if (node.failed()) return;
  Shape shape = node.tensor(product).shape;
  if (column) shape.pop_back();
  if (row) shape.erase(shape.end() - (column ? 1 : 2));
  node.set(0, node.reshape(product, shape, ""));
}

/// A bias that is the same for each row: what the matrix operator adds while it stores.
bool is_row_bias(const Shape& bias, std::int64_t n) {
  return bias == Shape{n} || bias == Shape{1, n};
}

/// Y = alpha * A' * B' + beta * C
void gemm(OnnxNode& node) {
  if (!node.require(2)) return;
  if (node.rank(0) != 2 || node.rank(1) != 2) {
    return node.fail("its operands " + to_string(node.shape(0)) + " and " +
                     to_string(node.shape(1)) + " must be matrices");
  }
  MatMulAttrs attrs;
  attrs.transpose_a = node.int_attribute("transA", 0) != 0;
  attrs.transpose_b = node.int_attribute("transB", 0) != 0;
  attrs.alpha = node.float_attribute("alpha", 1);
  const double beta = node.float_attribute("beta", 1);
  const std::int64_t n = node.shape(1)[attrs.transpose_b ? 0 : 1];
  if (!node.has(2)) return node.finish(OpKind::kMatMul, attrs, {node.in(0), node.in(1)});
  if (is_row_bias(node.shape(2), n)) {
    attrs.beta = beta;
    const TensorId bias = node.reshape(node.in(2), {n}, "bias");
    return node.finish(OpKind::kMatMul, attrs, {node.in(0), node.in(1), bias});
  }
  const TensorId product = node.emit(OpKind::kMatMul, attrs, {node.in(0), node.in(1)}, "product");
  TensorId addend = node.in(2);
  if (beta != 1) {
    const DType dtype = node.tensor(addend).dtype;
    if (!info(dtype).is_float) return node.unsupported("beta of whole numbers");
    const TensorId factor = node.builder().add_constant(node.name() + ".beta_value", {}, dtype,
                                                        Tensor::FloatData{round_to(dtype, beta)});
    addend = node.emit(OpKind::kBinary, BinaryAttrs{BinaryKind::kMul}, {addend, factor}, "beta");
  }
  if (node.failed()) return;
  if (broadcast(node.tensor(product).shape, node.tensor(addend).shape) !=
      node.tensor(product).shape) {
    return node.fail("its bias " + to_string(node.shape(2)) + " does not broadcast to " +
                     to_string(node.tensor(product).shape));
  }
  node.finish(OpKind::kBinary, BinaryAttrs{BinaryKind::kAdd}, {product, addend});
}

}  // namespace

std::vector<OnnxConverter> onnx_matrix_operators() { return {{"MatMul", matmul}, {"Gemm", gemm}}; }

}  // namespace takt
