// SPDX-License-Identifier: Apache-2.0
#pragma once
// YAML (hence JSON) text to a placed tree. Safe on any bytes: what is too big, too deep, not UTF-8
// or not YAML is an error with a place.

#include <optional>
#include <string>

#include "sim/config/node.h"

namespace takt {

/// No file of ours comes near these; what does is refused rather than read.
inline constexpr std::size_t kFileBytesMax = 8u << 20;
inline constexpr int kDepthMax = 64;
inline constexpr std::size_t kNodesMax = 400'000;
inline constexpr std::size_t kKeyBytesMax = 256;

/// The tree of `text`. A duplicate key is an error, and the tree keeps its first value, so that a
/// reader can report what else is wrong. Nothing if there is no tree.
std::optional<Node> parse_text(std::string text, const std::string& name, Diagnostics& errors);

/// The tree of a file.
std::optional<Node> parse_file(const std::string& path, Diagnostics& errors);

/// The whole file, or nothing and an error whose place is the file.
std::optional<std::string> read_whole_file(const std::string& path, std::size_t bytes_max,
                                           Diagnostics& errors);

/// The value of an override: one YAML value in one line. Its nodes have the place `name`, no line.
std::optional<Node> parse_value(const std::string& text, const std::string& name,
                                const std::string& path, Diagnostics& errors);

}  // namespace takt
