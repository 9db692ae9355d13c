// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads the keys of a map, one typed value at a time, and reports everything that is wrong at once:
//
//   Reader r(root, errors);
//   const auto rows = r.required("rows", Whole{1, 65536});
//   const auto size = r.optional("size", Size{}, Bytes(64 * 1024));
//   Reader host = r.optional_map("host");
//   …
//   host.finish();
//   r.finish();                      // keys nobody asked for
//
// What cannot be read has its type's zero value; look at `errors` before using any of it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/config/node.h"
#include "sim/config/resolved.h"
#include "sim/config/types.h"

namespace takt {

class Reader {
 public:
  /// Of a map. `resolved`, if given, gets every value read; it must outlive the reader.
  Reader(const Node& node, Diagnostics& errors, Resolved* resolved = nullptr,
         std::string path = "");

  /// The value of a key that must be there.
  template <class Type>
  typename Type::value_type required(std::string_view key, const Type& type) {
    const Node* node = take(key);
    if (node == nullptr) {
      report_missing(key);
      return {};
    }
    return read(key, *node, type).value_or(typename Type::value_type{});
  }

  /// The value of a key, or `fallback` if it is not there.
  template <class Type>
  typename Type::value_type optional(std::string_view key, const Type& type,
                                     const typename Type::value_type& fallback) {
    const Node* node = take(key);
    if (node != nullptr) return read(key, *node, type).value_or(fallback);
    if (resolved_ != nullptr) {
      Resolved& value = resolved_->add(std::string(key), Resolved::Kind::kValue);
      value.text = type.format(fallback);
      value.number = Type::kNumber;
      value.origin = Resolved::Origin::kDefault;
    }
    return fallback;
  }

  /// The value of a key, or nothing if it is not there (or wrong, which is reported).
  template <class Type>
  std::optional<typename Type::value_type> maybe(std::string_view key, const Type& type) {
    const Node* node = take(key);
    if (node == nullptr) return std::nullopt;
    return read(key, *node, type);
  }

  /// A list of scalars; must be there if `min_count` > 0.
  template <class Type>
  std::vector<typename Type::value_type> list(std::string_view key, const Type& type,
                                              std::size_t min_count = 1,
                                              std::size_t max_count = 100'000) {
    std::vector<typename Type::value_type> values;
    Resolved* out = nullptr;
    const Node* node = take_list(key, min_count, max_count, out);
    if (node == nullptr) return values;
    for (std::size_t i = 0; i < node->children.size(); ++i) {
      const std::string item_path = path_of(key) + "[" + std::to_string(i) + "]";
      const Field field{node->children[i], item_path, *errors_};
      if (auto value = type.read(field)) {
        if (out != nullptr) note(*out, "", node->children[i], type.format(*value), Type::kNumber);
        values.push_back(*value);
      }
    }
    return values;
  }

  /// The map that is the value of a key.
  Reader map(std::string_view key);
  /// The same; if the key is not there, all of the map's keys have their defaults.
  Reader optional_map(std::string_view key);
  /// A list of maps.
  std::vector<Reader> maps(std::string_view key, std::size_t min_count = 1,
                           std::size_t max_count = 100'000);

  /// The node of a key as it stands, or null; the key counts as known.
  const Node* take(std::string_view key);
  bool has(std::string_view key) const;
  /// The map's keys in the order of the file.
  std::vector<std::string> keys() const;

  /// Reports every key that nobody asked for.
  void finish();

  /// An error at the value of `key`, or at the map if the key is not there.
  void error(std::string_view key, std::string name, std::string message, std::string hint = "");
  /// An error at the map itself.
  void error_here(std::string name, std::string message, std::string hint = "");

  /// There is no map to read, and that was reported.
  bool broken() const { return broken_; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const { return join_path(path_, key); }
  /// Of the map, or of the key that should have held it.
  Place place() const;
  Diagnostics& errors() { return *errors_; }
  Resolved* resolved() { return resolved_; }
  /// From here on, paths of keys asked for are written down too, here and in maps below.
  void log_keys(std::vector<std::string>* into) { asked_ = into; }

 private:
  Reader(const Node* node, const Node* anchor, Diagnostics& errors, Resolved* resolved,
         std::string path, std::vector<std::string>* asked);

  template <class Type>
  std::optional<typename Type::value_type> read(std::string_view key, const Node& node,
                                                const Type& type) {
    const std::string path = path_of(key);
    auto value = type.read(Field{node, path, *errors_});
    if (value && resolved_ != nullptr) {
      note(*resolved_, std::string(key), node, type.format(*value), Type::kNumber);
    }
    return value;
  }
  static void note(Resolved& parent, std::string key, const Node& node, std::string text,
                   bool number);
  const Node* take_list(std::string_view key, std::size_t min_count, std::size_t max_count,
                        Resolved*& out);
  Reader child(std::string_view key, const Node* node);
  void report_missing(std::string_view key);

  const Node* node_;     ///< null: nothing is there, or not a map (reported)
  const Node* anchor_;   ///< whose place errors about absent keys have
  bool broken_ = false;  ///< absence was reported already
  Diagnostics* errors_;
  Resolved* resolved_;
  std::string path_;
  std::vector<std::string> known_;
  std::vector<std::string>* asked_ = nullptr;
};

}  // namespace takt
