// SPDX-License-Identifier: Apache-2.0
#pragma once
// A text the user wrote, as a tree in which every node knows its place. YAML and JSON alike.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/diagnostic.h"

namespace takt {

/// The text of one file, kept for as long as a node of it lives: errors show its lines.
class SourceText {
 public:
  SourceText(std::string name, std::string text);
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  /// The text of line `line` (from 1); empty if there is none or it is too long to show.
  std::string line(int line) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> starts_;
};

/// A scalar, a map in the order of the file, a list, or nothing.
struct Node {
  enum class Kind { kNull, kScalar, kMap, kList };

  Kind kind = Kind::kNull;
  std::string text;     ///< of a scalar
  bool quoted = false;  ///< the scalar was written in quotes, hence is text
  /// Came from a named part file: replaces what it extends instead of merging with it.
  bool whole = false;
  /// What should be here could not be had, and that was reported: readers stay silent.
  bool reported = false;
  std::shared_ptr<const SourceText> source;
  int line = 0;  ///< from 1; 0 = unknown (an override)
  int column = 0;
  int key_line = 0;  ///< of the key this node is the value of
  int key_column = 0;
  std::vector<std::string> keys;  ///< of a map; keys[i] belongs to children[i]
  std::vector<Node> children;     ///< of a map or a list

  bool is_map() const { return kind == Kind::kMap; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  /// The value of a key of a map, or null.
  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);

  Place place() const;
  Place key_place() const;
  /// "a map", "a list", "the text 'abc'", "nothing": for messages.
  std::string describe() const;
};

/// `base.key`, or `key` if base is empty.
std::string join_path(const std::string& base, std::string_view key);

/// An error at a node's value, or at the key that names it.
Diagnostic error_at(const Node& node, const std::string& path, std::string name,
                    std::string message, std::string hint = "");
Diagnostic error_at_key(const Node& node, const std::string& path, std::string name,
                        std::string message, std::string hint = "");

/// In quotes, and short enough for a message.
std::string quoted_for_message(std::string_view text);

}  // namespace takt
