// SPDX-License-Identifier: Apache-2.0
#include "sim/config/resolved.h"

#include <algorithm>
#include <utility>

#include "sim/config/node.h"
#include "sim/config/types.h"

namespace takt {
namespace {

std::string origin_text(const Resolved& value) {
  switch (value.origin) {
    case Resolved::Origin::kDefault: return "default";
    case Resolved::Origin::kOverride: return value.place.file;
    case Resolved::Origin::kFile: break;
  }
  return value.place.file + ":" + std::to_string(value.place.line);
}

bool plain_key(const std::string& key) {
  if (key.empty()) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
}

std::string head(const Resolved& node) {
  return (plain_key(node.key) ? node.key : quote_yaml(node.key)) + ":";
}

/// Where a value is from; a comment must not end its line early: a file name may hold anything.
std::string comment(const Resolved& value) {
  if (!value.hashed) return "\n";
  std::string text = "  # " + origin_text(value);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text + "\n";
}

void print(const Resolved& node, const std::string& indent, std::string& out) {
  const bool list = node.kind == Resolved::Kind::kList;
  for (const auto& child : node.children) {
    const std::string lead = indent + (list ? "-" : head(*child));
    if (child->kind == Resolved::Kind::kValue) {
      out += lead + " " + child->text + comment(*child);
    } else if (child->children.empty()) {
      out += lead + (child->kind == Resolved::Kind::kList ? " []\n" : " {}\n");
    } else {
      out += lead + "\n";
      print(*child, indent + "  ", out);
    }
  }
}

void collect(const Resolved& node, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& out) {
  if (!node.hashed) return;
  if (node.kind == Resolved::Kind::kValue) out.emplace_back(path, node.text);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Resolved& child = *node.children[i];
    const bool list = node.kind == Resolved::Kind::kList;
    collect(child, join_path(path, list ? std::to_string(i) : child.key), out);
  }
}

}  // namespace

Resolved& Resolved::add(std::string child_key, Kind child_kind) {
  children.push_back(std::make_unique<Resolved>());
  Resolved& child = *children.back();
  child.key = std::move(child_key);
  child.kind = child_kind;
  child.hashed = hashed;
  return child;
}

const Resolved* Resolved::find(const std::string& child_key) const {
  for (const auto& child : children) {
    if (child->key == child_key) return child.get();
  }
  return nullptr;
}

std::string to_yaml(const Resolved& root) {
  std::string out;
  print(root, "", out);
  return out;
}

std::string hash_of(const Resolved& root) {
  std::vector<std::pair<std::string, std::string>> values;
  collect(root, "", values);
  std::sort(values.begin(), values.end());
  std::uint64_t hash = fnv1a("");
  // A zero byte after each part: "a" + "bc" and "ab" + "c" must differ.
  for (const auto& [path, text] : values) {
    hash = fnv1a(path + '\0', hash);
    hash = fnv1a(text + '\0', hash);
  }
  return hex64(hash);
}

std::uint64_t fnv1a(const std::string& text, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3ULL;
  }
  return hash;
}

std::string hex64(std::uint64_t value) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = kHex[(value >> (4 * i)) & 15];
  return text;
}

}  // namespace takt
