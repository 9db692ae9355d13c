// SPDX-License-Identifier: Apache-2.0
#pragma once
// A table of text for the terminal: columns as wide as what is in them, long names cut in the
// middle.

#include <cstddef>
#include <string>
#include <vector>

namespace takt {

struct TableColumn {
  std::string title;
  bool right = true;        ///< numbers
  bool may_shrink = false;  ///< is cut if the table is wider than allowed
};

class Table {
 public:
  explicit Table(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> cells);
  /// A line between the rows so far and the next.
  void rule() { rows_.emplace_back(); }
  /// At most `width` columns wide where shrinking allows it. `bold` brackets the title line.
  std::string text(std::size_t width, bool color) const;

 private:
  std::vector<std::size_t> widths(std::size_t width) const;
  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// Columns a text takes on a terminal, code points counting one each.
std::size_t display_width(const std::string& text);
/// Names out of files may hold anything: control characters, which a terminal would obey, become
/// '?'.
std::string printable(const std::string& text);
/// At most `width` columns: the middle is left out, because layers differ at their ends.
std::string shortened(const std::string& text, std::size_t width);

}  // namespace takt
