// SPDX-License-Identifier: Apache-2.0
#include "sim/config/parse.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "sim/base/check.h"

namespace takt {
namespace {

/// Ends the parse; caught in parse_text and never beyond.
struct Stop {
  Diagnostic why;
};

std::size_t count_nodes(const Node& node) {
  std::size_t n = 1;
  for (const Node& child : node.children) n += count_nodes(child);
  return n;
}

/// Builds the tree from yaml-cpp's events rather than from its nodes: events tell duplicate keys,
/// aliases and quotes apart, and can be stopped before memory is spent.
class Builder : public YAML::EventHandler {
 public:
  Builder(std::shared_ptr<const SourceText> source, Diagnostics& errors)
      : source_(std::move(source)), errors_(errors) {}

  bool has_root() const { return done_; }
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(make(Node::Kind::kNull, mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      throw Stop{at(mark, "E-bad-syntax", "an alias may not stand inside what it names")};
    }
    spend(count_nodes(found->second), mark);
    Node copy = found->second;
    finish(std::move(copy), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_tag(mark, tag);
    Node node = make(Node::Kind::kScalar, mark);
    node.text = value;
    node.quoted = tag == "!";
    finish(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(make(Node::Kind::kList, mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(make(Node::Kind::kMap, mark), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::string path;
    bool has_key = false;
    std::string key;
    int key_line = 0, key_column = 0;
    std::set<std::string> seen;
  };

  Diagnostic at(const YAML::Mark& mark, const char* name, std::string message,
                std::string hint = "") const {
    return error_at(placed(mark), stack_.empty() ? "" : stack_.back().path, name,
                    std::move(message), std::move(hint));
  }
  Node placed(const YAML::Mark& mark) const {
    Node node;
    node.source = source_;
    if (!mark.is_null()) {
      node.line = mark.line + 1;
      node.column = mark.column + 1;
    }
    return node;
  }
  void spend(std::size_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ > kNodesMax) {
      throw Stop{at(
          mark, "E-too-large",
          "the file has more than " + std::to_string(kNodesMax) + " values, aliases written out")};
    }
  }
  Node make(Node::Kind kind, const YAML::Mark& mark) {
    spend(1, mark);
    Node node = placed(mark);
    node.kind = kind;
    return node;
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Stop{at(mark, "E-bad-syntax", "tags such as " + quoted_for_message(tag) + " are not read",
                  "remove the tag")};
  }
  void open(Node node, YAML::anchor_t anchor) {
    Frame frame;
    if (!stack_.empty()) {
      const Frame& top = stack_.back();
      if (top.node.is_map() && !top.has_key) throw Stop{bad_key(node)};
      if (stack_.size() >= static_cast<std::size_t>(kDepthMax)) {
        Diagnostic d =
            error_at(node, "", "E-too-deep",
                     "more than " + std::to_string(kDepthMax) + " maps or lists within each other");
        throw Stop{d};
      }
      frame.path = top.node.is_map() ? join_path(top.path, top.key) : top.path;
    }
    frame.node = std::move(node);
    frame.anchor = anchor;
    stack_.push_back(std::move(frame));
  }
  Diagnostic bad_key(const Node& node) const {
    return error_at(node, stack_.back().path, "E-bad-syntax",
                    "a key must be a single word, got " + node.describe());
  }
  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    finish(std::move(frame.node), frame.anchor);
  }
  void finish(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      spend(count_nodes(node), YAML::Mark());
      anchors_[anchor] = node;
    }
    if (stack_.empty()) {
      root_ = std::move(node);
      done_ = true;
      return;
    }
    Frame& top = stack_.back();
    if (top.node.is_list()) {
      top.node.children.push_back(std::move(node));
    } else if (!top.has_key) {
      take_key(top, node);
    } else {
      take_value(top, std::move(node));
    }
  }
  void take_key(Frame& top, const Node& node) {
    if (!node.is_scalar() || node.text.size() > kKeyBytesMax) throw Stop{bad_key(node)};
    top.key = node.text;
    top.key_line = node.line;
    top.key_column = node.column;
    top.has_key = true;
  }
  void take_value(Frame& top, Node node) {
    top.has_key = false;
    node.key_line = top.key_line;
    node.key_column = top.key_column;
    // An empty value has the place of whatever follows it; its key's says more.
    if (node.kind == Node::Kind::kNull) {
      node.line = top.key_line;
      node.column = top.key_column;
    }
    if (!top.seen.insert(top.key).second) {
      const Node& first = *top.node.find(top.key);
      errors_.push_back(
          error_at_key(node, join_path(top.path, top.key), "E-duplicate-key",
                       "key given twice; the first is in line " + std::to_string(first.key_line)));
      return;
    }
    if (top.key == "<<") {
      errors_.push_back(error_at_key(node, join_path(top.path, top.key), "E-bad-syntax",
                                     "merge keys are not read",
                                     "put what is shared in a file and name it with 'extends:'"));
      return;
    }
    top.node.keys.push_back(top.key);
    top.node.children.push_back(std::move(node));
  }

  std::shared_ptr<const SourceText> source_;
  Diagnostics& errors_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
  Node root_;
  bool done_ = false;
};

/// The first byte that is not part of well-formed UTF-8 text without control characters, or npos.
std::size_t find_bad_byte(const std::string& text) {
  std::size_t i = 0;
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
  };
  while (i < text.size()) {
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      if ((lead < 0x20 && lead != '\n' && lead != '\r' && lead != '\t') || lead == 0x7F) return i;
      ++i;
      continue;
    }
    const int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return i;
    for (int k = 1; k < length; ++k) {
      if ((byte(i + static_cast<std::size_t>(k)) & 0xC0) != 0x80) return i;
    }
    const unsigned second = byte(i + 1);
    // Overlong forms, surrogates and what lies beyond U+10FFFF.
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second >= 0xA0) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second >= 0x90)) {
      return i;
    }
    i += static_cast<std::size_t>(length);
  }
  return std::string::npos;
}

Diagnostic file_error(const std::string& file, std::string name, std::string message,
                      std::string hint = "") {
  Diagnostic d;
  d.name = std::move(name);
  d.place.file = file;
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

Diagnostic bad_bytes(const SourceText& source, std::size_t at) {
  Diagnostic d = file_error(source.name(), "E-not-text", "not a text file in UTF-8");
  d.place.line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < at; ++i) {
    if (source.text()[i] != '\n') continue;
    ++d.place.line;
    line_start = i + 1;
  }
  d.place.column = static_cast<int>(at - line_start) + 1;
  return d;
}

/// yaml-cpp looks ahead over a whole flow sequence to see whether it is a key, at about 100 bytes a
/// token: bracket bombs are stopped here. Brackets in comments and plain text count too, so the
/// limit on depth is far above kDepthMax.
std::optional<std::size_t> find_bracket_bomb(const std::string& text) {
  constexpr int kBracketsMax = 16 * kDepthMax;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' || text[i] == '{') ++depth;
    if ((text[i] == ']' || text[i] == '}') && depth > 0) --depth;
    if (depth > kBracketsMax) return i;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Node> parse_text(std::string text, const std::string& name, Diagnostics& errors) {
  if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) text.erase(0, 3);
  if (text.size() > kFileBytesMax) {
    errors.push_back(file_error(name, "E-too-large",
                                "larger than " + std::to_string(kFileBytesMax >> 20) + " MiB"));
    return std::nullopt;
  }
  const auto source = std::make_shared<const SourceText>(name, std::move(text));
  const std::size_t bad = find_bad_byte(source->text());
  if (bad != std::string::npos) {
    errors.push_back(bad_bytes(*source, bad));
    return std::nullopt;
  }
  if (find_bracket_bomb(source->text())) {
    errors.push_back(
        file_error(name, "E-too-deep",
                   "more than " + std::to_string(kDepthMax) + " maps or lists within each other"));
    return std::nullopt;
  }
  try {
    std::istringstream stream(source->text());
    YAML::Parser parser(stream);
    Builder builder(source, errors);
    if (!parser.HandleNextDocument(builder) || !builder.has_root()) {
      errors.push_back(file_error(name, "E-empty-file", "the file is empty"));
      return std::nullopt;
    }
    Node root = builder.take_root();
    Diagnostics ignored;
    Builder second(source, ignored);
    if (parser.HandleNextDocument(second)) {
      errors.push_back(file_error(name, "E-bad-syntax", "the file holds more than one document",
                                  "remove the line '---' between them"));
      return std::nullopt;
    }
    return root;
  } catch (const Stop& stop) {
    errors.push_back(stop.why);
  } catch (const YAML::Exception& e) {
    Node place;
    place.source = source;
    if (!e.mark.is_null()) {
      place.line = e.mark.line + 1;
      place.column = e.mark.column + 1;
    }
    errors.push_back(error_at(place, "", "E-bad-syntax", "not valid YAML: " + e.msg));
  }
  return std::nullopt;
}

std::optional<std::string> read_whole_file(const std::string& path, std::size_t bytes_max,
                                           Diagnostics& errors) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) {
    errors.push_back(file_error(path, "E-missing-file", "no such file"));
    return std::nullopt;
  }
  if (std::filesystem::is_directory(status)) {
    errors.push_back(file_error(path, "E-unreadable-file", "is a folder, expected a file"));
    return std::nullopt;
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  // In pieces, so that a device or a pipe that never ends is refused too.
  char piece[1 << 16];
  while (file.good() && text.size() <= bytes_max) {
    file.read(piece, sizeof piece);
    text.append(piece, static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad() || (file.fail() && !file.eof())) {
    const std::string why = errno != 0 ? std::strerror(errno) : "unknown reason";
    errors.push_back(file_error(path, "E-unreadable-file", "cannot be read: " + why));
    return std::nullopt;
  }
  if (text.size() > bytes_max) {
    errors.push_back(
        file_error(path, "E-too-large", "larger than " + std::to_string(bytes_max >> 20) + " MiB"));
    return std::nullopt;
  }
  return text;
}

std::optional<Node> parse_file(const std::string& path, Diagnostics& errors) {
  std::optional<std::string> text = read_whole_file(path, kFileBytesMax, errors);
  if (!text) return std::nullopt;
  return parse_text(std::move(*text), path, errors);
}

namespace {
void forget_lines(Node& node) {
  node.line = node.column = node.key_line = node.key_column = 0;
  for (Node& child : node.children) forget_lines(child);
}
}  // namespace

std::optional<Node> parse_value(const std::string& text, const std::string& name,
                                const std::string& path, Diagnostics& errors) {
  Diagnostics found;
  std::optional<Node> node = parse_text(text, name, found);
  for (Diagnostic& d : found) {
    d.place.line = d.place.column = 0;
    if (d.path.empty()) d.path = path;
    errors.push_back(d);
  }
  if (node) forget_lines(*node);
  return node;
}

}  // namespace takt
