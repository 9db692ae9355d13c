// SPDX-License-Identifier: Apache-2.0
// Convolution, pooling, local response normalisation.
#include <algorithm>

#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

/// [N, C] and one or two spatial dimensions, or an error.
bool is_image(OnnxNode& node) {
  if (node.rank(0) == 3 || node.rank(0) == 4) return true;
  if (node.rank(0) < 3) {
    node.fail("its input must be [N, C, L] or [N, C, H, W], not " + to_string(node.shape(0)));
  } else {
    node.unsupported("windows of " + std::to_string(node.rank(0) - 2) + " dimensions");
  }
  return false;
}

/// Numbers for each spatial dimension from an attribute that gives `groups` for each, in order.
bool read_numbers(OnnxNode& node, const char* name, std::size_t count, std::int64_t* out) {
  const auto given = node.ints_attribute(name);
  if (!given || given->empty()) return false;
  if (given->size() != count) {
    node.fail(std::string("attribute '") + name + "' has " + std::to_string(given->size()) +
              " numbers, not " + std::to_string(count));
    return false;
  }
  std::copy(given->begin(), given->end(), out);
  return true;
}

struct Window {
  WindowAttrs attrs;
  std::size_t spatial = 2;
  bool has_kernel = false;
  bool has_pads = false;
  std::string auto_pad;
};

Window read_window(OnnxNode& node) {
  Window w;
  w.spatial = static_cast<std::size_t>(node.rank(0)) - 2;
  w.has_kernel = read_numbers(node, "kernel_shape", w.spatial, w.attrs.kernel);
  read_numbers(node, "strides", w.spatial, w.attrs.stride);
  read_numbers(node, "dilations", w.spatial, w.attrs.dilation);
  std::int64_t pads[4] = {0, 0, 0, 0};
  w.has_pads = read_numbers(node, "pads", 2 * w.spatial, pads);
  for (std::size_t i = 0; i < w.spatial; ++i) {
    w.attrs.pad_begin[i] = pads[i];
    w.attrs.pad_end[i] = pads[w.spatial + i];
  }
  w.auto_pad = node.string_attribute("auto_pad", "NOTSET");
  if (w.auto_pad != "NOTSET" && w.auto_pad != "VALID" && w.auto_pad != "SAME_UPPER" &&
      w.auto_pad != "SAME_LOWER" && !w.auto_pad.empty()) {
    node.fail("auto_pad is '" + w.auto_pad + "'");
  }
  return w;
}

bool is_same(const std::string& auto_pad) { return auto_pad.compare(0, 4, "SAME") == 0; }

/// auto_pad SAME: out = ceil(in / stride), and as much padding as that takes, an odd element at the
/// end (UPPER) or the beginning (LOWER). Values out of bounds are left to inference to refuse.
void apply_auto_pad(Window& w, const Shape& x) {
  if (w.auto_pad == "VALID") {
    for (std::size_t i = 0; i < w.spatial; ++i) w.attrs.pad_begin[i] = w.attrs.pad_end[i] = 0;
  }
  if (!is_same(w.auto_pad)) return;
  for (std::size_t i = 0; i < w.spatial; ++i) {
    const std::int64_t limit = std::int64_t{1} << 30;
    const std::int64_t stride = w.attrs.stride[i], kernel = w.attrs.kernel[i];
    const std::int64_t dilation = w.attrs.dilation[i];
    if (stride < 1 || kernel < 1 || dilation < 1 || stride > limit || kernel > limit ||
        dilation > limit) {
      continue;
    }
    const std::int64_t out = x[i + 2] / stride + (x[i + 2] % stride != 0);
    const std::int64_t span = dilation * (kernel - 1) + 1;
    const std::int64_t pad = std::max<std::int64_t>((out - 1) * stride + span - x[i + 2], 0);
    w.attrs.pad_begin[i] = w.auto_pad == "SAME_UPPER" ? pad / 2 : pad - pad / 2;
    w.attrs.pad_end[i] = pad - w.attrs.pad_begin[i];
  }
}

/// The kernel is that of the weights where the node does not say.
void kernel_from_weights(OnnxNode& node, Window& w) {
  if (w.has_kernel || node.rank(1) != node.rank(0)) return;
  for (std::size_t i = 0; i < w.spatial; ++i) w.attrs.kernel[i] = node.shape(1)[i + 2];
}

std::vector<TensorId> present_inputs(OnnxNode& node, std::size_t most) {
  std::vector<TensorId> inputs(node.inputs());
  if (inputs.size() > most) node.fail("has " + std::to_string(inputs.size()) + " inputs");
  while (!inputs.empty() && !inputs.back().valid()) inputs.pop_back();
  return inputs;
}

void conv(OnnxNode& node) {
  if (!node.require(2) || !is_image(node)) return;
  Window w = read_window(node);
  kernel_from_weights(node, w);
  apply_auto_pad(w, node.shape(0));
  w.attrs.groups = node.int_attribute("group", 1);
  node.finish(OpKind::kConv, w.attrs, present_inputs(node, 3));
}

/// The pads of a transposed convolution that make its result the size asked for:
/// total = stride * (in - 1) + output_padding + span - out (ONNX, ConvTranspose).
void fit_output_shape(OnnxNode& node, Window& w) {
  const auto asked = node.ints_attribute("output_shape");
  if (!asked && !is_same(w.auto_pad)) return;
  const std::size_t count = asked ? asked->size() : w.spatial;
  if (count != w.spatial && count != w.spatial + 2) {
    node.fail("attribute 'output_shape' has " + std::to_string(count) + " numbers");
    return;
  }
  constexpr std::int64_t kLimit = std::int64_t{1} << 30;
  for (std::size_t i = 0; i < w.spatial; ++i) {
    const std::int64_t in = node.shape(0)[i + 2], stride = w.attrs.stride[i];
    const std::int64_t numbers[] = {in, stride, w.attrs.kernel[i], w.attrs.dilation[i],
                                    w.attrs.output_padding[i]};
    for (const std::int64_t number : numbers) {
      if (number < 0 || number > kLimit) return node.fail("has a window out of bounds");
    }
    const std::int64_t out = asked ? (*asked)[count - w.spatial + i] : in * stride;
    if (out < 0 || out > kLimit * kLimit)
      return node.fail("attribute 'output_shape' is out of bounds");
    const std::int64_t span = w.attrs.dilation[i] * (w.attrs.kernel[i] - 1) + 1;
    std::int64_t total = stride * (in - 1) + w.attrs.output_padding[i] + span - out;
    if (total < 0) {  // larger than any window reaches: the rest is padding of the output
      w.attrs.output_padding[i] -= total;
      total = 0;
    }
    w.attrs.pad_begin[i] = w.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
    w.attrs.pad_end[i] = total - w.attrs.pad_begin[i];
  }
}

void conv_transpose(OnnxNode& node) {
  if (!node.require(2) || !is_image(node)) return;
  Window w = read_window(node);
  kernel_from_weights(node, w);
  w.attrs.groups = node.int_attribute("group", 1);
  read_numbers(node, "output_padding", w.spatial, w.attrs.output_padding);
  fit_output_shape(node, w);
  node.finish(OpKind::kConvTranspose, w.attrs, present_inputs(node, 3));
}

void pool(OnnxNode& node, OpKind kind) {
  if (!node.require(1) || !is_image(node)) return;
  Window w = read_window(node);
  if (!w.has_kernel) node.fail("attribute 'kernel_shape' is missing");
  apply_auto_pad(w, node.shape(0));
  w.attrs.ceil_mode = node.int_attribute("ceil_mode", 0) != 0;
  w.attrs.count_include_pad = node.int_attribute("count_include_pad", 0) != 0;
  if (node.int_attribute("storage_order", 0) != 0) node.unsupported("storage_order 1");
  node.finish(kind, w.attrs, {node.in(0)});
}

void max_pool(OnnxNode& node) { pool(node, OpKind::kMaxPool); }
void average_pool(OnnxNode& node) { pool(node, OpKind::kAveragePool); }

void global_pool(OnnxNode& node, OpKind kind, ReduceKind reduce) {
  if (!node.require(1)) return;
  if (node.rank(0) < 3) return node.fail("its input " + to_string(node.shape(0)) + " has no image");
  if (node.rank(0) > 4) {  // the same as a reduction over all spatial dimensions
    AxesAttrs axes;
    axes.reduce = reduce;
    for (std::int64_t i = 2; i < node.rank(0); ++i) axes.axes.push_back(i);
    return node.finish(OpKind::kReduce, axes, {node.in(0)});
  }
  WindowAttrs w;
  w.global = true;
  for (std::size_t i = 2; i < node.shape(0).size(); ++i) {
    w.kernel[i - 2] = std::max<std::int64_t>(node.shape(0)[i], 1);
  }
  node.finish(kind, w, {node.in(0)});
}

void global_average_pool(OnnxNode& node) {
  global_pool(node, OpKind::kAveragePool, ReduceKind::kMean);
}
void global_max_pool(OnnxNode& node) { global_pool(node, OpKind::kMaxPool, ReduceKind::kMax); }

void lrn(OnnxNode& node) {
  if (!node.require(1)) return;
  LrnAttrs attrs;
  attrs.size = node.int_attribute("size", 0);
  attrs.alpha = node.float_attribute("alpha", 1e-4);
  attrs.beta = node.float_attribute("beta", 0.75);
  attrs.bias = node.float_attribute("bias", 1);
  if (attrs.size < 1) node.fail("attribute 'size' must be 1 or more");
  node.finish(OpKind::kLrn, attrs, {node.in(0)});
}

}  // namespace

std::vector<OnnxConverter> onnx_window_operators() {
  return {{"Conv", conv},
          {"ConvTranspose", conv_transpose},
          {"MaxPool", max_pool},
          {"AveragePool", average_pool},
          {"GlobalAveragePool", global_average_pool},
          {"GlobalMaxPool", global_max_pool},
          {"LRN", lrn}};
}

}  // namespace takt
