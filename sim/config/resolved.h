// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a reader made of a text: every key with its value in canonical form, defaults filled in, and
// where each came from. Printed as YAML it reads back to the same; its hash names the
// configuration.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/diagnostic.h"

namespace takt {

struct Resolved {
  enum class Kind { kMap, kList, kValue };
  enum class Origin { kFile, kOverride, kDefault };

  Kind kind = Kind::kMap;
  std::string key;   ///< in the map above
  std::string text;  ///< of a value, canonical
  Origin origin = Origin::kFile;
  Place place;              ///< of a value from a file or an override
  std::string source_line;  ///< the line of that place
  bool number = false;      ///< must have a source
  bool hashed = true;       ///< false: says where things are from, not what they are
  std::vector<std::unique_ptr<Resolved>> children;

  Resolved& add(std::string child_key, Kind child_kind);
  const Resolved* find(const std::string& child_key) const;
};

/// Block YAML, one value a line, each with a comment that says where it is from.
std::string to_yaml(const Resolved& root);

/// 16 hex digits: FNV-1a (64 bit) over path and value of every hashed value, by path.
std::string hash_of(const Resolved& root);

/// FNV-1a, 64 bit (Fowler, Noll, Vo; draft-eastlake-fnv).
std::uint64_t fnv1a(const std::string& text, std::uint64_t seed = 0xCBF29CE484222325ULL);
/// 16 hex digits.
std::string hex64(std::uint64_t value);

}  // namespace takt
