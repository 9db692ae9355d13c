// SPDX-License-Identifier: Apache-2.0
// The reader of printed graphs. Safe on any text: every error has a place.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "sim/ir/print.h"
#include "sim/ir/print_fields.h"
#include "sim/ir/print_names.h"
#include "sim/ir/shape.h"
#include "sim/ir/verify.h"

namespace takt {
namespace {

constexpr std::size_t kListMax = 1 << 20;

/// One line, read token by token; the first problem is kept and ends it.
class Line {
 public:
  Line(const std::string& text, int number) : text_(text), number_(number) {}

  bool at_end() {
    skip();
    return at_ >= text_.size();
  }
  bool take(const std::string& token) {
    skip();
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }
  /// At `t7` or `-`, not at an attribute such as `transpose_a=`.
  bool at_id() {
    skip();
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '-') return true;
    return text_[at_] == 't' && at_ + 1 < text_.size() &&
           std::isdigit(static_cast<unsigned char>(text_[at_ + 1])) != 0;
  }
  void expect(const std::string& token) {
    if (!take(token)) fail("expected '" + token + "'");
  }
  /// Letters, digits, `_`, and what numbers are written with.
  std::string word() {
    skip();
    const std::size_t begin = at_;
    const auto part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
             c == '+';
    };
    while (at_ < text_.size() && part(text_[at_])) ++at_;
    if (begin == at_) fail("expected a word");
    return text_.substr(begin, at_ - begin);
  }
  std::string quoted() {
    std::string out;
    skip();
    if (at_ >= text_.size() || text_[at_] != '"') return fail("expected a text in quotes"), out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') return ++at_, out;
      if (text_[at_] == '\\' && ++at_ < text_.size()) {
        out += text_[at_] == 'n' ? '\n' : text_[at_];
      } else if (at_ < text_.size()) {
        out += text_[at_];
      }
    }
    fail("the text has no closing quote");
    return out;
  }
  template <class Number>
  Number number() {
    Number value{};
    const std::string token = word();
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc{} || end != token.data() + token.size()) fail("expected a number");
    return value;
  }
  std::vector<std::int64_t> list() {
    std::vector<std::int64_t> out;
    expect("[");
    while (ok() && !take("]")) {
      if (!out.empty()) expect(",");
      out.push_back(number<std::int64_t>());
      if (out.size() > kListMax) fail("the list is too long");
    }
    return out;
  }
  void fail(const std::string& message) {
    if (!problem_.empty()) return;
    problem_ = message;
    column_ = static_cast<int>(at_) + 1;
  }
  bool ok() const { return problem_.empty(); }
  Diagnostic diagnostic(const std::string& file) const {
    Diagnostic out;
    out.name = "E-graph-text";
    out.place = {file, number_, column_};
    out.message = problem_;
    out.source_line = text_;
    return out;
  }

 private:
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  const std::string& text_;
  int number_;
  std::size_t at_ = 0;
  std::string problem_;
  int column_ = 1;
};

void read_value(Line& line, bool& value) {
  const std::string word = line.word();
  if (word != "true" && word != "false") line.fail("expected true or false");
  value = word == "true";
}
void read_value(Line& line, std::int64_t& value) { value = line.number<std::int64_t>(); }
void read_value(Line& line, double& value) { value = line.number<double>(); }
void read_value(Line& line, std::string& value) { value = line.quoted(); }
void read_value(Line& line, std::vector<std::int64_t>& value) { value = line.list(); }
void read_value(Line& line, std::int64_t (&value)[2]) {
  const auto values = line.list();
  if (values.size() != 2) return line.fail("expected a list of two");
  value[0] = values[0];
  value[1] = values[1];
}
template <class Enum>
void read_word(Line& line, Enum& value, std::optional<Enum> (*from)(std::string_view)) {
  const auto found = from(line.word());
  if (!found) return line.fail("no such function");
  value = *found;
}
void read_value(Line& line, UnaryKind& value) { read_word(line, value, unary_kind_from); }
void read_value(Line& line, BinaryKind& value) { read_word(line, value, binary_kind_from); }
void read_value(Line& line, ReduceKind& value) { read_word(line, value, reduce_kind_from); }

/// Reads the field of one name into its place.
struct Assign {
  Line& line;
  const std::string& name;
  bool found = false;
  template <class T>
  void operator()(const char* field, T& value) {
    if (found || name != field) return;
    found = true;
    read_value(line, value);
  }
};

class GraphReader {
 public:
  bool line(Line& line) {
    if (first_) return header(line);
    if (line.take("op ")) return op(line);
    return tensor(line);
  }
  Graph graph;

 private:
  bool header(Line& line) {
    first_ = false;
    line.expect("graph");
    if (line.ok() && line.number<int>() != 1) line.fail("only format 1 is known");
    graph.name = line.quoted();
    line.expect("hash");
    graph.hash = line.quoted();
    line.expect("dtype");
    graph.dtype_open = line.take("open");
    if (!graph.dtype_open) line.expect("fixed");
    if (line.ok() && line.take("batch")) {
      graph.batch = line.number<std::int64_t>();
      if (line.ok() && graph.batch < 1) line.fail("a batch must be 1 or more");
    }
    return finish(line);
  }

  bool tensor(Line& line) {
    if (!line.take("t" + std::to_string(graph.tensors.size()) + " ")) {
      line.fail("expected t" + std::to_string(graph.tensors.size()) + " or op");
      return false;
    }
    Tensor tensor;
    tensor.name = line.quoted();
    const auto kind = tensor_kind_from(line.word());
    const auto dtype = dtype_from(line.word());
    if (!kind || !dtype) line.fail("expected input, parameter or activation, and a type");
    tensor.kind = kind.value_or(TensorKind::kInput);
    tensor.dtype = dtype.value_or(DType::kFp32);
    tensor.shape = line.list();
    tensor.is_output = line.take("output");
    if (line.ok() && line.take("=")) constant(line, tensor);
    graph.tensors.push_back(std::move(tensor));
    return finish(line);
  }

  static void constant(Line& line, Tensor& tensor) {
    const auto count = element_count(tensor.shape, kListMax);
    if (!count) return line.fail("a tensor of this shape has no known elements");
    const bool whole = line.take("int");
    if (!whole) line.expect("real");
    Tensor::IntData numbers;
    Tensor::FloatData reals;
    for (std::int64_t i = 0; i < *count && line.ok(); ++i) {
      if (whole) {
        numbers.push_back(line.number<std::int64_t>());
      } else {
        reals.push_back(line.number<double>());
      }
    }
    if (whole) {
      tensor.constant = std::move(numbers);
    } else {
      tensor.constant = std::move(reals);
    }
  }

  bool op(Line& line) {
    Op op;
    op.name = line.quoted();
    const auto kind = op_kind_from(line.word());
    if (!kind) line.fail("there is no such operator");
    op.kind = kind.value_or(OpKind::kUnary);
    op.attributes = default_attributes(op.kind);
    while (line.ok() && !line.take("->")) op.inputs.push_back(id(line));
    while (line.ok() && line.at_id()) op.outputs.push_back(id(line));
    while (line.ok() && !line.at_end()) attribute(line, op);
    graph.ops.push_back(std::move(op));
    return finish(line);
  }

  TensorId id(Line& line) {
    if (!line.take("t")) {
      line.expect("-");
      return {};
    }
    const auto index = line.number<std::uint32_t>();
    if (line.ok() && index >= graph.tensors.size()) line.fail("there is no such tensor");
    return {index};
  }

  static void attribute(Line& line, Op& op) {
    const std::string name = line.word();
    line.expect("=");
    if (!line.ok()) return;
    if (name == "source") {
      op.source = line.quoted();
      return;
    }
    Assign assign{line, name};
    std::visit([&](auto& a) { visit_fields(a, assign); }, op.attributes);
    if (!assign.found) line.fail("the operator has no attribute '" + name + "'");
  }

  static bool finish(Line& line) {
    if (line.ok() && !line.at_end()) line.fail("does not belong here");
    return line.ok();
  }

  bool first_ = true;
};

}  // namespace

Result<Graph> read_graph_text(const std::string& text, const std::string& name) {
  GraphReader reader;
  Diagnostics errors;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string content = text.substr(at, end - at);
    at = end + 1;
    ++number;
    Line line(content, number);
    if (line.at_end()) continue;
    if (reader.line(line)) continue;
    errors.push_back(line.diagnostic(name));
    return errors;  // what follows counts on the numbers of tensors
  }
  if (number == 0) {
    Line empty(text, 1);
    empty.fail("the file is empty");
    return empty.diagnostic(name);
  }
  errors = verify(reader.graph);
  for (Diagnostic& diagnostic : errors) diagnostic.place.file = name;
  if (!errors.empty()) return errors;
  return std::move(reader.graph);
}

}  // namespace takt
