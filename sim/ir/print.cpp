// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/print.h"

#include <charconv>
#include <sstream>

#include "sim/base/check.h"
#include "sim/ir/print_fields.h"
#include "sim/ir/print_names.h"

namespace takt {
namespace {

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// The shortest digits that read back to the same number.
std::string real(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  CHECK(error == std::errc{}) << "a double has at most 24 digits";
  return std::string(text, end);
}

template <class Values>
std::string list(const Values& values) {
  std::ostringstream out;
  out << '[';
  bool first = true;
  for (std::int64_t value : values) {
    out << (first ? "" : ", ") << value;
    first = false;
  }
  out << ']';
  return out.str();
}

std::string value_text(bool value) { return value ? "true" : "false"; }
std::string value_text(std::int64_t value) { return std::to_string(value); }
std::string value_text(double value) { return real(value); }
std::string value_text(const std::string& value) { return quote(value); }
std::string value_text(const std::vector<std::int64_t>& value) { return list(value); }
std::string value_text(const std::int64_t (&value)[2]) { return list(value); }
std::string value_text(UnaryKind value) { return std::string(to_string(value)); }
std::string value_text(BinaryKind value) { return std::string(to_string(value)); }
std::string value_text(ReduceKind value) { return std::string(to_string(value)); }

/// All fields as text, in order.
struct Collect {
  std::vector<std::pair<const char*, std::string>> fields;
  template <class T>
  void operator()(const char* name, T& value) {
    fields.emplace_back(name, value_text(value));
  }
};

Collect fields_of(Attributes attributes) {
  Collect collect;
  std::visit([&](auto& a) { visit_fields(a, collect); }, attributes);
  return collect;
}

void write_attributes(std::ostream& out, const Op& op) {
  const Attributes standard = default_attributes(op.kind);
  CHECK(standard.index() == op.attributes.index() || op.attributes.index() == 0)
      << "op '" << op.name << "' has attributes of another kind";
  if (op.attributes.index() == 0) return;
  const Collect own = fields_of(op.attributes), usual = fields_of(standard);
  for (std::size_t i = 0; i < own.fields.size(); ++i) {
    if (own.fields[i].second != usual.fields[i].second) {
      out << ' ' << own.fields[i].first << '=' << own.fields[i].second;
    }
  }
}

void write_tensor(std::ostream& out, const Tensor& tensor) {
  out << quote(tensor.name) << ' ' << to_string(tensor.kind) << ' ' << to_string(tensor.dtype)
      << ' ' << list(tensor.shape) << (tensor.is_output ? " output" : "");
  if (const auto* whole = std::get_if<Tensor::IntData>(&tensor.constant)) {
    out << " = int";
    for (std::int64_t value : *whole) out << ' ' << value;
  } else if (const auto* reals = std::get_if<Tensor::FloatData>(&tensor.constant)) {
    out << " = real";
    for (double value : *reals) out << ' ' << real(value);
  }
  out << '\n';
}

void write_ids(std::ostream& out, const std::vector<TensorId>& ids) {
  for (TensorId id : ids) {
    if (id.valid()) {
      out << " t" << id.index;
    } else {
      out << " -";
    }
  }
}

}  // namespace

std::string to_text(const Graph& graph) {
  std::ostringstream out;
  out << "graph 1 " << quote(graph.name) << " hash " << quote(graph.hash) << " dtype "
      << (graph.dtype_open ? "open" : "fixed");
  if (graph.batch > 0) out << " batch " << graph.batch;
  out << '\n';
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    out << 't' << i << ' ';
    write_tensor(out, graph.tensors[i]);
  }
  for (const Op& op : graph.ops) {
    out << "op " << quote(op.name) << ' ' << to_string(op.kind);
    write_ids(out, op.inputs);
    out << " ->";
    write_ids(out, op.outputs);
    write_attributes(out, op);
    if (!op.source.empty()) out << " source=" << quote(op.source);
    out << '\n';
  }
  return out.str();
}

}  // namespace takt
