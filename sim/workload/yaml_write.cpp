// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/yaml_write.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "sim/config/types.h"
#include "sim/ir/print_names.h"
#include "sim/ir/views.h"
#include "sim/workload/yaml_writer.h"

namespace takt {

std::string yaml_number(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  std::string out(text, end);
  // A number of YAML has a point before its exponent.
  const std::size_t e = out.find('e');
  if (e != std::string::npos && out.find('.') == std::string::npos) out.insert(e, ".0");
  return error == std::errc{} ? out : "0";
}

std::string yaml_list(const std::vector<std::int64_t>& values) {
  std::string out = "[";
  for (std::int64_t value : values) {
    out += (out.size() > 1 ? ", " : "") + std::to_string(value);
  }
  return out + "]";
}

std::string yaml_text(const std::string& value) {
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

Result<std::string> NetworkWriter::run() {
  head();
  for (const Op& op : graph_.ops) layer(op);
  if (!errors_.empty()) return errors_;
  std::string outputs;
  for (std::uint32_t i = 0; i < graph_.tensors.size(); ++i) {
    if (!graph_.tensors[i].is_output) continue;
    outputs += (outputs.empty() ? "" : ", ") + yaml_text(names_[i]);
  }
  return head_ + "\nlayers:" + (layers_.empty() ? " []\n" : "\n" + layers_) + "outputs: [" +
         outputs + "]\n";
}

void NetworkWriter::head() {
  head_ = "name: " + yaml_text(graph_.name.empty() ? "network" : graph_.name) + "\n";
  head_ += "source: \"written by takt convert\"\n";
  DType common = DType::kFp32;
  for (const Tensor& t : graph_.tensors) {
    if (!info(t.dtype).computes) continue;
    common = t.dtype;
    break;
  }
  network_dtype_ = graph_.dtype_open ? DType::kFp32 : common;
  if (!graph_.dtype_open) head_ += "dtype: " + std::string(to_string(common)) + "\n";
  // Shapes are written out: without this the batch would be the first extent.
  const auto input = std::find_if(
      graph_.tensors.begin(), graph_.tensors.end(),
      [](const Tensor& t) { return t.kind == TensorKind::kInput && !t.shape.empty(); });
  const bool first = input != graph_.tensors.end() && input->shape[0] == graph_.batch;
  if (graph_.batch > 0 && !first) head_ += "batch: " + std::to_string(graph_.batch) + "\n";
  head_ += "\ninputs:\n";
  for (std::uint32_t i = 0; i < graph_.tensors.size(); ++i) {
    const Tensor& t = graph_.tensors[i];
    if (t.kind != TensorKind::kInput) continue;
    names_[i] = unique(t.name);
    head_ += "  " + yaml_text(names_[i]) + ": {shape: " + yaml_list(t.shape) +
             ", dtype: " + std::string(to_string(t.dtype)) + "}\n";
  }
}

void NetworkWriter::emit(const std::string& name, const std::string& kind, const Keys& inputs,
                         const Keys& keys) {
  layers_ += "  - {name: " + yaml_text(name) + ", op: " + kind;
  if (!inputs.empty()) {
    layers_ += ", inputs: [";
    for (std::size_t i = 0; i < inputs.size(); ++i)
      layers_ += (i ? ", " : "") + yaml_text(inputs[i]);
    layers_ += "]";
  }
  for (const std::string& key : keys) layers_ += ", " + key;
  layers_ += "}\n";
}

std::string NetworkWriter::name_of(TensorId id) {
  const auto found = names_.find(id.index);
  if (found != names_.end()) return found->second;
  const Tensor& t = tensor(id);
  const std::string name = unique(t.name);
  Keys keys{"shape: " + yaml_list(t.shape)};
  if (t.dtype != network_dtype_) keys.push_back("dtype: " + std::string(to_string(t.dtype)));
  // A single known number is part of an instruction, not a tensor in memory.
  constexpr double kWholeMax = 9007199254740992;  // 2^53
  const auto* real = std::get_if<Tensor::FloatData>(&t.constant);
  const auto* whole = std::get_if<Tensor::IntData>(&t.constant);
  if (elements_of(t.shape) == 1 && (real != nullptr || whole != nullptr)) {
    const double value = real ? real->front() : static_cast<double>(whole->front());
    if (std::isfinite(value) && (real || std::abs(value) < kWholeMax))
      keys.push_back("value: " + yaml_number(value));
  }
  emit(name, "parameter", {}, keys);
  names_[id.index] = name;
  return name;
}

void NetworkWriter::layer(const Op& op) {
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
                  {"low: " + yaml_number(a.low), "high: " + yaml_number(a.high)});
    }
    case OpKind::kWhere: return emit(name, "where", operands(op), {});
    case OpKind::kCast:
      return emit(name, "cast", operands(op),
                  {"to: " + std::string(to_string(tensor(op.outputs[0]).dtype))});
    case OpKind::kLrn: {
      const auto& a = std::get<LrnAttrs>(op.attributes);
      return emit(name, "lrn", operands(op),
                  {"size: " + std::to_string(a.size), "alpha: " + yaml_number(a.alpha),
                   "beta: " + yaml_number(a.beta), "bias: " + yaml_number(a.bias)});
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

std::string NetworkWriter::output_name(const Op& op, const std::string& name, std::size_t i) {
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

void NetworkWriter::unsupported(const Op& op, const std::string& message) {
  Diagnostic diagnostic;
  diagnostic.kind = ErrorKind::kUnsupported;
  diagnostic.name = "E-unsupported-form";
  diagnostic.path = "node '" + op.name + "'";
  diagnostic.message = message;
  errors_.push_back(std::move(diagnostic));
}

Result<std::string> write_network(const Graph& graph) { return NetworkWriter(graph).run(); }

}  // namespace takt
