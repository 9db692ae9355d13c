// SPDX-License-Identifier: Apache-2.0
#pragma once
// The shapes of the microbenchmarks.

#include <cstdint>
#include <vector>

namespace takt::gpu {

struct GemmShape {
  std::int64_t m, n, k;
  double work() const {
    return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};
/// 16 … 16384, squares, slabs and panels, ragged ones too; about 300, small work first.
std::vector<GemmShape> gemm_shapes();

struct ConvCase {
  int n, c, h, w, o, r, s, stride, pad, groups;
};
/// The convolutions of ResNet-18 and -50, VGG-16 and MobileNetV2 and ragged ones: 60 in all.
std::vector<ConvCase> conv_shapes();

}  // namespace takt::gpu
