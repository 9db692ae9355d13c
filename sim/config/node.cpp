// SPDX-License-Identifier: Apache-2.0
#include "sim/config/node.h"

#include <utility>

namespace takt {
namespace {

constexpr std::size_t kShownLineLength = 200;
constexpr std::size_t kShownValueLength = 60;

Diagnostic error(const Node& node, Place place, const std::string& path, std::string name,
                 std::string message, std::string hint) {
  Diagnostic d;
  d.name = std::move(name);
  d.path = path;
  d.message = std::move(message);
  d.hint = std::move(hint);
  if (node.source) d.source_line = node.source->line(place.line);
  d.place = std::move(place);
  return d;
}

}  // namespace

SourceText::SourceText(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)), starts_{0} {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') starts_.push_back(i + 1);
  }
}

std::string SourceText::line(int line) const {
  if (line < 1 || static_cast<std::size_t>(line) > starts_.size()) return "";
  const std::size_t begin = starts_[static_cast<std::size_t>(line) - 1];
  std::size_t end = text_.find('\n', begin);
  if (end == std::string::npos) end = text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  if (end - begin > kShownLineLength) return "";
  return text_.substr(begin, end - begin);
}

const Node* Node::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return &children[i];
  }
  return nullptr;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Place Node::place() const { return {source ? source->name() : "", line, column}; }

Place Node::key_place() const {
  if (key_line == 0) return place();
  return {source ? source->name() : "", key_line, key_column};
}

std::string Node::describe() const {
  switch (kind) {
    case Kind::kNull: return "nothing";
    case Kind::kMap: return "a map";
    case Kind::kList: return "a list";
    case Kind::kScalar: break;
  }
  return (quoted ? "the text " : "") + quoted_for_message(text);
}

std::string join_path(const std::string& base, std::string_view key) {
  return base.empty() ? std::string(key) : base + "." + std::string(key);
}

Diagnostic error_at(const Node& node, const std::string& path, std::string name,
                    std::string message, std::string hint) {
  return error(node, node.place(), path, std::move(name), std::move(message), std::move(hint));
}

Diagnostic error_at_key(const Node& node, const std::string& path, std::string name,
                        std::string message, std::string hint) {
  return error(node, node.key_place(), path, std::move(name), std::move(message), std::move(hint));
}

std::string quoted_for_message(std::string_view text) {
  std::string shown = "'";
  for (char c : text.substr(0, kShownValueLength)) {
    shown += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  // Never end inside a character of several bytes.
  if (text.size() > kShownValueLength) {
    while (shown.size() > 1 && (static_cast<unsigned char>(shown.back()) & 0x80) != 0) {
      shown.pop_back();
    }
    shown += "…";
  }
  return shown + "'";
}

}  // namespace takt
