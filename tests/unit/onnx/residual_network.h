// SPDX-License-Identifier: Apache-2.0
#pragma once
// ResNets (He et al., CVPR 2016, table 1; the stride of a bottleneck on its 3×3, "v1.5") as ONNX.

#include <string>
#include <vector>

#include "tests/support/onnx_model.h"

namespace takt::test {

class ResNetWriter {
 public:
  explicit ResNetWriter(OnnxModel& model) : m_(model) {}

  std::string conv(const std::string& x, std::int64_t in, std::int64_t out, std::int64_t kernel,
                   std::int64_t stride) {
    const std::string name = "conv" + std::to_string(count_++);
    m_.weight(name + ".w", {out, in, kernel, kernel});
    m_.weight(name + ".b", {out});
    const std::int64_t pad = kernel / 2;
    m_.node("Conv", {x, name + ".w", name + ".b"}, {name})
        .with("strides", Ints{stride, stride})
        .with("pads", Ints{pad, pad, pad, pad});
    return name;
  }
  std::string op(const std::string& type, const Names& inputs) {
    const std::string name = type + std::to_string(count_++);
    m_.node(type, inputs, {name});
    return name;
  }
  /// One block; the shortcut gets a convolution where the shape changes.
  std::string block(const std::string& x, std::int64_t in, std::int64_t width, std::int64_t out,
                    std::int64_t stride, bool bottleneck) {
    std::string y;
    if (bottleneck) {
      y = op("Relu", {conv(x, in, width, 1, 1)});
      y = op("Relu", {conv(y, width, width, 3, stride)});
      y = conv(y, width, out, 1, 1);
    } else {
      y = op("Relu", {conv(x, in, width, 3, stride)});
      y = conv(y, width, out, 3, 1);
    }
    const std::string shortcut = in == out && stride == 1 ? x : conv(x, in, out, 1, stride);
    return op("Relu", {op("Add", {y, shortcut})});
  }

 private:
  OnnxModel& m_;
  int count_ = 0;
};

inline void resnet(OnnxModel& m, const std::vector<int>& blocks, bool bottleneck) {
  ResNetWriter writer(m);
  m.input("input", Names{"batch", "3", "224", "224"});
  std::string x = writer.op("Relu", {writer.conv("input", 3, 64, 7, 2)});
  m.node("MaxPool", {x}, {"pool"})
      .with("kernel_shape", Ints{3, 3})
      .with("strides", Ints{2, 2})
      .with("pads", Ints{1, 1, 1, 1});
  x = "pool";
  std::int64_t in = 64, width = 64;
  for (std::size_t stage = 0; stage < blocks.size(); ++stage, width *= 2) {
    const std::int64_t out = bottleneck ? 4 * width : width;
    for (int i = 0; i < blocks[stage]; ++i) {
      x = writer.block(x, in, width, out, stage > 0 && i == 0 ? 2 : 1, bottleneck);
      in = out;
    }
  }
  x = writer.op("Flatten", {writer.op("GlobalAveragePool", {x})});
  m.weight("fc.w", {1000, in});
  m.weight("fc.b", {1000});
  m.node("Gemm", {x, "fc.w", "fc.b"}, {"output"}).with("transB", 1);
  m.output("output");
}

}  // namespace takt::test
