// SPDX-License-Identifier: Apache-2.0
// Layers that multiply: convolutions, linear layers, products, recurrent layers.
#include "sim/workload/yaml_layers.h"

namespace takt {
namespace {

/// Padding of `size` such that the output has ceil(size / stride), more of it behind.
void pad_same(std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
              std::int64_t& begin, std::int64_t& end) {
  const std::int64_t outputs = (size + stride - 1) / stride;
  const std::int64_t need = (outputs - 1) * stride + (kernel - 1) * dilation + 1 - size;
  begin = need > 0 ? need / 2 : 0;
  end = need > 0 ? need - begin : 0;
}

void read_pad(Layer& layer, WindowAttrs& window, const Shape& in) {
  const Node* node = layer.keys().take("pad");
  if (node != nullptr && node->is_scalar() && node->text == "same") {
    for (std::size_t i = 0; i < 2 && i + 2 < in.size(); ++i) {
      pad_same(in[i + 2], window.kernel[i], window.stride[i], window.dilation[i],
               window.pad_begin[i], window.pad_end[i]);
    }
    return;
  }
  if (node != nullptr && node->is_list() &&
      node->children.size() == 4) {  // top, left, bottom, right
    const auto pads = layer.numbers("pad");
    if (pads.size() != 4) return;
    for (std::size_t i = 0; i < 2; ++i) {
      window.pad_begin[i] = pads[i];
      window.pad_end[i] = pads[i + 2];
    }
    return;
  }
  const auto [h, w] = layer.pair("pad", 0, 0);
  window.pad_begin[0] = window.pad_end[0] = h;
  window.pad_begin[1] = window.pad_end[1] = in.size() > 3 ? w : 0;
}

WindowAttrs read_window(Layer& layer, bool transposed, const Shape& in, std::int64_t r,
                        std::int64_t s) {
  const bool flat = in.size() == 3;
  WindowAttrs window;
  window.kernel[0] = r;
  window.kernel[1] = s;
  const auto stride = layer.pair("stride", 1);
  const auto dilation = layer.pair("dilation", 1);
  window.stride[0] = stride.first;
  window.stride[1] = flat ? 1 : stride.second;
  window.dilation[0] = dilation.first;
  window.dilation[1] = flat ? 1 : dilation.second;
  window.groups = layer.number_or("groups", 1);
  read_pad(layer, window, in);
  if (transposed) {
    const auto more = layer.pair("output_pad", 0, 0);
    window.output_padding[0] = more.first;
    window.output_padding[1] = flat ? 0 : more.second;
  }
  return window;
}

/// Weight, and bias if there is one, are given by name.
TensorId convolution_with(Layer& layer, bool transposed, const Shape& in) {
  const Shape weight = layer.shape(layer.input(1));
  if (weight.size() != in.size()) return layer.fail("has a weight of another rank than its input");
  const WindowAttrs window =
      read_window(layer, transposed, in, weight[2], in.size() == 3 ? 1 : weight[3]);
  return layer.add(transposed ? OpKind::kConvTranspose : OpKind::kConv, layer.inputs(), window);
}

TensorId convolution(Layer& layer, bool transposed) {
  const Shape& in = layer.shape(layer.input());
  if (in.size() != 3 && in.size() != 4) {
    return layer.fail("needs an input [batch, channels, length] or [batch, channels, h, w]");
  }
  const bool flat = in.size() == 3;
  if (layer.inputs().size() > 1) return convolution_with(layer, transposed, in);
  const std::int64_t channels = layer.number("channels");
  const auto [r, s] = layer.pair("kernel", 1);
  const WindowAttrs window = read_window(layer, transposed, in, r, flat ? 1 : s);
  const bool bias = layer.keys().optional("bias", Flag{}, true);
  if (in[1] % window.groups != 0 || channels % window.groups != 0) {
    return layer.fail("has " + std::to_string(in[1]) + " channels in and " +
                      std::to_string(channels) + " out, which " + std::to_string(window.groups) +
                      " groups do not divide");
  }
  const std::int64_t first = transposed ? in[1] : channels;
  const std::int64_t second = (transposed ? channels : in[1]) / window.groups;
  Shape weight{first, second, window.kernel[0]};
  if (!flat) weight.push_back(window.kernel[1]);
  std::vector<TensorId> operands{layer.input(), layer.parameter("weight", weight)};
  if (bias) operands.push_back(layer.parameter("bias", {channels}));
  return layer.add(transposed ? OpKind::kConvTranspose : OpKind::kConv, operands, window);
}

TensorId conv(Layer& layer) { return convolution(layer, false); }
TensorId conv_transpose(Layer& layer) { return convolution(layer, true); }

TensorId linear(Layer& layer) {
  const Shape in = layer.shape(layer.input());
  const std::int64_t features = layer.number("features");
  const bool bias = layer.keys().optional("bias", Flag{}, true);
  if (in.size() < 2) return layer.fail("needs an input of two dimensions or more");
  const TensorId weight = layer.inputs().size() > 1
                              ? layer.input(1)  // shared with another layer: [features, in]
                              : layer.parameter("weight", {in.back(), features});
  MatMulAttrs attrs;
  attrs.transpose_b = layer.inputs().size() > 1;
  std::vector<TensorId> operands{layer.input(), weight};
  if (bias) operands.push_back(layer.parameter("bias", {features}));
  const TensorId out = layer.add(OpKind::kMatMul, operands, attrs);
  if (out.valid() && layer.shape(out).back() != features) {
    return layer.fail("has a weight of " + std::to_string(layer.shape(out).back()) +
                      " features, not " + std::to_string(features));
  }
  return out;
}

TensorId matmul(Layer& layer) {
  MatMulAttrs attrs;
  attrs.transpose_a = layer.keys().optional("transpose_a", Flag{}, false);
  attrs.transpose_b = layer.keys().optional("transpose_b", Flag{}, false);
  attrs.alpha = layer.keys().optional("scale", AnyReal{}, 1.0);
  return layer.add(OpKind::kMatMul, layer.inputs(), attrs);
}

/// [time, batch, features]; the result has the directions side by side: [time, batch, D * hidden].
TensorId recurrent(Layer& layer, OpKind kind, std::int64_t gates) {
  const Shape in = layer.shape(layer.input());
  RecurrentAttrs attrs;
  attrs.hidden = layer.number("hidden");
  attrs.directions = layer.number_or("directions", 1);
  attrs.reverse = layer.keys().optional("reverse", Flag{}, false);
  if (kind == OpKind::kGru) {
    attrs.linear_before_reset = layer.keys().optional("linear_before_reset", Flag{}, true);
  }
  const bool bias = layer.keys().optional("bias", Flag{}, true);
  if (in.size() != 3) return layer.fail("needs an input [time, batch, features]");
  if (attrs.directions > 2) return layer.fail("has 1 or 2 directions");
  const std::int64_t d = attrs.directions, h = attrs.hidden;
  std::vector<TensorId> operands{layer.input(), layer.parameter("w", {d, gates * h, in[2]}),
                                 layer.parameter("r", {d, gates * h, h})};
  if (bias) operands.push_back(layer.parameter("bias", {d, 2 * gates * h}));
  if (layer.inputs().size() > 1) {  // states to begin with
    operands.resize(5);
    for (std::size_t i = 1; i < layer.inputs().size(); ++i) operands.push_back(layer.input(i));
  }
  std::vector<std::string> outputs{layer.name() + ".y", layer.name() + ".h"};
  if (kind == OpKind::kLstm) outputs.push_back(layer.name() + ".c");
  const auto made = layer.add_all(kind, operands, attrs, outputs);
  if (made.empty()) return {};
  layer.extras["y"] = made[0];
  layer.extras["h"] = made[1];
  if (made.size() > 2) layer.extras["c"] = made[2];
  TensorId y = made[0];
  if (d > 1) {
    y = layer.add(OpKind::kTranspose, {y}, TransposeAttrs{{0, 2, 1, 3}}, "side_by_side");
    if (!y.valid()) return {};
  }
  MoveAttrs to;
  to.end = {in[0], in[1], d * h};
  return layer.add(OpKind::kReshape, {y}, to, "out");
}

TensorId lstm(Layer& layer) { return recurrent(layer, OpKind::kLstm, 4); }
TensorId gru(Layer& layer) { return recurrent(layer, OpKind::kGru, 3); }
TensorId rnn(Layer& layer) { return recurrent(layer, OpKind::kRnn, 1); }

}  // namespace

const std::map<std::string, LayerKind>& matrix_layers() {
  static const std::map<std::string, LayerKind> kTable{
      {"conv", {conv, 1, 3}},     {"conv_transpose", {conv_transpose, 1, 3}},
      {"linear", {linear, 1, 2}}, {"matmul", {matmul, 2, 3}},
      {"lstm", {lstm, 1, 3}},     {"gru", {gru, 1, 2}},
      {"rnn", {rnn, 1, 2}},
  };
  return kTable;
}

}  // namespace takt
