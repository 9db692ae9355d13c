// SPDX-License-Identifier: Apache-2.0
#include "sim/config/reader.h"

#include <algorithm>

#include "sim/config/suggest.h"

namespace takt {

Reader::Reader(const Node& node, Diagnostics& errors, Resolved* resolved, std::string path)
    : Reader(&node, &node, errors, resolved, std::move(path), nullptr) {}

Reader::Reader(const Node* node, const Node* anchor, Diagnostics& errors, Resolved* resolved,
               std::string path, std::vector<std::string>* asked)
    : node_(node),
      anchor_(anchor),
      errors_(&errors),
      resolved_(resolved),
      path_(std::move(path)),
      asked_(asked) {
  if (node_ == nullptr || node_->is_map()) return;
  if (!node_->reported) {
    errors_->push_back(
        error_at(*node_, path_, "E-wrong-shape", "expected a map, got " + node_->describe()));
  }
  node_ = nullptr;
  broken_ = true;
}

const Node* Reader::take(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.emplace_back(key);
    if (asked_ != nullptr) asked_->push_back(path_of(key));
  }
  return node_ == nullptr ? nullptr : node_->find(key);
}

bool Reader::has(std::string_view key) const {
  return node_ != nullptr && node_->find(key) != nullptr;
}

std::vector<std::string> Reader::keys() const {
  return node_ == nullptr ? std::vector<std::string>{} : node_->keys;
}

Reader Reader::child(std::string_view key, const Node* node) {
  Resolved* out = nullptr;
  if (resolved_ != nullptr) out = &resolved_->add(std::string(key), Resolved::Kind::kMap);
  const Node* anchor = node != nullptr ? node : anchor_;
  Reader reader(node, anchor, *errors_, out, path_of(key), asked_);
  reader.broken_ = reader.broken_ || broken_;
  return reader;
}

Reader Reader::map(std::string_view key) {
  const Node* node = take(key);
  if (node == nullptr) report_missing(key);
  Reader reader = child(key, node);
  if (node == nullptr) reader.broken_ = true;
  return reader;
}

Reader Reader::optional_map(std::string_view key) { return child(key, take(key)); }

const Node* Reader::take_list(std::string_view key, std::size_t min_count, std::size_t max_count,
                              Resolved*& out) {
  const Node* node = take(key);
  if (node == nullptr) {
    if (min_count > 0) report_missing(key);
    return nullptr;
  }
  if (node->reported) return nullptr;
  if (!node->is_list()) {
    error(key, "E-wrong-shape", "expected a list, got " + node->describe());
    return nullptr;
  }
  if (node->children.size() < min_count || node->children.size() > max_count) {
    error(key, "E-out-of-range",
          "expected " + std::to_string(min_count) +
              (max_count == min_count ? "" : " to " + std::to_string(max_count)) + " items, got " +
              std::to_string(node->children.size()));
    return nullptr;
  }
  if (resolved_ != nullptr) out = &resolved_->add(std::string(key), Resolved::Kind::kList);
  return node;
}

std::vector<Reader> Reader::maps(std::string_view key, std::size_t min_count,
                                 std::size_t max_count) {
  std::vector<Reader> readers;
  Resolved* out = nullptr;
  const Node* node = take_list(key, min_count, max_count, out);
  if (node == nullptr) return readers;
  for (std::size_t i = 0; i < node->children.size(); ++i) {
    Resolved* item = out == nullptr ? nullptr : &out->add("", Resolved::Kind::kMap);
    const std::string item_path = path_of(key) + "[" + std::to_string(i) + "]";
    readers.push_back(
        Reader(&node->children[i], &node->children[i], *errors_, item, item_path, asked_));
  }
  return readers;
}

void Reader::finish() {
  if (node_ == nullptr) return;
  for (std::size_t i = 0; i < node_->keys.size(); ++i) {
    const std::string& key = node_->keys[i];
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::optional<std::string> near = suggest(key, known_);
    std::vector<std::string> sorted = known_;
    std::sort(sorted.begin(), sorted.end());
    errors_->push_back(error_at_key(
        node_->children[i], path_of(key), "E-unknown-key",
        near ? "unknown key; did you mean '" + *near + "'?" : std::string("unknown key"),
        near ? "" : "keys here: " + join_words(sorted)));
  }
}

void Reader::report_missing(std::string_view key) {
  // What is missing in a map that is itself missing or not a map was said once.
  if (broken_) return;
  errors_->push_back(error_at_key(*anchor_, path_of(key), "E-missing-key", "is missing"));
}

void Reader::error(std::string_view key, std::string name, std::string message, std::string hint) {
  const Node* node = node_ == nullptr ? nullptr : node_->find(key);
  errors_->push_back(error_at(node != nullptr ? *node : *anchor_, path_of(key), std::move(name),
                              std::move(message), std::move(hint)));
}

void Reader::error_here(std::string name, std::string message, std::string hint) {
  errors_->push_back(
      error_at(*anchor_, path_, std::move(name), std::move(message), std::move(hint)));
}

Place Reader::place() const { return anchor_->place(); }

void Reader::note(Resolved& parent, std::string key, const Node& node, std::string text,
                  bool number) {
  Resolved& value = parent.add(std::move(key), Resolved::Kind::kValue);
  value.text = std::move(text);
  value.number = number;
  value.place = node.place();
  value.origin = node.line > 0 ? Resolved::Origin::kFile : Resolved::Origin::kOverride;
  if (node.source) value.source_line = node.source->line(node.line);
}

}  // namespace takt
