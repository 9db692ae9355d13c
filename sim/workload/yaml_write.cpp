// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/yaml_write.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "sim/config/types.h"
#include "sim/ir/print_names.h"

namespace takt {
namespace {

std::string number(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  std::string out(text, end);
  // A number of YAML has a point before its exponent.
  const std::size_t e = out.find('e');
  if (e != std::string::npos && out.find('.') == std::string::npos) out.insert(e, ".0");
  return error == std::errc{} ? out : "0";
}

template <class Values>
std::string list(const Values& values) {
  std::string out = "[";
  for (std::int64_t value : values) {
    out += (out.size() > 1 ? ", " : "") + std::to_string(value);
  }
  return out + "]";
}

/// Plain if YAML reads it as the same text, else in quotes.
std::string text(const std::string& value) {
  const bool plain = !value.empty() && std::isalpha(static_cast<unsigned char>(value[0])) != 0 &&
                     std::all_of(value.begin(), value.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
                     });
  static constexpr const char* kWords[] = {"true", "false", "null", "yes", "no",
                                           "on",   "off",   "n",    "y"};
  const bool word =
      std::any_of(std::begin(kWords), std::end(kWords), [&](const char* w) { return value == w; });
  return plain && !word ? value : quote_yaml(value);
}

class Writer {
 public:
  explicit Writer(const Graph& graph) : graph_(graph) {
    readers_.assign(graph.tensors.size(), 0);
    for (const Op& op : graph.ops) {
      for (TensorId id : op.inputs) {
        if (id.valid()) ++readers_[id.index];
      }
    }
  }

  Result<std::string> run() {
    head();
    for (const Op& op : graph_.ops) layer(op);
    if (!errors_.empty()) return errors_;
    std::string outputs;
    for (std::uint32_t i = 0; i < graph_.tensors.size(); ++i) {
      if (!graph_.tensors[i].is_output) continue;
      outputs += (outputs.empty() ? "" : ", ") + text(names_[i]);
    }
    return head_ + "\nlayers:\n" + layers_ + "outputs: [" + outputs + "]\n";
  }

 private:
  const Tensor& tensor(TensorId id) const { return graph_.tensor(id); }
  bool is_parameter(TensorId id) const { return tensor(id).kind == TensorKind::kParameter; }
  bool has(const Op& op, std::size_t i) const {
    return i < op.inputs.size() && op.inputs[i].valid();
  }

  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    while (!used_.insert(name).second) name += "_";
    return name;
  }

  void head() {
    head_ = "name: " + text(graph_.name.empty() ? "network" : graph_.name) + "\n";
    head_ += "source: \"written by takt convert\"\n";
    DType common = DType::kFp32;
    for (const Tensor& t : graph_.tensors) {
      if (!info(t.dtype).computes) continue;
      common = t.dtype;
      break;
    }
    network_dtype_ = graph_.dtype_open ? DType::kFp32 : common;
    if (!graph_.dtype_open) head_ += "dtype: " + std::string(to_string(common)) + "\n";
    head_ += "\ninputs:\n";
    for (std::uint32_t i = 0; i < graph_.tensors.size(); ++i) {
      const Tensor& t = graph_.tensors[i];
      if (t.kind != TensorKind::kInput) continue;
      names_[i] = unique(t.name);
      head_ += "  " + text(names_[i]) + ": {shape: " + list(t.shape) +
               ", dtype: " + std::string(to_string(t.dtype)) + "}\n";
    }
  }

  // ---- layers ----
  using Keys = std::vector<std::string>;

  void emit(const std::string& name, const std::string& kind, const Keys& inputs,
            const Keys& keys) {
    layers_ += "  - {name: " + text(name) + ", op: " + kind;
    if (!inputs.empty()) {
      layers_ += ", inputs: [";
      for (std::size_t i = 0; i < inputs.size(); ++i) layers_ += (i ? ", " : "") + text(inputs[i]);
      layers_ += "]";
    }
    for (const std::string& key : keys) layers_ += ", " + key;
    layers_ += "}\n";
  }

  /// The name of a value; a parameter nobody has written yet becomes a layer.
  std::string name_of(TensorId id) {
    const auto found = names_.find(id.index);
    if (found != names_.end()) return found->second;
    const Tensor& t = tensor(id);
    const std::string name = unique(t.name);
    Keys keys{"shape: " + list(t.shape)};
    if (t.dtype != network_dtype_) keys.push_back("dtype: " + std::string(to_string(t.dtype)));
    emit(name, "parameter", {}, keys);
    names_[id.index] = name;
    return name;
  }

  Keys operands(const Op& op) {
    Keys out;
    for (TensorId id : op.inputs) {
      if (id.valid()) out.push_back(name_of(id));
    }
    return out;
  }

  /// Is the operand a parameter of this layer alone, so that the layer can make it?
  bool own(const Op& op, std::size_t i) const {
    if (!has(op, i)) return true;
    const TensorId id = op.inputs[i];
    return is_parameter(id) && readers_[id.index] == 1 && names_.count(id.index) == 0 &&
           tensor(id).dtype == network_dtype_ && !tensor(id).is_output;
  }

  void unsupported(const Op& op, const std::string& message) {
    Diagnostic diagnostic;
    diagnostic.kind = ErrorKind::kUnsupported;
    diagnostic.name = "E-unsupported-form";
    diagnostic.path = "node '" + op.name + "'";
    diagnostic.message = message;
    errors_.push_back(std::move(diagnostic));
  }

  void layer(const Op& op) {
    const std::string name = unique(op.name);
    for (std::size_t i = 0; i < op.outputs.size(); ++i) {
      if (op.outputs[i].valid()) names_[op.outputs[i].index] = output_name(op, name, i);
    }
    switch (op.kind) {
      case OpKind::kConv:
      case OpKind::kConvTranspose: return convolution(op, name);
      case OpKind::kMatMul: return matmul(op, name);
      case OpKind::kLstm:
      case OpKind::kGru:
      case OpKind::kRnn: return recurrent(op, name);
      case OpKind::kMaxPool:
      case OpKind::kAveragePool: return pool(op, name);
      case OpKind::kUnary:
      case OpKind::kBinary: return elementwise(op, name);
      case OpKind::kSum: return sum(op, name);
      case OpKind::kClip: {
        const auto& a = std::get<ClipAttrs>(op.attributes);
        return emit(name, "clip", operands(op),
                    {"low: " + number(a.low), "high: " + number(a.high)});
      }
      case OpKind::kWhere: return emit(name, "where", operands(op), {});
      case OpKind::kCast:
        return emit(name, "cast", operands(op),
                    {"to: " + std::string(to_string(tensor(op.outputs[0]).dtype))});
      case OpKind::kLrn: {
        const auto& a = std::get<LrnAttrs>(op.attributes);
        return emit(name, "lrn", operands(op),
                    {"size: " + std::to_string(a.size), "alpha: " + number(a.alpha),
                     "beta: " + number(a.beta), "bias: " + number(a.bias)});
      }
      case OpKind::kSoftmax:
      case OpKind::kLayerNorm:
      case OpKind::kRmsNorm:
      case OpKind::kGroupNorm:
      case OpKind::kInstanceNorm:
      case OpKind::kBatchNorm: return normalise(op, name);
      case OpKind::kReduce:
      case OpKind::kArgMax:
      case OpKind::kTopK: return reduction(op, name);
      default: return move(op, name);
    }
  }

  static std::string output_name(const Op& op, const std::string& name, std::size_t i) {
    static constexpr const char* kStates[] = {".y", ".h", ".c"};
    switch (op.kind) {
      case OpKind::kSplit: return name + "." + std::to_string(i);
      case OpKind::kTopK: return i ? name + ".indices" : name;
      case OpKind::kLstm:
      case OpKind::kGru:
      case OpKind::kRnn: return name + kStates[i];
      default: return name;
    }
  }

  void convolution(const Op& op, const std::string& name) {
    const auto& a = std::get<WindowAttrs>(op.attributes);
    const Shape& weight = tensor(op.inputs[1]).shape;
    const bool flat = weight.size() == 3;
    const auto pair = [&](const std::int64_t(&v)[2]) {
      return flat ? std::to_string(v[0]) : list(v);
    };
    Keys keys{"stride: " + pair(a.stride), "dilation: " + pair(a.dilation),
              "groups: " + std::to_string(a.groups)};
    const bool even = a.pad_begin[0] == a.pad_end[0] && a.pad_begin[1] == a.pad_end[1];
    keys.push_back("pad: " + (even ? pair(a.pad_begin)
                                   : list(std::vector<std::int64_t>{a.pad_begin[0], a.pad_begin[1],
                                                                    a.pad_end[0], a.pad_end[1]})));
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

  void matmul(const Op& op, const std::string& name) {
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
    if (a.alpha != 1) keys.push_back("scale: " + number(a.alpha));
    emit(name, "matmul", operands(op), keys);
  }

  void recurrent(const Op& op, const std::string& name) {
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

  void pool(const Op& op, const std::string& name) {
    const auto& a = std::get<WindowAttrs>(op.attributes);
    std::string kind(to_string(op.kind));
    if (a.global) return emit(name, "global_" + kind, operands(op), {});
    const bool uneven = a.pad_begin[0] != a.pad_end[0] || a.pad_begin[1] != a.pad_end[1];
    if (uneven || a.dilation[0] != 1 || a.dilation[1] != 1) {
      return unsupported(op, "pools with uneven padding or dilation cannot be written");
    }
    const bool flat = tensor(op.inputs[0]).shape.size() == 3;
    const auto pair = [&](const std::int64_t(&v)[2]) {
      return flat ? std::to_string(v[0]) : list(v);
    };
    Keys keys{"kernel: " + pair(a.kernel), "stride: " + pair(a.stride),
              "pad: " + pair(a.pad_begin)};
    if (a.ceil_mode) keys.push_back("ceil: true");
    if (op.kind == OpKind::kAveragePool && !a.count_include_pad) {
      keys.push_back("count_include_pad: false");
    }
    emit(name, kind, operands(op), keys);
  }

  void elementwise(const Op& op, const std::string& name) {
    if (op.kind == OpKind::kUnary) {
      const auto& a = std::get<UnaryAttrs>(op.attributes);
      Keys keys;
      if (a.alpha != 0) keys.push_back("alpha: " + number(a.alpha));
      if (a.beta != 0) keys.push_back("beta: " + number(a.beta));
      return emit(name, word_for(op), operands(op), keys);
    }
    const Tensor& second = tensor(op.inputs[1]);
    const auto* known = std::get_if<Tensor::FloatData>(&second.constant);
    if (known && known->size() == 1 && second.shape.empty()) {
      return emit(name, word_for(op), {name_of(op.inputs[0])},
                  {"constant: " + number(known->front())});
    }
    emit(name, word_for(op), operands(op), {});
  }

  void sum(const Op& op, const std::string& name) {
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

  void normalise(const Op& op, const std::string& name) {
    const auto& a = std::get<AxesAttrs>(op.attributes);
    const Shape& in = tensor(op.inputs[0]).shape;
    const auto rank = static_cast<std::int64_t>(in.size());
    if (op.kind == OpKind::kSoftmax) {
      if (a.axes.size() != 1) return unsupported(op, "softmax over several axes cannot be written");
      return emit(name, a.logarithm ? "log_softmax" : "softmax", operands(op),
                  {"axis: " + std::to_string(a.axes[0])});
    }
    Keys keys{"epsilon: " + number(a.epsilon)};
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

  void reduction(const Op& op, const std::string& name) {
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
    emit(name, word_for(op), operands(op), {"axes: " + list(a.axes), keep});
  }

  void move(const Op& op, const std::string& name) {
    const Shape& out = tensor(op.outputs[0]).shape;
    const auto* a = std::get_if<MoveAttrs>(&op.attributes);
    const auto axis = [&] { return "axis: " + std::to_string(a->axis); };
    switch (op.kind) {
      case OpKind::kReshape:
      case OpKind::kExpand:
        return emit(name, std::string(to_string(op.kind)), {name_of(op.inputs[0])},
                    {"shape: " + list(out)});
      case OpKind::kTranspose:
        return emit(name, "transpose", operands(op),
                    {"order: " + list(std::get<TransposeAttrs>(op.attributes).permutation)});
      case OpKind::kConcat: return emit(name, "concat", operands(op), {axis()});
      case OpKind::kSplit: {
        std::vector<std::int64_t> parts;
        for (std::size_t i = 0; i < a->begin.size(); ++i) parts.push_back(a->end[i] - a->begin[i]);
        return emit(name, "split", {name_of(op.inputs[0])}, {axis(), "parts: " + list(parts)});
      }
      case OpKind::kSlice: return slice(op, name);
      case OpKind::kPad: {
        const auto negative = [](std::int64_t v) { return v < 0; };
        if (std::any_of(a->begin.begin(), a->begin.end(), negative) ||
            std::any_of(a->end.begin(), a->end.end(), negative)) {
          return unsupported(op, "negative padding cannot be written");
        }
        return emit(name, "pad", {name_of(op.inputs[0])},
                    {"begin: " + list(a->begin), "end: " + list(a->end)});
      }
      case OpKind::kResize: {
        const Shape& in = tensor(op.inputs[0]).shape;
        if (out.size() < 3 || in[0] != out[0] || in[1] != out[1]) {
          return unsupported(op, "resizing of channels cannot be written");
        }
        return emit(name, "resize", {name_of(op.inputs[0])},
                    {"size: " + list(Shape(out.begin() + 2, out.end())), "mode: " + a->mode});
      }
      case OpKind::kGather:
        return emit(name, "embedding", {name_of(op.inputs[1]), name_of(op.inputs[0])}, {axis()});
      default: return unsupported(op, "the operator cannot be written");
    }
  }

  /// One layer a dimension that is cut.
  void slice(const Op& op, const std::string& name) {
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

  const Graph& graph_;
  std::vector<int> readers_;
  std::map<std::uint32_t, std::string> names_;
  std::set<std::string> used_;
  DType network_dtype_ = DType::kFp32;
  std::string head_, layers_;
  Diagnostics errors_;
};

}  // namespace

Result<std::string> write_network(const Graph& graph) { return Writer(graph).run(); }

}  // namespace takt
