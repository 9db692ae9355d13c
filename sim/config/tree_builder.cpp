// SPDX-License-Identifier: Apache-2.0
#include "sim/config/tree_builder.h"

#include "sim/config/parse.h"

namespace takt {
namespace {

std::size_t count_nodes(const Node& node) {
  std::size_t n = 1;
  for (const Node& child : node.children) n += count_nodes(child);
  return n;
}

}  // namespace

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  finish(make(Node::Kind::kNull, mark), anchor);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    throw StopParsing{at(mark, "E-bad-syntax", "an alias may not stand inside what it names")};
  }
  spend(count_nodes(found->second), mark);
  Node copy = found->second;
  finish(std::move(copy), 0);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  refuse_tag(mark, tag);
  Node node = make(Node::Kind::kScalar, mark);
  node.text = value;
  node.quoted = tag == "!";
  finish(std::move(node), anchor);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  refuse_tag(mark, tag);
  open(make(Node::Kind::kList, mark), anchor);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  refuse_tag(mark, tag);
  open(make(Node::Kind::kMap, mark), anchor);
}

Diagnostic TreeBuilder::at(const YAML::Mark& mark, const char* name, std::string message,
                           std::string hint) const {
  return error_at(placed(mark), stack_.empty() ? "" : stack_.back().path, name, std::move(message),
                  std::move(hint));
}

Node TreeBuilder::placed(const YAML::Mark& mark) const {
  Node node;
  node.source = source_;
  if (!mark.is_null()) {
    node.line = mark.line + 1;
    node.column = mark.column + 1;
  }
  return node;
}

void TreeBuilder::spend(std::size_t nodes, const YAML::Mark& mark) {
  nodes_ += nodes;
  if (nodes_ > kNodesMax) {
    throw StopParsing{
        at(mark, "E-too-large",
           "the file has more than " + std::to_string(kNodesMax) + " values, aliases written out")};
  }
}

Node TreeBuilder::make(Node::Kind kind, const YAML::Mark& mark) {
  spend(1, mark);
  Node node = placed(mark);
  node.kind = kind;
  return node;
}

void TreeBuilder::refuse_tag(const YAML::Mark& mark, const std::string& tag) {
  if (tag.empty() || tag == "?" || tag == "!") return;
  throw StopParsing{at(mark, "E-bad-syntax",
                       "tags such as " + quoted_for_message(tag) + " are not read",
                       "remove the tag")};
}

void TreeBuilder::open(Node node, YAML::anchor_t anchor) {
  Frame frame;
  if (!stack_.empty()) {
    const Frame& top = stack_.back();
    if (top.node.is_map() && !top.has_key) throw StopParsing{bad_key(node)};
    if (stack_.size() >= static_cast<std::size_t>(kDepthMax)) {
      Diagnostic d =
          error_at(node, "", "E-too-deep",
                   "more than " + std::to_string(kDepthMax) + " maps or lists within each other");
      throw StopParsing{d};
    }
    frame.path = top.node.is_map() ? join_path(top.path, top.key) : top.path;
  }
  frame.node = std::move(node);
  frame.anchor = anchor;
  stack_.push_back(std::move(frame));
}

Diagnostic TreeBuilder::bad_key(const Node& node) const {
  return error_at(node, stack_.back().path, "E-bad-syntax",
                  "a key must be a single word, got " + node.describe());
}

void TreeBuilder::close() {
  Frame frame = std::move(stack_.back());
  stack_.pop_back();
  finish(std::move(frame.node), frame.anchor);
}

void TreeBuilder::finish(Node node, YAML::anchor_t anchor) {
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

void TreeBuilder::take_key(Frame& top, const Node& node) {
  if (!node.is_scalar() || node.text.size() > kKeyBytesMax) throw StopParsing{bad_key(node)};
  top.key = node.text;
  top.key_line = node.line;
  top.key_column = node.column;
  top.has_key = true;
}

void TreeBuilder::take_value(Frame& top, Node node) {
  top.has_key = false;
  node.key_line = top.key_line;
  node.key_column = top.key_column;
  // An empty value has the place of whatever follows it; its key's says more.
  if (node.kind == Node::Kind::kNull) {
    node.line = top.key_line;
    node.column = top.key_column;
  }
  if (top.key == "<<") {
    errors_.push_back(error_at_key(node, join_path(top.path, top.key), "E-bad-syntax",
                                   "merge keys are not read",
                                   "put what is shared in a file and name it with 'extends:'"));
    return;
  }
  if (!top.seen.insert(top.key).second) {
    const Node& first = *top.node.find(top.key);
    errors_.push_back(
        error_at_key(node, join_path(top.path, top.key), "E-duplicate-key",
                     "key given twice; the first is in line " + std::to_string(first.key_line)));
    return;
  }
  top.node.keys.push_back(top.key);
  top.node.children.push_back(std::move(node));
}

}  // namespace takt
