// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tensors [N, C, H, W] and their walks, shared by the files of fusion that lower convolutions. A
// 1-D tensor [N, C, L] has height L and width 1.

#include "sim/ir/region.h"

namespace takt::fusing {

/// The one stride of a dimension; 0 for the width a 1-D tensor does not have.
std::int64_t stride_of(const View& view, std::size_t dim);
/// An extent; 1 for a dimension that is not there.
std::int64_t extent_at(const Shape& shape, std::size_t dim);
/// [N, C, H, W] walked by (g, n, h, w, c), the channels cut into groups.
ActivationView walk_channels(const View& view, std::int64_t groups);
/// What reports print of a convolution with `k` output channels.
void add_conv_shape(Region& region, const Shape& in, const Shape& weight, const WindowAttrs& window,
                    std::int64_t k);

}  // namespace takt::fusing
