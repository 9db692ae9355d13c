// SPDX-License-Identifier: Apache-2.0
#pragma once
// "Did you mean": the known word nearest to a mistyped one.

#include <string>
#include <vector>

namespace takt {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The nearest of `known`, or empty if none is within a third of the word's length.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace takt
