// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/inline_shape.h"

#include <charconv>
#include <map>
#include <vector>

#include "sim/config/suggest.h"
#include "sim/ir/infer.h"
#include "sim/ir/verify.h"
#include "sim/workload/workload_hash.h"

namespace takt {
namespace {

constexpr std::int64_t kExtentMax = std::int64_t{1} << 31;

struct Key {
  const char* name;
  std::int64_t min;
  bool required;
};
const std::vector<Key> kGemmKeys{
    {"m", 1, true}, {"n", 1, true}, {"k", 1, true}, {"batch", 1, false}};
const std::vector<Key> kConvKeys{{"n", 1, false},      {"c", 1, true},        {"h", 1, true},
                                 {"w", 1, false},      {"k", 1, true},        {"r", 1, true},
                                 {"s", 1, false},      {"stride", 1, false},  {"pad", 0, false},
                                 {"groups", 1, false}, {"dilation", 1, false}};

/// The pairs behind `gemm:` or `conv:`, every error with its column.
class Pairs {
 public:
  Pairs(const std::string& text, const std::vector<Key>& keys) : text_(text), keys_(keys) {
    form_ = text.substr(0, text.find(':'));
    std::size_t at = form_.size() + 1;
    while (at <= text.size()) {
      std::size_t end = text.find(',', at);
      if (end == std::string::npos) end = text.size();
      pair(at, end);
      at = end + 1;
    }
    for (const Key& key : keys) {
      if (key.required && !seen_.count(key.name)) {
        error(text.size(), key.name, "E-missing-key", "is missing",
              "add ," + std::string(key.name) + "=N");
      }
    }
  }

  std::int64_t value(const std::string& key, std::int64_t fallback) const {
    const auto found = values_.find(key);
    return found != values_.end() ? found->second : fallback;
  }
  std::optional<DType> dtype() const { return dtype_; }
  const Diagnostics& errors() const { return errors_; }

 private:
  void pair(std::size_t begin, std::size_t end) {
    const std::string item = text_.substr(begin, end - begin);
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0) {
      return error(begin, "", "E-bad-syntax", "expected key=value, got '" + item + "'");
    }
    const std::string key = item.substr(0, equals), value = item.substr(equals + 1);
    if (!seen_.insert({key, true}).second) {
      return error(begin, key, "E-duplicate-key", "key given twice");
    }
    const std::size_t at = begin + equals + 1;
    if (key == "dtype") return read_dtype(at, value);
    for (const Key& known : keys_) {
      if (key == known.name) return read_number(at, known, value);
    }
    std::vector<std::string> words{"dtype"};
    for (const Key& known : keys_) words.push_back(known.name);
    const auto near = suggest(key, words);
    error(begin, key, "E-unknown-key", "unknown key",
          near ? "did you mean '" + *near + "'?" : "known keys: " + join_words(words));
  }

  void read_dtype(std::size_t at, const std::string& value) {
    dtype_ = dtype_from(value);
    if (dtype_ && info(*dtype_).computes) return;
    std::vector<std::string> words;
    for (const DTypeInfo& row : kDTypes) {
      if (row.computes) words.emplace_back(row.name);
    }
    const auto near = suggest(value, words);
    error(at, "dtype", "E-bad-choice",
          "expected one of " + join_words(words) + ", got '" + value + "'",
          near ? "did you mean '" + *near + "'?" : "");
  }

  void read_number(std::size_t at, const Key& key, const std::string& value) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (code != std::errc{} || end != value.data() + value.size()) {
      return error(at, key.name, "E-not-a-number", "expected a whole number, got '" + value + "'");
    }
    if (number < key.min || number > kExtentMax) {
      return error(at, key.name, "E-out-of-range",
                   "must be from " + std::to_string(key.min) + " to " + std::to_string(kExtentMax) +
                       ", is " + value);
    }
    values_[key.name] = number;
  }

  void error(std::size_t at, const std::string& key, const std::string& name,
             const std::string& message, const std::string& hint = "") {
    Diagnostic diagnostic;
    diagnostic.name = name;
    diagnostic.place = {"--workload", 1, static_cast<int>(at) + 1};
    diagnostic.path = key.empty() ? form_ : form_ + "." + key;
    diagnostic.message = message;
    diagnostic.hint = hint;
    diagnostic.source_line = text_;
    errors_.push_back(std::move(diagnostic));
  }

  const std::string& text_;
  const std::vector<Key>& keys_;
  std::string form_;
  std::map<std::string, std::int64_t> values_;
  std::map<std::string, bool> seen_;
  std::optional<DType> dtype_;
  Diagnostics errors_;
};

TensorId add_tensor(Graph& graph, const std::string& name, Shape shape, DType dtype,
                    TensorKind kind) {
  Tensor tensor;
  tensor.name = name;
  tensor.shape = std::move(shape);
  tensor.dtype = dtype;
  tensor.kind = kind;
  tensor.is_output = kind == TensorKind::kActivation;
  graph.tensors.push_back(std::move(tensor));
  return {static_cast<std::uint32_t>(graph.tensors.size() - 1)};
}

Diagnostics add_layer(Graph& graph, const std::string& name, OpKind kind, Shape in, Shape weight,
                      Attributes attributes, DType dtype) {
  Op op;
  op.name = name;
  op.kind = kind;
  op.source = kind == OpKind::kConv ? "conv" : "gemm";
  op.attributes = std::move(attributes);
  op.inputs = {
      add_tensor(graph, name + ".input", std::move(in), dtype, TensorKind::kInput),
      add_tensor(graph, name + ".weight", std::move(weight), dtype, TensorKind::kParameter)};
  op.outputs = {add_tensor(graph, name + ".output", {}, dtype, TensorKind::kActivation)};
  const auto types = infer_op(graph, op);
  if (!types) return types.errors();
  graph.tensor(op.outputs[0]).shape = types->front().shape;
  graph.ops.push_back(std::move(op));
  return {};
}

void at_text(Diagnostics& errors, const std::string& text) {
  for (Diagnostic& diagnostic : errors) {
    diagnostic.place = {"--workload", 1, 1};
    diagnostic.source_line = text;
  }
}

}  // namespace

bool is_inline_shape(const std::string& text) {
  return text.rfind("gemm:", 0) == 0 || text.rfind("conv:", 0) == 0;
}

Diagnostics add_gemm(Graph& graph, const std::string& name, const GemmShape& shape, DType dtype) {
  Shape a{shape.m, shape.k}, b{shape.k, shape.n};
  if (shape.batch > 1) {
    a.insert(a.begin(), shape.batch);
    b.insert(b.begin(), shape.batch);
  }
  return add_layer(graph, name, OpKind::kMatMul, a, b, MatMulAttrs{}, dtype);
}

Diagnostics add_conv(Graph& graph, const std::string& name, const ConvShape& shape, DType dtype) {
  WindowAttrs window;
  window.kernel[0] = shape.r;
  window.kernel[1] = shape.s;
  window.stride[0] = shape.stride_h;
  window.stride[1] = shape.stride_w;
  for (int i = 0; i < 2; ++i) {
    window.dilation[i] = shape.dilation;
    window.pad_begin[i] = window.pad_end[i] = shape.pad;
  }
  window.groups = shape.groups;
  return add_layer(graph, name, OpKind::kConv, {shape.n, shape.c, shape.h, shape.w},
                   {shape.k, std::max<std::int64_t>(shape.c / shape.groups, 1), shape.r, shape.s},
                   window, dtype);
}

Result<Graph> read_inline_shape(const std::string& text, const WorkloadOptions& options) {
  const bool gemm = text.rfind("gemm:", 0) == 0;
  const Pairs pairs(text, gemm ? kGemmKeys : kConvKeys);
  if (!pairs.errors().empty()) return pairs.errors();
  Graph graph;
  graph.name = text;
  graph.hash = hash_of_text(text);
  graph.dtype_open = !pairs.dtype().has_value();
  const DType dtype = pairs.dtype().value_or(DType::kFp32);
  Diagnostics errors;
  if (gemm) {
    GemmShape shape{pairs.value("m", 1), pairs.value("n", 1), pairs.value("k", 1),
                    pairs.value("batch", 1)};
    // --batch is of the network: more rows for the same second operand.
    if (options.batch) shape.m *= *options.batch;
    graph.batch = options.batch.value_or(1);
    errors = add_gemm(graph, "gemm", shape, dtype);
  } else {
    ConvShape shape;
    shape.n = graph.batch = options.batch.value_or(pairs.value("n", 1));
    shape.c = pairs.value("c", 1);
    shape.h = pairs.value("h", 1);
    shape.w = pairs.value("w", shape.h);
    shape.k = pairs.value("k", 1);
    shape.r = pairs.value("r", 1);
    shape.s = pairs.value("s", shape.r);
    shape.stride_h = shape.stride_w = pairs.value("stride", 1);
    shape.pad = pairs.value("pad", 0);
    shape.groups = pairs.value("groups", 1);
    shape.dilation = pairs.value("dilation", 1);
    errors = add_conv(graph, "conv", shape, dtype);
  }
  if (errors.empty()) errors = verify(graph);
  at_text(errors, text);
  if (!errors.empty()) return errors;
  return graph;
}

}  // namespace takt
