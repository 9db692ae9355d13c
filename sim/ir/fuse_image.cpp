// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/fuse_image.h"

#include "sim/base/check.h"

namespace takt::fusing {

std::int64_t stride_of(const View& view, std::size_t dim) {
  if (dim >= view.dims.size()) return 0;  // a 1-D convolution has no width
  const auto stride = single_stride(view.dims[dim]);
  CHECK(stride.has_value()) << "a dimension of several strides";
  return *stride;
}

std::int64_t extent_at(const Shape& shape, std::size_t dim) {
  return dim < shape.size() ? shape[dim] : 1;
}

/// [N, C, H, W] walked by (g, n, h, w, c), the channels cut into groups.
ActivationView walk_channels(const View& view, std::int64_t groups) {
  ActivationView walk;
  walk.tensor = view.stored;
  walk.offset = view.offset;
  walk.stride_n = stride_of(view, 0);
  walk.stride_c = stride_of(view, 1);
  walk.stride_h = stride_of(view, 2);
  walk.stride_w = stride_of(view, 3);
  if (groups > 1) walk.stride_g = extent_of(view.dims[1]) / groups * walk.stride_c;
  return walk;
}

void add_conv_shape(Region& region, const Shape& in, const Shape& weight, const WindowAttrs& window,
                    std::int64_t k) {
  region.shape = {{"n", in[0]},
                  {"c", in[1]},
                  {"h", in[2]},
                  {"w", extent_at(in, 3)},
                  {"k", k},
                  {"r", weight[2]},
                  {"s", extent_at(weight, 3)},
                  {"stride", window.stride[0]}};
  if (window.stride[1] != window.stride[0] && in.size() > 3) {
    region.shape.emplace_back("stride_w", window.stride[1]);
  }
  region.shape.emplace_back("pad", window.pad_begin[0]);
  if (window.dilation[0] != 1) region.shape.emplace_back("dilation", window.dilation[0]);
  region.shape.emplace_back("groups", window.groups);
}

}  // namespace takt::fusing
