// SPDX-License-Identifier: Apache-2.0
#pragma once
// The shapes of products, as an op's attributes and its tensors give them.

#include "execution.h"

namespace takt::gpu {

struct ConvShape {
  int n = 1, c = 1, h = 1, w = 1, o = 1, r = 1, s = 1, p = 1, q = 1, groups = 1;
  int stride[2] = {1, 1}, pad[2] = {0, 0}, dilation[2] = {1, 1};
  TAKT_HD int group_channels() const { return c / groups; }
  TAKT_HD int group_outputs() const { return o / groups; }
  TAKT_HD std::int64_t pixels() const { return std::int64_t{n} * p * q; }
  TAKT_HD std::int64_t length() const { return std::int64_t{group_channels()} * r * s; }
  /// Few channels a group leave the tensor cores idle: such convolutions go output by output.
  bool is_depthwise() const { return groups > 1 && group_channels() < 16; }
};
ConvShape conv_shape(const Execution& run, const Op& op);

/// A product of matrices with what it needs to be walked.
struct MatMulShape {
  std::int64_t m = 1, n = 1, k = 1, batches = 1;
  bool transpose_a = false, transpose_b = false;
  Walk a_matrix, b_matrix;  ///< number of the operand's matrix, by batch
  std::int64_t a_matrices = 1, b_matrices = 1;
};
MatMulShape matmul_shape(const Execution& run, const Op& op);

/// A walk in steps of `size` elements.
inline Walk times(Walk walk, std::int64_t size) {
  walk.straight = false;
  for (int d = 0; d < walk.loops; ++d) walk.stride[d] *= size;
  return walk;
}

/// One of int8, fp16 and bf16: what the tensor cores multiply here.
inline bool has_tile(Type type) {
  return type == Type::kInt8 || type == Type::kFp16 || type == Type::kBf16;
}

/// `rows` x `cols` matrices transposed; [o][c][r][s] as [o][r][s][c]; [n][c][h][w] as [n][h][w][c].
void transpose_matrices(Any from, void* to, std::int64_t matrices, std::int64_t rows,
                        std::int64_t cols);

}  // namespace takt::gpu
