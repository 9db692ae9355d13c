// SPDX-License-Identifier: Apache-2.0
#include "list.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "op_check.h"

namespace takt::gpu {
namespace {

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, begin)) {
    parts.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

class Parser {
 public:
  explicit Parser(std::string path) : path_(std::move(path)) {}

  Network parse(const std::string& text) {
    std::istringstream lines(text);
    std::uint64_t hash = kFnvStart;
    for (std::string line; std::getline(lines, line);) {
      ++number_;
      words_ = split(line, ' ');
      next_ = 1;
      const std::string& first = words_[0];
      if (number_ == 1) {
        header(first);
        continue;
      }
      if (first == "tensor" || first == "op") {
        hash = fnv1a(line.data(), line.size(), hash);
        hash = fnv1a("\n", 1, hash);
        first == "tensor" ? tensor() : op();
      } else if (first == "matrix" || first == "vector") {
        Layer layer;
        layer.is_matrix = first == "matrix";
        layer.name = word("its name");
        layer.op = word("its operator");
        network_.layers.push_back(layer);
      } else if (first == "members") {
        members();
      }
    }
    if (number_ == 0) fail("the file is empty");
    network_.values_hash = hash;
    check();
    return std::move(network_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, int code = 3) const {
    throw InputError(code, path_ + ":" + std::to_string(number_) + ": error: " + what);
  }
  std::string word(const char* what) {
    if (next_ >= words_.size() || words_[next_].empty()) fail(std::string("missing: ") + what);
    return words_[next_++];
  }
  std::int64_t whole(const std::string& text, const char* what) const {
    char* end = nullptr;
    const long long value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0') fail(std::string(what) + " is no whole number: " + text);
    return value;
  }
  float single(const std::string& text, const char* what) const {
    char* end = nullptr;
    const float value = std::strtof(text.c_str(), &end);
    if (text.empty() || *end != '\0') fail(std::string(what) + " is no number: " + text);
    return value;
  }
  Dims numbers(const std::string& text, const char* what) const {
    Dims out;
    if (text == "-") return out;
    for (const std::string& part : split(text, ',')) out.push_back(whole(part, what));
    return out;
  }

  void header(const std::string& first) {
    if (first != "takt_layers") fail("not a layer list: it begins with 'takt_layers'");
    const std::int64_t version = whole(word("the version"), "the version");
    if (version != 2) {
      fail("version " + std::to_string(version) + " of the list; this program reads version 2", 4);
    }
    network_.name = word("the network's name");
    word("batch");
    network_.batch = whole(word("the batch"), "the batch");
    word("precision");
    network_.precision = word("the precision");
  }

  void tensor() {
    if (whole(word("its number"), "its number") !=
        static_cast<std::int64_t>(network_.tensors.size())) {
      fail("tensors are numbered in order from 0");
    }
    Tensor t;
    t.name = word("its name");
    t.is_parameter = word("its kind") == "parameter";
    const std::string type = word("its type");
    if (!type_from(type, &t.type)) fail("unknown type '" + type + "'");
    t.dims = numbers(word("its dimensions"), "a dimension");
    double product = 1;
    for (const std::int64_t extent : t.dims) {
      if (extent < 0) fail("a dimension is negative");
      // Beside an extent of 0, too.
      product *= static_cast<double>(std::max<std::int64_t>(1, extent));
    }
    if (product >= 2147483648.0) fail("tensors of 2^31 elements and more are not supported", 4);
    if (t.dims.size() > 8) fail("tensors of more than 8 dimensions are not supported", 4);
    t.name_hash = std::strtoull(word("the hash of its name").c_str(), nullptr, 16);
    while (next_ < words_.size()) source(t, words_[next_++]);
    network_.tensors.push_back(std::move(t));
  }

  /// Where a tensor's elements come from, if no op makes them.
  void source(Tensor& t, const std::string& text) {
    if (text == "output") {
      t.is_output = true;
      return;
    }
    const std::size_t equal = text.find('=');
    const std::string key = text.substr(0, equal);
    const std::string value = equal == std::string::npos ? "" : text.substr(equal + 1);
    if (key == "signed" || key == "below") {
      t.rule.kind = key == "signed" ? Rule::kSigned : Rule::kBelow;
      t.rule.limit = whole(value, "a limit");
    } else if (key == "fraction") {
      const std::vector<std::string> parts = split(value, ',');
      if (parts.size() != 2) fail("fraction= has a factor and an offset");
      t.rule.kind = Rule::kFraction;
      t.rule.factor = single(parts[0], "a factor");
      t.rule.offset = single(parts[1], "an offset");
    } else if (key == "values") {
      if (!value.empty()) t.values = split(value, ',');
      if (static_cast<std::int64_t>(t.values.size()) != t.elements()) {
        fail("tensor '" + t.name + "' has " + std::to_string(t.elements()) + " elements, not " +
             std::to_string(t.values.size()));
      }
    }  // what later versions add is skipped
  }

  std::vector<int> operands(const char* what) {
    const std::string number = word(what);
    const std::int64_t count = whole(number, what);
    if (count < 0 || count > static_cast<std::int64_t>(words_.size() - next_)) {
      fail(std::string(what) + " are not " + number);
    }
    std::vector<int> out;
    while (static_cast<std::int64_t>(out.size()) < count) {
      const std::string text = word(what);
      if (text == "-") {
        out.push_back(kNone);
        continue;
      }
      const std::int64_t id = whole(text, what);
      if (id < 0 || id >= static_cast<std::int64_t>(network_.tensors.size())) {
        fail("there is no tensor " + text);
      }
      out.push_back(static_cast<int>(id));
    }
    return out;
  }

  void op() {
    if (whole(word("its number"), "its number") != static_cast<std::int64_t>(network_.ops.size())) {
      fail("ops are numbered in order from 0");
    }
    Op op;
    op.line = number_;
    op.name = word("its name");
    op.kind = word("its kind");
    op.inputs = operands("its inputs");
    op.outputs = operands("its outputs");
    while (next_ < words_.size()) {
      const std::string& text = words_[next_++];
      const std::size_t equal = text.find('=');
      if (equal == std::string::npos) fail("an attribute is key=value, not '" + text + "'");
      op.attributes[text.substr(0, equal)] = text.substr(equal + 1);
    }
    for (const int id : op.inputs) {
      if (id == kNone) continue;
      const Tensor& t = network_.tensors[static_cast<std::size_t>(id)];
      if (!t.is_made && t.rule.kind == Rule::kNone && t.values.empty() && t.elements() > 0) {
        fail("op '" + op.name + "' reads tensor '" + t.name + "' before it is made");
      }
    }
    for (const int id : op.outputs) {
      if (id == kNone) continue;
      Tensor& t = network_.tensors[static_cast<std::size_t>(id)];
      if (t.is_made || t.rule.kind != Rule::kNone || !t.values.empty()) {
        fail("op '" + op.name + "' makes tensor '" + t.name + "', which has values already");
      }
      t.is_made = true;
    }
    network_.ops.push_back(std::move(op));
  }

  void members() {
    if (network_.layers.empty()) fail("members of no layer");
    while (next_ < words_.size()) {
      const std::int64_t id = whole(words_[next_++], "a member");
      if (id < 0 || id >= static_cast<std::int64_t>(network_.ops.size())) {
        fail("there is no op " + std::to_string(id));
      }
      network_.layers.back().members.push_back(static_cast<int>(id));
    }
  }

  void check() const {
    if (network_.ops.empty()) fail("the list has no ops; write it with takt convert --to layers");
    std::string all;
    for (const Op& op : network_.ops) {
      const std::string what = op_mistake(network_, op);
      if (what.empty()) continue;
      all += (all.empty() ? "" : "\n") + path_ + ":" + std::to_string(op.line) + ": error: op '" +
             op.name + "': " + what;
    }
    if (!all.empty()) throw InputError(3, all);
  }

  std::string path_;
  int number_ = 0;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
  Network network_;
};

}  // namespace

std::string Op::text(const std::string& key) const {
  const auto found = attributes.find(key);
  return found == attributes.end() || found->second == "-" ? "" : found->second;
}

Dims Op::whole_list(const std::string& key) const {
  Dims out;
  const std::string list = text(key);
  if (list.empty()) return out;
  for (const std::string& part : split(list, ',')) {
    out.push_back(std::strtoll(part.c_str(), nullptr, 10));
  }
  return out;
}

std::int64_t Op::whole(const std::string& key) const {
  const Dims list = whole_list(key);
  return list.empty() ? 0 : list[0];
}

double Op::real(const std::string& key) const { return std::strtod(text(key).c_str(), nullptr); }

Network parse_network(const std::string& text, const std::string& path) {
  return Parser(path).parse(text);
}

Network read_network(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(3, path + ": error: cannot be read");
  std::stringstream text;
  text << file.rdbuf();
  return parse_network(text.str(), path);
}

}  // namespace takt::gpu
