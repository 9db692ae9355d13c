// SPDX-License-Identifier: Apache-2.0
#include "sim/config/compose.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sim/config/parse.h"
#include "sim/config/suggest.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

std::string canonical(const std::string& path) {
  std::error_code code;
  const fs::path whole = fs::weakly_canonical(path, code);
  return code ? path : whole.string();
}

std::vector<std::string> folders_for(const std::string& from,
                                     const std::vector<std::string>& roots) {
  std::vector<std::string> folders;
  const fs::path own = fs::path(from).parent_path();
  folders.push_back(own.empty() ? "." : own.string());
  for (fs::path above = own; !above.empty() && above != above.root_path();
       above = above.parent_path()) {
    if (above.filename() != "configs") continue;
    if (above != own) folders.push_back(above.string());
    break;
  }
  for (const std::string& root : roots) {
    if (std::find(folders.begin(), folders.end(), root) == folders.end()) folders.push_back(root);
  }
  return folders;
}

class Composer {
 public:
  Composer(const ComposeOptions& options, Diagnostics& errors)
      : options_(options), errors_(errors), roots_(options.roots) {}

  /// A file with what it extends merged in. `prefix` is where its root stands in the whole tree.
  std::optional<Node> file(const std::string& path, const std::string& prefix) {
    open_.push_back(canonical(path));
    std::optional<Node> node = parse_file(path, errors_);
    if (node) node = extend(std::move(*node), path, prefix);
    open_.pop_back();
    return node;
  }

  /// Merges in what a parsed text extends, then reads the part files it names.
  std::optional<Node> extend(Node node, const std::string& path, const std::string& prefix) {
    std::optional<Node> base;
    if (const Node* name = node.find("extends")) {
      base = named_file(*name, join_path(prefix, "extends"), path, prefix);
      if (!base) return std::nullopt;
      remove_key(node, "extends");
    }
    expand_parts(node, prefix, path);
    if (!base) return node;
    return merge(std::move(*base), node);
  }

  /// File names in overrides are looked up in the working folder, then where the main file's are.
  void start_overrides(const std::string& main_file) { roots_ = folders_for(main_file, roots_); }
  void apply(Node& root, const std::string& text);

 private:
  std::optional<Node> named_file(const Node& name, const std::string& key_path,
                                 const std::string& from, const std::string& prefix) {
    if (!name.is_scalar()) {
      errors_.push_back(error_at(name, key_path, "E-wrong-shape",
                                 "expected the name of a file, got " + name.describe()));
      return std::nullopt;
    }
    const std::optional<std::string> path = find_file(name.text, from, roots_);
    if (!path) {
      errors_.push_back(error_at(name, key_path, "E-missing-file",
                                 "no such file: " + quoted_for_message(name.text),
                                 "looked in " + join_words(folders_for(from, roots_))));
      return std::nullopt;
    }
    if (std::find(open_.begin(), open_.end(), canonical(*path)) != open_.end()) {
      errors_.push_back(
          error_at(name, key_path, "E-extends-cycle",
                   quoted_for_message(name.text) + " extends itself: " + chain(*path)));
      return std::nullopt;
    }
    return file(*path, prefix);
  }

  std::string chain(const std::string& path) const {
    std::string text;
    bool in_cycle = false;
    for (const std::string& open : open_) {
      in_cycle = in_cycle || open == canonical(path);
      if (in_cycle) text += fs::path(open).filename().string() + " -> ";
    }
    return text + fs::path(path).filename().string();
  }

  bool is_part(const std::string& path) const {
    return std::find(options_.parts.begin(), options_.parts.end(), path) != options_.parts.end();
  }

  /// Replaces the name of a part file by what the file holds.
  void expand(Node& value, const std::string& path, const std::string& from) {
    std::optional<Node> part = named_file(value, path, from, path);
    if (!part) {
      value.kind = Node::Kind::kNull;
      value.reported = true;
      return;
    }
    part->whole = true;
    part->key_line = value.key_line;
    part->key_column = value.key_column;
    value = std::move(*part);
  }

  void expand_parts(Node& node, const std::string& path, const std::string& from) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string child_path = join_path(path, node.keys[i]);
      Node& child = node.children[i];
      if (is_part(child_path) && child.is_scalar()) {
        expand(child, child_path, from);
      } else {
        expand_parts(child, child_path, from);
      }
    }
  }

  static void remove_key(Node& node, std::string_view key) {
    const auto at = std::find(node.keys.begin(), node.keys.end(), key);
    const auto index = at - node.keys.begin();
    node.keys.erase(at);
    node.children.erase(node.children.begin() + index);
  }

  void override_error(const std::string& label, const std::string& path, std::string message,
                      std::string hint = "") {
    Diagnostic d;
    d.name = "E-bad-override";
    d.place.file = label;
    d.path = path;
    d.message = std::move(message);
    d.hint = std::move(hint);
    errors_.push_back(d);
  }

  const ComposeOptions& options_;
  Diagnostics& errors_;
  std::vector<std::string> roots_;
  std::vector<std::string> open_;  ///< files being read, outermost first
};

/// Adds a key to a map, or gives the node it has.
Node& slot(Node& map, const std::string& key, const Node& blank) {
  if (Node* found = map.find(key)) return *found;
  map.keys.push_back(key);
  map.children.push_back(blank);
  return map.children.back();
}

std::vector<std::string> split_keys(const std::string& path) {
  std::vector<std::string> keys;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    keys.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return keys;
}

void Composer::apply(Node& root, const std::string& text) {
  const std::string label = "--set " + text;
  const std::size_t equals = text.find('=');
  const std::string path = text.substr(0, equals);
  const std::vector<std::string> keys = split_keys(path);
  const bool empty = std::any_of(keys.begin(), keys.end(), [](const auto& k) { return k.empty(); });
  if (equals == std::string::npos || empty || keys.size() > static_cast<std::size_t>(kDepthMax)) {
    return override_error(label, "", "expected path.to.key=value",
                          "for example --set core.matrix.rows=64");
  }
  std::optional<Node> value = parse_value(text.substr(equals + 1), label, path, errors_);
  if (!value) return;
  Node* node = &root;
  std::string here;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!node->is_map()) {
      return override_error(label, path,
                            "'" + here + "' holds " + node->describe() + ", not a map");
    }
    Node blank;
    blank.kind = Node::Kind::kMap;
    blank.source = value->source;
    node = &slot(*node, keys[i], blank);
    here = join_path(here, keys[i]);
    if (i + 1 < keys.size() && is_part(here) && node->is_scalar()) {
      expand(*node, here, "");
      if (node->reported) return;
    }
  }
  // Only a map given in place merges: a value replaces.
  Node merged = merge(*node, *value);
  merged.source = value->source;
  merged.line = merged.column = merged.key_line = merged.key_column = 0;
  *node = std::move(merged);
  if (is_part(here) && node->is_scalar()) expand(*node, here, "");
}

std::optional<Node> finish(Composer& composer, std::optional<Node> node, const std::string& path,
                           const ComposeOptions& options) {
  if (!node) return std::nullopt;
  composer.start_overrides(path);
  for (const std::string& text : options.overrides) composer.apply(*node, text);
  return node;
}

}  // namespace

std::optional<std::string> find_file(const std::string& name, const std::string& from,
                                     const std::vector<std::string>& roots) {
  std::error_code code;
  if (fs::path(name).is_absolute()) {
    return fs::exists(name, code) ? std::optional<std::string>(name) : std::nullopt;
  }
  for (const std::string& folder : folders_for(from, roots)) {
    const fs::path path = folder == "." ? fs::path(name) : fs::path(folder) / name;
    if (fs::exists(path, code)) return path.string();
  }
  return std::nullopt;
}

Node merge(Node base, const Node& over) {
  if (!base.is_map() || !over.is_map() || over.whole) return over;
  for (std::size_t i = 0; i < over.keys.size(); ++i) {
    if (Node* found = base.find(over.keys[i])) {
      *found = merge(std::move(*found), over.children[i]);
    } else {
      base.keys.push_back(over.keys[i]);
      base.children.push_back(over.children[i]);
    }
  }
  // Errors about the map as a whole belong to the file on top.
  base.source = over.source;
  base.line = over.line;
  base.column = over.column;
  base.key_line = over.key_line;
  base.key_column = over.key_column;
  return base;
}

std::optional<Node> compose_file(const std::string& path, const ComposeOptions& options,
                                 Diagnostics& errors) {
  Composer composer(options, errors);
  return finish(composer, composer.file(path, ""), path, options);
}

std::optional<Node> compose_text(const std::string& text, const std::string& name,
                                 const ComposeOptions& options, Diagnostics& errors) {
  Composer composer(options, errors);
  std::optional<Node> node = parse_text(text, name, errors);
  if (node) node = composer.extend(std::move(*node), name, "");
  return finish(composer, std::move(node), name, options);
}

std::optional<Node> with_overrides(Node tree, const std::string& path,
                                   const ComposeOptions& options, Diagnostics& errors) {
  Composer composer(options, errors);
  return finish(composer, std::move(tree), path, options);
}

}  // namespace takt
