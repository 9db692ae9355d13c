// SPDX-License-Identifier: Apache-2.0
#pragma once
// "Did you mean": the nearest of the words that would have been right.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace takt {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest word, if it is near enough to be what was meant; the first of several.
std::optional<std::string> suggest(std::string_view word, const std::vector<std::string>& words);

/// "a, b, c".
std::string join_words(const std::vector<std::string>& words);

}  // namespace takt
