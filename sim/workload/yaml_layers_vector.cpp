// SPDX-License-Identifier: Apache-2.0
// Layers of the vector unit: activations, arithmetic, pools, norms, softmax, reductions.
#include <algorithm>

#include "sim/ir/print_names.h"
#include "sim/workload/yaml_layers.h"

namespace takt {
namespace {

/// The word after `op:` once more: one function makes all of a family.
std::string word(Layer& layer) { return layer.keys().take("op")->text; }

TensorId unary(Layer& layer) {
  UnaryAttrs attrs;
  attrs.kind = *unary_kind_from(word(layer));
  double alpha = 0, beta = 0;
  switch (attrs.kind) {
    case UnaryKind::kLeakyRelu: alpha = 0.01; break;
    case UnaryKind::kElu:
    case UnaryKind::kCelu:
    case UnaryKind::kThresholdedRelu: alpha = 1; break;
    case UnaryKind::kHardSigmoid:
      alpha = 1.0 / 6;
      beta = 0.5;
      break;
    case UnaryKind::kSelu:
      alpha = 1.67326319217681884765625;
      beta = 1.05070102214813232421875;
      break;
    default: break;
  }
  attrs.alpha = layer.keys().optional("alpha", AnyReal{}, alpha);
  attrs.beta = layer.keys().optional("beta", AnyReal{}, beta);
  return layer.add(OpKind::kUnary, layer.inputs(), attrs);
}

TensorId binary(Layer& layer) {
  std::vector<TensorId> operands = layer.inputs();
  if (const auto value = layer.keys().maybe("constant", AnyReal{})) {
    if (operands.size() > 1) return layer.fail("takes a constant or a second input, not both");
    operands.push_back(layer.constant("constant", *value, layer.dtype(operands[0])));
  }
  if (operands.size() != 2) {
    return layer.fail("needs a second operand",
                      "add with: NAME, inputs: [A, B] or constant: VALUE");
  }
  return layer.add(OpKind::kBinary, operands, BinaryAttrs{*binary_kind_from(word(layer))});
}

TensorId clip(Layer& layer) {
  ClipAttrs attrs;
  attrs.low = layer.keys().required("low", AnyReal{});
  attrs.high = layer.keys().required("high", AnyReal{});
  return layer.add(OpKind::kClip, layer.inputs(), attrs);
}

TensorId relu6(Layer& layer) { return layer.add(OpKind::kClip, layer.inputs(), ClipAttrs{0, 6}); }

TensorId where(Layer& layer) { return layer.add(OpKind::kWhere, layer.inputs(), {}); }

TensorId cast(Layer& layer) {
  Choice<DType> choice;
  for (const DTypeInfo& row : kDTypes) choice.words.emplace_back(std::string(row.name), row.dtype);
  const DType to = layer.keys().required("to", choice);
  return layer.add(OpKind::kCast, layer.inputs(), {}, "", to);
}

TensorId pool(Layer& layer) {
  const Shape in = layer.shape(layer.input());
  const bool flat = in.size() == 3;
  WindowAttrs window;
  const auto kernel = layer.pair("kernel", 1);
  const auto stride = layer.pair("stride", kernel.first);
  const auto pad = layer.pair("pad", 0, 0);
  if (!layer.keys().has("kernel")) return layer.fail("needs a kernel");
  window.kernel[0] = kernel.first;
  window.kernel[1] = flat ? 1 : kernel.second;
  window.stride[0] = stride.first;
  window.stride[1] = flat ? 1 : stride.second;
  window.pad_begin[0] = window.pad_end[0] = pad.first;
  window.pad_begin[1] = window.pad_end[1] = flat ? 0 : pad.second;
  window.ceil_mode = layer.keys().optional("ceil", Flag{}, false);
  const bool average = word(layer) == "average_pool";
  if (average) {
    window.count_include_pad = layer.keys().optional("count_include_pad", Flag{}, true);
  }
  return layer.add(average ? OpKind::kAveragePool : OpKind::kMaxPool, layer.inputs(), window);
}

TensorId global_pool(Layer& layer) {
  WindowAttrs window;
  window.global = true;
  const bool average = word(layer) == "global_average_pool";
  return layer.add(average ? OpKind::kAveragePool : OpKind::kMaxPool, layer.inputs(), window);
}

std::int64_t channels(Layer& layer) {
  const Shape& in = layer.shape(layer.input());
  return in.size() > 1 ? in[1] : 1;
}

/// A norm's own parameters; those given as further inputs; or none.
std::vector<TensorId> norm_operands(Layer& layer, const std::vector<const char*>& names,
                                    const Shape& shape) {
  const bool own = layer.keys().optional("parameters", Flag{}, true);
  if (layer.inputs().size() > 1 || !own) return layer.inputs();
  std::vector<TensorId> operands{layer.input()};
  for (const char* name : names) operands.push_back(layer.parameter(name, shape));
  return operands;
}

TensorId batch_norm(Layer& layer) {
  const std::int64_t c = channels(layer);
  AxesAttrs attrs;
  attrs.epsilon = layer.keys().optional("epsilon", AnyReal{}, 1e-5);
  return layer.add(OpKind::kBatchNorm,
                   norm_operands(layer, {"scale", "offset", "mean", "variance"}, {c}), attrs);
}

TensorId channel_norm(Layer& layer) {
  const std::int64_t c = channels(layer);
  const bool grouped = word(layer) == "group_norm";
  AxesAttrs attrs;
  attrs.epsilon = layer.keys().optional("epsilon", AnyReal{}, 1e-5);
  if (grouped) attrs.groups = layer.number("groups");
  return layer.add(grouped ? OpKind::kGroupNorm : OpKind::kInstanceNorm,
                   norm_operands(layer, {"scale", "offset"}, {c}), attrs);
}

/// Over the last `dims` dimensions, one if not said otherwise.
TensorId layer_norm(Layer& layer) {
  const Shape in = layer.shape(layer.input());
  const std::int64_t dims = layer.number_or("dims", 1);
  const auto rank = static_cast<std::int64_t>(in.size());
  if (dims > rank) return layer.fail("has fewer dimensions than it is to normalise");
  AxesAttrs attrs;
  for (std::int64_t d = rank - dims; d < rank; ++d) attrs.axes.push_back(d);
  const Shape scale(in.end() - dims, in.end());
  const bool rms = word(layer) == "rms_norm";
  attrs.epsilon = layer.keys().optional("epsilon", AnyReal{}, 1e-5);
  std::vector<const char*> names{"scale"};
  if (!rms) names.push_back("offset");
  return layer.add(rms ? OpKind::kRmsNorm : OpKind::kLayerNorm, norm_operands(layer, names, scale),
                   attrs);
}

TensorId softmax(Layer& layer) {
  AxesAttrs attrs;
  attrs.axes = {layer.axis("axis", -1, layer.shape(layer.input()).size())};
  attrs.logarithm = word(layer) == "log_softmax";
  return layer.add(OpKind::kSoftmax, layer.inputs(), attrs);
}

TensorId lrn(Layer& layer) {
  LrnAttrs attrs;
  attrs.size = layer.number("size");
  attrs.alpha = layer.keys().optional("alpha", AnyReal{}, 1e-4);
  attrs.beta = layer.keys().optional("beta", AnyReal{}, 0.75);
  attrs.bias = layer.keys().optional("bias", AnyReal{}, 1.0);
  return layer.add(OpKind::kLrn, layer.inputs(), attrs);
}

TensorId reduce(Layer& layer) {
  const auto rank = static_cast<std::int64_t>(layer.shape(layer.input()).size());
  AxesAttrs attrs;
  attrs.reduce = *reduce_kind_from(word(layer).substr(7));  // behind "reduce_"
  for (std::int64_t axis : layer.numbers("axes", -rank)) {
    attrs.axes.push_back(axis < 0 ? axis + rank : axis);
  }
  std::sort(attrs.axes.begin(), attrs.axes.end());
  attrs.keep_dims = layer.keys().optional("keep", Flag{}, false);
  return layer.add(OpKind::kReduce, layer.inputs(), attrs);
}

TensorId arg_max(Layer& layer) {
  AxesAttrs attrs;
  attrs.axes = {layer.axis("axis", -1, layer.shape(layer.input()).size())};
  attrs.reduce = word(layer) == "arg_min" ? ReduceKind::kMin : ReduceKind::kMax;
  attrs.keep_dims = layer.keys().optional("keep", Flag{}, false);
  return layer.add(OpKind::kArgMax, layer.inputs(), attrs);
}

TensorId top_k(Layer& layer) {
  AxesAttrs attrs;
  attrs.axes = {layer.axis("axis", -1, layer.shape(layer.input()).size())};
  attrs.k = layer.number("k");
  const auto made = layer.add_all(OpKind::kTopK, layer.inputs(), attrs,
                                  {layer.name(), layer.name() + ".indices"});
  if (made.empty()) return {};
  layer.extras["indices"] = made[1];
  return made[0];
}

std::map<std::string, LayerKind> make_table() {
  std::map<std::string, LayerKind> table{
      {"clip", {clip}},
      {"relu6", {relu6}},
      {"where", {where, 3, 3}},
      {"cast", {cast}},
      {"max_pool", {pool}},
      {"average_pool", {pool}},
      {"global_max_pool", {global_pool}},
      {"global_average_pool", {global_pool}},
      {"batch_norm", {batch_norm, 1, 5}},
      {"group_norm", {channel_norm, 1, 3}},
      {"instance_norm", {channel_norm, 1, 3}},
      {"layer_norm", {layer_norm, 1, 3}},
      {"rms_norm", {layer_norm, 1, 2}},
      {"softmax", {softmax}},
      {"log_softmax", {softmax}},
      {"lrn", {lrn}},
      {"arg_max", {arg_max}},
      {"arg_min", {arg_max}},
      {"top_k", {top_k}},
  };
  for (const std::string& name : unary_names()) table[name] = {unary};
  for (const std::string& name : binary_names()) table[name] = {binary, 1, 2};
  for (const std::string& name : reduce_names()) table["reduce_" + name] = {reduce};
  return table;
}

}  // namespace

const std::map<std::string, LayerKind>& vector_layers() {
  static const std::map<std::string, LayerKind> kTable = make_table();
  return kTable;
}

}  // namespace takt
