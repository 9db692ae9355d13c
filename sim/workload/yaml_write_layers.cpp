// SPDX-License-Identifier: Apache-2.0
// Each kind of operator as a layer.
#include <algorithm>

#include "sim/ir/print_names.h"
#include "sim/ir/resize_mode.h"
#include "sim/workload/yaml_writer.h"

namespace takt {

void NetworkWriter::convolution(const Op& op, const std::string& name) {
  const auto& a = std::get<WindowAttrs>(op.attributes);
  const Shape& weight = tensor(op.inputs[1]).shape;
  const bool flat = weight.size() == 3;
  const auto pair = [&](const std::int64_t(&v)[2]) {
    return flat ? std::to_string(v[0]) : yaml_list({v[0], v[1]});
  };
  Keys keys{"stride: " + pair(a.stride), "dilation: " + pair(a.dilation),
            "groups: " + std::to_string(a.groups)};
  const bool even = a.pad_begin[0] == a.pad_end[0] && a.pad_begin[1] == a.pad_end[1];
  keys.push_back("pad: " +
                 (even ? pair(a.pad_begin)
                       : yaml_list({a.pad_begin[0], a.pad_begin[1], a.pad_end[0], a.pad_end[1]})));
  const bool transposed = op.kind == OpKind::kConvTranspose;
  if (transposed) keys.push_back("output_pad: " + pair(a.output_padding));
  const std::string kind = transposed ? "conv_transpose" : "conv";
  if (!own(op, 1) || !own(op, 2)) return emit(name, kind, operands(op), keys);
  const std::int64_t channels = transposed ? weight[1] * a.groups : weight[0];
  const std::int64_t kernel[2] = {weight[2], flat ? 1 : weight[3]};
  keys.insert(keys.begin(), {"channels: " + std::to_string(channels), "kernel: " + pair(kernel)});
  if (!has(op, 2)) keys.push_back("bias: false");
  emit(name, kind, {name_of(op.inputs[0])}, keys);
}

void NetworkWriter::matmul(const Op& op, const std::string& name) {
  const auto& a = std::get<MatMulAttrs>(op.attributes);
  const Shape& b = tensor(op.inputs[1]).shape;
  const bool vector = !has(op, 2) || tensor(op.inputs[2]).shape == Shape{b.back()};
  if (!a.transpose_a && !a.transpose_b && a.alpha == 1 && b.size() == 2 && own(op, 1) &&
      own(op, 2) && vector) {
    Keys keys{"features: " + std::to_string(b[1])};
    if (!has(op, 2)) keys.push_back("bias: false");
    return emit(name, "linear", {name_of(op.inputs[0])}, keys);
  }
  Keys keys;
  if (a.transpose_a) keys.push_back("transpose_a: true");
  if (a.transpose_b) keys.push_back("transpose_b: true");
  if (a.alpha != 1) keys.push_back("scale: " + yaml_number(a.alpha));
  emit(name, "matmul", operands(op), keys);
}

void NetworkWriter::recurrent(const Op& op, const std::string& name) {
  const auto& a = std::get<RecurrentAttrs>(op.attributes);
  if (!own(op, 1) || !own(op, 2) || !own(op, 3)) {
    return unsupported(op, "recurrent layers that share their weights cannot be written");
  }
  Keys inputs{name_of(op.inputs[0])};
  for (std::size_t i : {5u, 6u}) {
    if (has(op, i)) inputs.push_back(name_of(op.inputs[i]));
  }
  Keys keys{"hidden: " + std::to_string(a.hidden), "directions: " + std::to_string(a.directions)};
  if (a.reverse) keys.push_back("reverse: true");
  if (!has(op, 3)) keys.push_back("bias: false");
  if (op.kind == OpKind::kGru) {
    keys.push_back(std::string("linear_before_reset: ") +
                   (a.linear_before_reset ? "true" : "false"));
  }
  emit(name, std::string(to_string(op.kind)), inputs, keys);
}

void NetworkWriter::pool(const Op& op, const std::string& name) {
  const auto& a = std::get<WindowAttrs>(op.attributes);
  std::string kind(to_string(op.kind));
  if (a.global) return emit(name, "global_" + kind, operands(op), {});
  const bool uneven = a.pad_begin[0] != a.pad_end[0] || a.pad_begin[1] != a.pad_end[1];
  if (uneven || a.dilation[0] != 1 || a.dilation[1] != 1) {
    return unsupported(op, "pools with uneven padding or dilation cannot be written");
  }
  const bool flat = tensor(op.inputs[0]).shape.size() == 3;
  const auto pair = [&](const std::int64_t(&v)[2]) {
    return flat ? std::to_string(v[0]) : yaml_list({v[0], v[1]});
  };
  Keys keys{"kernel: " + pair(a.kernel), "stride: " + pair(a.stride), "pad: " + pair(a.pad_begin)};
  if (a.ceil_mode) keys.push_back("ceil: true");
  if (op.kind == OpKind::kAveragePool && !a.count_include_pad) {
    keys.push_back("count_include_pad: false");
  }
  emit(name, kind, operands(op), keys);
}

void NetworkWriter::elementwise(const Op& op, const std::string& name) {
  if (op.kind == OpKind::kUnary) {
    const auto& a = std::get<UnaryAttrs>(op.attributes);
    Keys keys;
    if (a.alpha != 0) keys.push_back("alpha: " + yaml_number(a.alpha));
    if (a.beta != 0) keys.push_back("beta: " + yaml_number(a.beta));
    return emit(name, word_for(op), operands(op), keys);
  }
  const Tensor& second = tensor(op.inputs[1]);
  const auto* known = std::get_if<Tensor::FloatData>(&second.constant);
  if (known && known->size() == 1 && second.shape.empty()) {
    return emit(name, word_for(op), {name_of(op.inputs[0])},
                {"constant: " + yaml_number(known->front())});
  }
  emit(name, word_for(op), operands(op), {});
}

void NetworkWriter::sum(const Op& op, const std::string& name) {
  const Keys inputs = operands(op);
  if (inputs.size() == 1) return emit(name, "identity", inputs, {});
  std::string left = inputs[0];
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const bool last = i + 1 == inputs.size();
    const std::string own_name = last ? name : unique(name + ".part" + std::to_string(i));
    emit(own_name, "add", {left, inputs[i]}, {});
    left = own_name;
  }
}

void NetworkWriter::normalise(const Op& op, const std::string& name) {
  const auto& a = std::get<AxesAttrs>(op.attributes);
  const Shape& in = tensor(op.inputs[0]).shape;
  const auto rank = static_cast<std::int64_t>(in.size());
  if (op.kind == OpKind::kSoftmax) {
    if (a.axes.size() != 1) return unsupported(op, "softmax over several axes cannot be written");
    return emit(name, a.logarithm ? "log_softmax" : "softmax", operands(op),
                {"axis: " + std::to_string(a.axes[0])});
  }
  Keys keys{"epsilon: " + yaml_number(a.epsilon)};
  if (op.kind == OpKind::kGroupNorm) keys.push_back("groups: " + std::to_string(a.groups));
  if (op.kind == OpKind::kLayerNorm || op.kind == OpKind::kRmsNorm) {
    const auto dims = static_cast<std::int64_t>(a.axes.size());
    for (std::int64_t d = 0; d < dims; ++d) {
      if (a.axes[static_cast<std::size_t>(d)] != rank - dims + d) {
        return unsupported(op, "norms over other than the last dimensions cannot be written");
      }
    }
    keys.push_back("dims: " + std::to_string(dims));
  }
  const Keys inputs = operands(op);
  if (inputs.size() == 1) keys.push_back("parameters: false");
  emit(name, std::string(to_string(op.kind)), inputs, keys);
}

void NetworkWriter::reduction(const Op& op, const std::string& name) {
  const auto& a = std::get<AxesAttrs>(op.attributes);
  if (op.kind == OpKind::kTopK) {
    return emit(name, "top_k", {name_of(op.inputs[0])},
                {"k: " + std::to_string(a.k), "axis: " + std::to_string(a.axes.at(0))});
  }
  const std::string keep = a.keep_dims ? "keep: true" : "keep: false";
  if (op.kind == OpKind::kArgMax) {
    return emit(name, a.reduce == ReduceKind::kMin ? "arg_min" : "arg_max", operands(op),
                {"axis: " + std::to_string(a.axes.at(0)), keep});
  }
  emit(name, word_for(op), operands(op), {"axes: " + yaml_list(a.axes), keep});
}

void NetworkWriter::move(const Op& op, const std::string& name) {
  const Shape& out = tensor(op.outputs[0]).shape;
  const auto* a = std::get_if<MoveAttrs>(&op.attributes);
  const auto axis = [&] { return "axis: " + std::to_string(a->axis); };
  switch (op.kind) {
    case OpKind::kReshape:
    case OpKind::kExpand:
      return emit(name, std::string(to_string(op.kind)), {name_of(op.inputs[0])},
                  {"shape: " + yaml_list(out)});
    case OpKind::kTranspose:
      return emit(name, "transpose", operands(op),
                  {"order: " + yaml_list(std::get<TransposeAttrs>(op.attributes).permutation)});
    case OpKind::kConcat: return emit(name, "concat", operands(op), {axis()});
    case OpKind::kSplit: {
      std::vector<std::int64_t> parts;
      for (std::size_t i = 0; i < a->begin.size(); ++i) parts.push_back(a->end[i] - a->begin[i]);
      return emit(name, "split", {name_of(op.inputs[0])}, {axis(), "parts: " + yaml_list(parts)});
    }
    case OpKind::kSlice: return slice(op, name);
    case OpKind::kPad: {
      const auto negative = [](std::int64_t v) { return v < 0; };
      if (std::any_of(a->begin.begin(), a->begin.end(), negative) ||
          std::any_of(a->end.begin(), a->end.end(), negative)) {
        return unsupported(op, "negative padding cannot be written");
      }
      return emit(name, "pad", {name_of(op.inputs[0])},
                  {"begin: " + yaml_list(a->begin), "end: " + yaml_list(a->end)});
    }
    case OpKind::kResize: {
      const Shape& in = tensor(op.inputs[0]).shape;
      if (out.size() < 3 || in[0] != out[0] || in[1] != out[1]) {
        return unsupported(op, "resizing of channels cannot be written");
      }
      return emit(name, "resize", {name_of(op.inputs[0])},
                  {"size: " + yaml_list(Shape(out.begin() + 2, out.end())),
                   "mode: " + resize_kernel(a->mode)});
    }
    case OpKind::kGather:
      return emit(name, "embedding", {name_of(op.inputs[1]), name_of(op.inputs[0])}, {axis()});
    default: return unsupported(op, "the operator cannot be written");
  }
}

/// One layer a dimension that is cut.
void NetworkWriter::slice(const Op& op, const std::string& name) {
  const auto& a = std::get<MoveAttrs>(op.attributes);
  const Shape& in = tensor(op.inputs[0]).shape;
  std::vector<std::size_t> cut;
  for (std::size_t d = 0; d < in.size(); ++d) {
    if (a.step[d] < 1) return unsupported(op, "slices that run backwards cannot be written");
    if (a.begin[d] != 0 || a.end[d] != in[d] || a.step[d] != 1) cut.push_back(d);
  }
  std::string from = name_of(op.inputs[0]);
  if (cut.empty()) return emit(name, "identity", {from}, {});
  for (std::size_t i = 0; i < cut.size(); ++i) {
    const bool last = i + 1 == cut.size();
    const std::string own_name = last ? name : unique(name + ".cut" + std::to_string(i));
    const std::size_t d = cut[i];
    emit(own_name, "slice", {from},
         {"axis: " + std::to_string(d), "begin: " + std::to_string(a.begin[d]),
          "end: " + std::to_string(a.end[d]), "step: " + std::to_string(a.step[d])});
    from = own_name;
  }
}

}  // namespace takt
