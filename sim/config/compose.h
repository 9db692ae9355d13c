// SPDX-License-Identifier: Apache-2.0
#pragma once
// One tree from several texts: a file, what it extends, the part files it names, and overrides from
// the command line. Every node keeps the place it was written at.

#include <optional>
#include <string>
#include <vector>

#include "sim/config/node.h"

namespace takt {

struct ComposeOptions {
  /// Key paths whose value may be the name of a file that holds it: "memory.standard".
  std::vector<std::string> parts;
  /// "core.matrix.rows=64": in this order, after everything else.
  std::vector<std::string> overrides;
  /// Folders in which named files are looked up after the naming file's own.
  std::vector<std::string> roots;
};

/// The whole tree, or nothing. Errors may come with a tree (duplicate keys), so that a reader can
/// report the rest as well.
std::optional<Node> compose_file(const std::string& path, const ComposeOptions& options,
                                 Diagnostics& errors);
/// The same of a text in memory; `name` stands for its file.
std::optional<Node> compose_text(const std::string& text, const std::string& name,
                                 const ComposeOptions& options, Diagnostics& errors);

/// A tree that was composed without overrides, with those of `options`: the file is read once for
/// many. `path` is the file's.
std::optional<Node> with_overrides(Node tree, const std::string& path,
                                   const ComposeOptions& options, Diagnostics& errors);

/// Where a named file lies: as it stands if absolute; else beside `from`, in a folder `configs`
/// above it, or in one of the roots. The first that exists.
std::optional<std::string> find_file(const std::string& name, const std::string& from,
                                     const std::vector<std::string>& roots);

/// `over` on `base`: maps merge key by key, all else is replaced.
Node merge(Node base, const Node& over);

}  // namespace takt
